package wire

// Seq is a TCP sequence number. Its arithmetic is modulo 2^32 (RFC 9293
// §3.4): comparing two of them with < is a bug.
type Seq uint32

// Before reports whether a comes before b, for numbers less than 2^31 apart.
func (a Seq) Before(b Seq) bool { return int32(a-b) < 0 }

// After reports whether a comes after b.
func (a Seq) After(b Seq) bool { return int32(a-b) > 0 }

// In reports whether a lies in [first, first+size).
func (a Seq) In(first Seq, size uint32) bool { return uint32(a-first) < size }

// Add returns a+n.
func (a Seq) Add(n int) Seq { return a + Seq(uint32(n)) }

// Sub returns the octets from b to a; negative when a is before b.
func (a Seq) Sub(b Seq) int { return int(int32(a - b)) }
