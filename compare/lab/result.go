package lab

import (
	"fmt"
	"net/netip"
	"time"

	"tcping-cmp/tap"
)

// Stage is a part of a conversation.
type Stage string

// The stages, in their order.
const (
	StagePrepare Stage = "prepare" // building the site and putting the stack on it
	StageConnect Stage = "connect"
	StageSend    Stage = "send"
	StageExpect  Stage = "expect"
	StageClose   Stage = "close"
)

// Error says at which stage a conversation failed, and in one sentence why and
// what to do. It unwraps to the cause.
type Error struct {
	Stage    Stage
	Sentence string
	Err      error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Stage, e.Sentence) }
func (e *Error) Unwrap() error { return e.Err }

// Result is what is known after a conversation, however it ended.
type Result struct {
	Stack         string
	Settings      []Setting // of the stack
	Environment   []Setting // of the place
	Local, Remote netip.AddrPort
	Recording     tap.Recording // until the conversation was over; what cleaning up sent is not in it
	Received      []byte        // what the peer sent, as far as the script expected it
	Surplus       int           // bytes that it sent beyond that

	// State is the RFC 9293 name of the state that the stack's end was left
	// in; CLOSED if there was no connection.
	State string
	// PeerState is the same of the peer's end; empty if it cannot be seen.
	PeerState string
	// PeerErr is what the peer says went wrong; nil if nothing or unknown.
	PeerErr error

	Started time.Time
	Connect time.Duration // from the call until the connection was open; 0 if it never was
	Echo    time.Duration // from sending until all that was expected was there; 0 if it never was
	Total   time.Duration // from the call until both ends were done and the wire quiet
	Quiet   time.Duration // how long the wire had to be quiet for that

	Err error // nil, or an *Error
}

// final reports whether an end needs nothing more from the other.
func final(state string) bool { return state == stateClosed || state == stateTimeWait }

const (
	stateClosed   = "CLOSED"
	stateTimeWait = "TIME-WAIT"
)
