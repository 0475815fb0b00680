// Package handcrafted is a host built by hand: Ethernet, neighbours, IPv4,
// IPv6, ICMP and a TCP that opens connections and accepts them.
//
// It comes in two layers. [Host] does no I/O and knows no clock: frames, user
// calls and the time go in, frames come out as [Effects], and Next says when to
// come back. It can be stepped frame by frame. [Client] puts a Host on a
// tap.Link in real time, and [Conn] is a net.Conn on top of it:
//
//	client, err := handcrafted.Open(handcrafted.Config{Link: link, …})
//	conn, err := client.DialContext(ctx, "tcp", "192.0.2.1:7")
//	listener, err := client.Listen("tcp", ":80")
//
// Where things are:
//
//	config.go    what the caller chooses
//	host.go      the host, its connections (flow.go), their ports and deadlines
//	receive.go   from a frame to the connection it belongs to; icmp.go
//	send.go      from a segment to a frame; effects.go
//	drops.go     why a frame was not used, counted
//	client.go    a host on a link, in real time; write.go
//	wait.go      who reads the link: whoever waits; patience.go
//	conn.go      the net.Conn; dial.go, deadline.go, options.go
//	listen.go    ports that others may open; listener.go the net.Listener
//
// # Limitations
//
// A host that shares its address with the kernel (Config.Shared) can only open
// connections, not accept them. There are no SYN cookies: a backlog that is
// full drops SYNs. Fragments are not put together: they
// are dropped and counted. There is one interface with one address of each
// version, and one gateway; redirects, router advertisements and multicast
// listener reports are neither sent nor heeded.
package handcrafted
