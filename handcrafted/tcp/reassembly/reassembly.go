// Package reassembly is a TCP receiver's queue: it takes segments in any order,
// keeps each octet once, and gives them out in order. It knows RCV.NXT, the
// out-of-order ranges and the position of the FIN, and it writes the SACK blocks
// (RFC 2018, RFC 2883) for the peer.
//
// An octet lies in a ring at its sequence number modulo the ring's size, so a
// segment is copied once, into its place, and nothing is allocated for it. The
// ring starts small and grows up to the window on demand. What was received
// first stays: overlapping data never overwrites it.
//
// # Limitations
//
// Memory is bounded by the window, rounded up to a power of two, plus
// MaxRanges out-of-order ranges of 16 octets. A segment that would make one
// range more is not kept: the peer sends it again. A window is at most 1 GiB
// (RFC 7323 §2.3).
package reassembly
