// Package recovery is a TCP sender's book of what is in flight: which octets
// were sent when and how often, which of them the peer holds, which are lost,
// and what has to be sent again. It holds the retransmission timer (RFC 6298),
// fast retransmit with NewReno (RFC 5681 §3.2, RFC 6582) for peers without
// SACK, the SACK scoreboard (RFC 2018, 2883, 6675), Limited Transmit (RFC
// 3042), and RACK with tail loss probes (RFC 8985), which need SACK.
//
// How a caller uses a Book:
//
//	b := recovery.New(iss, recovery.Config{MSS: mss})
//	b.Sent(now, iss, 1, recovery.SYN)         // each segment that leaves
//	b.Negotiated(mss, sack)                   // when the SYN,ACK is in
//	r := b.Acked(now, recovery.Ack{...})      // each acceptable ACK
//	for {                                     // then, and after each Expired
//		c := b.Next(cwnd-b.Pipe(), unsent)
//		...                                   // Nothing, Retransmit, NewData
//		b.Sent(now, seq, n, 0)
//	}
//	b.Deadline(); b.Expired(now)              // all timers of the book
//
// Sent tells a retransmission by its sequence number. A retransmission may be
// shorter than what was asked for (the MSS or the peer's window shrank): the
// book splits its entry.
//
// What the RFCs leave open, and what is chosen here:
//
//   - Pipe does for the peer without SACK what the inflated window does in RFC
//     5681 §3.2: each duplicate ACK takes one SMSS out of the pipe. So "pipe +
//     segment <= cwnd" is the only rule, and the first two duplicate ACKs let
//     one new segment each go (Limited Transmit), with SACK and without.
//   - After a timeout the SACK information is kept (RFC 6675 §5.1, SHOULD),
//     since a peer that throws away what it reported is found out anyhow: the
//     octet it asks for is one that it had reported. Then all it reported
//     counts as lost.
//   - One round-trip sample a round trip (RFC 6298 §3), from the book's own
//     clock for data sent once, from TSecr for data sent twice. Never from an
//     ACK that covers retransmitted data without timestamps (Karn).
//   - A block that is not wholly inside (SND.UNA, SND.NXT] is ignored; a segment
//     counts as SACKed when one block covers all of it. So SACK never splits an
//     entry and the book cannot be made to grow by blocks.
//   - RACK's DupThresh rule keeps "retransmit on the third duplicate ACK" while
//     no reordering was seen.
//
// # Limitations
//
// No F-RTO (RFC 5682). Retransmissions are not merged into larger segments.
package recovery
