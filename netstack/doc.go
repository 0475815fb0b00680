// Package netstack is gVisor's TCP behind the interface that every stack of a
// comparison offers: attach it to a tap.Link, dial, talk. It is the reference
// that a hand-written TCP is held against, so every default is the library's
// own, and Settings reads them back from the stack instead of repeating them.
//
// Serve is the other end: an echo server on a link, for machines on which no
// Linux server can be put behind one.
//
// Virtual is the same stack under a clock that its user moves: stepped frame by
// frame, and the same seed gives the same bytes.
//
// # Limitations
//
// Segments are handled on goroutines of gVisor's own; in virtual time one
// function, settle, waits for them.
// A segment that gVisor queues while its 4096-packet transmit queue is full is
// lost silently; the queue is drained by a goroutine of this package.
package netstack
