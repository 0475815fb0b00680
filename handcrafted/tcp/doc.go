// Package tcp is RFC 9293 as a state machine, to be read with the RFC open
// beside it. It does no I/O, starts no goroutine, takes no lock and never
// looks at a clock: segments, user calls and the time come in, segments, state
// changes and the time of the next wake-up go out as [Effects].
//
// Where things are:
//
//	conn.go, config.go     the connection, what the caller chooses, Open
//	profile.go             which behaviour: the RFCs, or a program of 2017
//	state.go               the states and the one function that changes them
//	timers.go              every timer, and the next deadline
//	arrive.go              §3.10.7.4, a segment arrives, step by step
//	arrive_synsent.go      §3.10.7.3, the same in SYN-SENT; listen.go §3.10.7.2
//	acked.go               what an acknowledgement does (fifth step)
//	calls.go, close.go     the user's calls of §3.10
//	output.go, segment.go  what may leave now, and how a segment is made
//	retransmit.go          sending again, R1 and R2; persist.go zero-window probes
//	ack.go                 when an acknowledgement leaves
//	window.go              our window; sendwindow.go the peer's; tuning.go buffers
//	options.go             what both SYNs agree on; timestamps.go echo and PAWS
//	keepalive.go, urgent.go, ecn.go, icmp.go, pmtu.go, isn.go  as they say
//
// Packages below this one: recovery (what is in flight, which of it is lost),
// congestion (how much may be in flight), reassembly (what was received, in
// order and not).
//
// A Conn is not safe for concurrent use; the caller serialises its calls.
//
// # Limitations
//
// LISTEN is a function, [Accept], and no Conn: a port with a backlog is the
// caller's to keep. There is no TCP Fast Open, no MPTCP, no AccECN and no source
// routing.
package tcp
