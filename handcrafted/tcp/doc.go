// Package tcp is RFC 9293 as a state machine, to be read with the RFC open
// beside it. It does no I/O, starts no goroutine, takes no lock and never
// looks at a clock: segments, user calls and the time come in, segments, state
// changes and the time of the next wake-up go out as [Effects].
//
// Where things are:
//
//	conn.go, config.go   the connection, what the caller chooses, Open
//	profile.go           which behaviour: the RFCs, or a program of 2017
//	state.go             the states and the one function that changes them
//	timers.go            every timer, and the next deadline
//	arrive*.go           §3.10.7: a segment arrives, step by step
//	output.go            what may leave now; segment.go how it is built
//	ack.go               when an acknowledgement leaves
//	window.go            our receive window; sendwindow.go the peer's
//	close.go             CLOSE, ABORT, TIME-WAIT
//	retransmit.go        retransmission, R1 and R2
//
// A Conn is not safe for concurrent use; the caller serialises its calls.
//
// # Limitations
//
// Only the active side opens: LISTEN is in the table of states and nothing
// enters it. There is no TCP Fast Open, no MPTCP, no AccECN and no source
// routing.
package tcp
