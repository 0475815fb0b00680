// Package lab is where conversations happen: private namespaces with a Linux
// echo server in real time, the scripted peer in virtual time. It defines what
// a stack has to offer, and holds the Linux kernel as one of them.
//
// Converse has one Stack hold one conversation at a Place and returns the
// recording. There are three places: NewTAP, a Linux server in a private
// namespace behind a TAP device, new for each conversation; NewEth, a real
// host; NewMem, a wire in memory. Enter gives an ordinary user the first.
//
// PlayScript plays a packetdrill script to a VirtualStack: the player is peer,
// application and clock at once. PlayConversation has one talk to another that
// echoes, over a wire that a script impairs. Both return a Play: the recording
// and what the oracles find.
//
// # Limitations
//
// One conversation at a time is held at a site, over one connection. A place
// of NewTAP costs some tens of milliseconds a conversation, most of it the
// kernel's taking the device down again. Everything but NewMem needs Linux.
// The kernel's part in an IPv6 lab is as quiet as it can be made, which is why
// it speaks version 1 of the multicast listener protocol.
package lab

import (
	"context"
	"io"
	"net"
	"net/netip"

	"tcping-cmp/tap"
)

// Network is a stack's place on a link.
type Network struct {
	MAC                net.HardwareAddr
	Addr4              netip.Prefix // own address and the subnet it is in; invalid if IPv4 is not used
	Addr6              netip.Prefix // the same for IPv6
	Gateway4, Gateway6 netip.Addr   // next hop for what is off-link; invalid if there is none
	MTU                int          // bytes of IP packet in one frame
}

// Stack is an implementation of TCP that can hold a conversation.
type Stack interface {
	// Name is what reports and captures call the stack.
	Name() string
	// Settings lists its version and the defaults that show on the wire, for
	// the report's environment.
	Settings() []Setting
	// Attach puts the stack on a link. The host reads the link until Close;
	// it does not close the link.
	Attach(ctx context.Context, link tap.Link, network Network) (Host, error)
}

// Setting is one line of a report's environment.
type Setting struct{ Name, Value string }

// Host is a stack on a link.
type Host interface {
	// Dial opens a connection from the local port, which is chosen by the
	// caller so that the port can be guarded. Errors unwrap to
	// syscall.ECONNREFUSED after a RST, ETIMEDOUT or
	// os.ErrDeadlineExceeded/context errors when nobody answers, and
	// EHOSTUNREACH when the next hop does not.
	Dial(ctx context.Context, local, remote netip.AddrPort) (Conn, error)
	Close() error
}

// Conn is an open connection of a stack.
type Conn interface {
	net.Conn
	CloseWrite() error // send a FIN after what is queued; reading goes on
	// State returns the RFC 9293 name of the connection's state
	// (ESTABLISHED, FIN-WAIT-1, …), also after Close.
	State() string
}

var _ io.Closer = Host(nil)
