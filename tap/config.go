package tap

import (
	"net"

	"github.com/vishvananda/netns"
	"golang.org/x/net/bpf"
)

// TAPConfig says what TAP device to create. The zero value is a device that
// is up, in the caller's network namespace, with a name, address and MTU of
// the kernel's choice.
type TAPConfig struct {
	Name      string           // at most 15 bytes; empty lets the kernel choose
	Namespace netns.NsHandle   // where to create it; zero means where the caller is
	HostMAC   net.HardwareAddr // address of the kernel's end; nil lets the kernel choose
	MTU       int              // bytes of IP packet in one frame; 0 is the kernel's 1500
	Down      bool             // leave it down, to be configured first
}

// EthConfig says how to open an interface that is already there.
type EthConfig struct {
	Namespace   netns.NsHandle       // where it is; zero means where the caller is
	Promiscuous bool                 // receive frames for other addresses too
	Filter      []bpf.RawInstruction // what to receive; nil means everything
	Buffer      int                  // bytes of receive buffer; 0 means 8 MiB
}
