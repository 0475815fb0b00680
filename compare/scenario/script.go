// Package scenario holds what happens in a conversation: what the application
// does, what the peer does, and what the wire does to both.
//
// Scripts are written in packetdrill's notation with the extensions of
// docs/scenarios.md. Parse reads one into a File, which String prints again;
// Compile gives it its meaning, a Script: calls and packets in time order
// with the settings that the stack under test should have, or a whole
// conversation with impairments. Read does both. Nothing here plays a script,
// and no command or code of a script is ever executed.
//
// # Limitations
//
// Encapsulation, UDP, SCTP, Multipath TCP, TCP in UDP and packetdrill's
// fuzzing are read but not given a meaning: Script.Unsupported lists them.
// --define replaces words in arguments, results and cookies, but not the
// names of calls or whole commands. Strings end on their line. Comments after
// the first statement are not kept in a File.
package scenario

import "time"

// Closer says which end closes first.
type Closer string

// Who closes first.
const (
	// PeerFirst: the server echoes once and closes; the client waits for its
	// FIN and then closes too. The manner of the program of 2017.
	PeerFirst Closer = "last"
	// ClientFirst: the client closes when it has what it expects; the server
	// echoes until then (RFC 862).
	ClientFirst Closer = "first"
)

// Application is what the application above the stack under test does: it
// connects, sends all of Send, reads until it has Expect bytes, closes in the
// manner of Close.
type Application struct {
	Send    []byte
	Expect  int    // bytes to wait for before closing
	Check   bool   // the bytes must be those that were sent
	Close   Closer // the client's place in closing: first or last
	Timeout time.Duration
}
