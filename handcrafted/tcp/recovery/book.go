package recovery

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// dupThresh is the number of duplicate ACKs that means a loss (RFC 5681 §3.2,
// RFC 6675 §2).
const dupThresh = 3

// phase is where the sender stands between losses.
type phase uint8

const (
	open   phase = iota // no loss is known
	fast                // fast recovery: cwnd stands still until SND.UNA reaches recover
	repair              // after a timeout or a smaller MSS: cwnd grows while losses are resent
)

// force is a segment that Next returns whatever the window says.
type force uint8

const (
	noForce    force = iota
	forceLost        // the first lost segment
	forceProbe       // a tail loss probe
)

// Book is the record of one connection's sending side. It is not safe for
// concurrent use. It does not allocate once it has held as many segments as are
// ever in flight.
type Book struct {
	cfg   Config
	sack  bool // SACK was negotiated
	rack  bool // and RACK-TLP is in use
	est   estimator
	epoch time.Time // time 0 of the book
	last  int64     // latest time seen

	una, nxt wire.Seq
	ring     ring
	fin      wire.Seq // sequence number of the FIN, if hasFIN
	hasFIN   bool

	// Sums over the entries, in octets; none counts what is SACKed but sacked.
	sacked, lost, rex, waiting int
	sackedSegs                 int
	sackHigh                   wire.Seq          // end of the highest SACKed segment, if sacked > 0
	seen                       [4]wire.SACKBlock // marked to the end: the blocks of the ACK before
	lossMark                   wire.Seq          // all below has been judged by RFC 6675 IsLost
	hint                       wire.Seq          // no lost segment waits below it

	phase   phase
	recover wire.Seq // SND.NXT when the last recovery began
	dups    int      // duplicate ACKs in a row
	dupOct  int      // octets that they took out of the pipe (no SACK)
	limited int      // octets sent by Limited Transmit
	rescued bool     // the rescue of RFC 6675 §4 rule 4 is used up
	force   force
	reduced wire.Seq // one reduction a window: none until SND.UNA is here

	rtoAt    int64 // RFC 6298 §5; 0: not running
	synLost  bool  // the timer fired for the SYN (RFC 6298 §5.7)
	rttSeq   wire.Seq
	minRTT   int64 // 0: none
	minRTTAt int64

	r   rack
	tlp probe
	un  undo
}

// New returns the book of a connection whose first octet, the SYN, is iss.
func New(iss wire.Seq, cfg Config) *Book {
	b := new(Book)
	b.open(iss, cfg)
	return b
}

// Reset makes it the book of a connection that has nothing more to send, and
// frees what it took to note what was in flight.
func (b *Book) Reset(iss wire.Seq) { b.open(iss, Config{}) }

func (b *Book) open(iss wire.Seq, cfg Config) {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&cfg.InitialRTO, time.Second)
	set(&cfg.MinRTO, time.Second)
	set(&cfg.MaxRTO, 60*time.Second)
	set(&cfg.Granularity, time.Millisecond)
	set(&cfg.MaxAckDelay, 200*time.Millisecond)
	set(&cfg.MinPTO, 10*time.Millisecond)
	if cfg.MSS <= 0 {
		cfg.MSS = 536
	}
	if cfg.MaxSegments <= 0 {
		cfg.MaxSegments = 32768
	}
	*b = Book{
		cfg: cfg, una: iss, nxt: iss, recover: iss, reduced: iss, hint: iss,
		lossMark: iss, rttSeq: iss, r: rack{mult: 1, fack: iss},
		est: estimator{
			rto: cfg.InitialRTO, min: cfg.MinRTO, max: cfg.MaxRTO,
			granularity: cfg.Granularity,
		},
	}
}

// Negotiated says what the handshake gave: the effective send MSS and whether
// both sides permitted SACK. RACK-TLP needs SACK (RFC 8985 §4).
func (b *Book) Negotiated(mss int, sack bool) {
	b.cfg.MSS = max(mss, 1)
	b.sack = sack
	b.rack = sack && !b.cfg.NoRACK
}

// clock turns a time into nanoseconds since the epoch, which is 1 ns before the
// first time seen, so that 0 can mean "none". It never goes back.
func (b *Book) clock(now time.Time) int64 {
	if b.epoch.IsZero() {
		b.epoch = now.Add(-1)
	}
	b.last = max(b.last, int64(now.Sub(b.epoch)))
	return b.last
}

// Una returns SND.UNA.
func (b *Book) Una() wire.Seq { return b.una }

// Nxt returns SND.NXT: the end of what was sent.
func (b *Book) Nxt() wire.Seq { return b.nxt }

// Flight returns FlightSize: octets sent and not acknowledged (RFC 5681 §2).
func (b *Book) Flight() int { return b.nxt.Sub(b.una) }

// Full reports whether the book is at its bound: no new data until some is
// acknowledged.
func (b *Book) Full() bool { return b.ring.n >= b.cfg.MaxSegments }

// RTO returns the timeout as it is now, back-off included.
func (b *Book) RTO() time.Duration { return b.est.rto }

// SRTT returns the smoothed round-trip time; 0 before the first sample.
func (b *Book) SRTT() time.Duration { return b.est.srtt }

// MinRTT returns the shortest round-trip time of late; 0 before the first
// sample.
func (b *Book) MinRTT() time.Duration { return time.Duration(b.minRTT) }

// Pipe returns the octets that are thought to be in the network (RFC 6675 §4).
// Without SACK each duplicate ACK counts as one SMSS that has left it, which is
// what RFC 5681 §3.2 reaches by inflating cwnd.
func (b *Book) Pipe() int {
	return max(b.Flight()-b.sacked-b.lost-b.dupOct, 0) + b.rex
}

// Sent enters a segment that leaves: n octets of sequence space from seq on. If
// seq is before SND.NXT it is a retransmission and must not reach beyond it. New
// data must begin at SND.NXT.
func (b *Book) Sent(now time.Time, seq wire.Seq, n int, m Mark) {
	if n <= 0 {
		return
	}
	t := b.clock(now)
	isProbe, again := b.force == forceProbe, seq.Before(b.nxt)
	b.force = noForce
	if again {
		b.resent(t, seq, n)
	} else {
		b.sentNew(t, seq, n, m)
	}
	if b.rtoAt == 0 {
		b.rtoAt = t + int64(b.est.rto) // RFC 6298 §5.1
	}
	if isProbe {
		b.tlp.out, b.tlp.end, b.tlp.old = true, b.nxt, again
		return
	}
	b.scheduleProbe(t)
}

// sentNew enters new data.
func (b *Book) sentNew(t int64, seq wire.Seq, n int, m Mark) {
	if seq != b.nxt {
		panic("BUG: new data does not begin at SND.NXT")
	}
	e := entry{seq: seq, n: uint32(n), first: t, at: t, count: 1}
	if m&SYN != 0 {
		e.flags = fSYN
	}
	b.nxt = seq.Add(n)
	if m&FIN != 0 {
		b.hasFIN, b.fin = true, b.nxt-1
	}
	b.ring.push(e)
	if b.phase == open && (b.dups > 0 || b.sacked > 0) {
		b.limited += n
	}
}

// resent enters a retransmission, splitting entries that it covers in part.
func (b *Book) resent(t int64, seq wire.Seq, n int) {
	end := seq.Add(n)
	i := b.ring.find(seq)
	if i < b.ring.n && b.ring.at(i).seq.Before(seq) && b.split(i, seq) {
		i++
	}
	if i == 0 {
		b.rtoAt = t + int64(b.est.rto)
	}
	for ; i < b.ring.n && b.ring.at(i).seq.Before(end); i++ {
		if b.ring.at(i).end().After(end) {
			b.split(i, end)
		}
		e := b.ring.at(i)
		b.change(e, e.flags|fRex)
		e.at = t
		if e.count < 255 {
			e.count++
		}
		b.un.resent++
	}
}

// split cuts the entry with index i at seq. It reports false if the book has no
// room for one entry more; then the entry stays whole.
func (b *Book) split(i int, seq wire.Seq) bool {
	if b.ring.n >= 2*b.cfg.MaxSegments {
		return false
	}
	first := *b.ring.at(i)
	rest := b.ring.at(i)
	first.n = uint32(seq.Sub(first.seq))
	rest.n -= first.n
	rest.seq = seq
	rest.flags &^= fSYN
	if rest.has(fSacked) {
		b.sackedSegs++
	}
	b.ring.insert(i, first)
	return true
}

// change gives an entry new flags and keeps the sums right. A SACKed entry is
// neither lost nor on its way.
func (b *Book) change(e *entry, flags uint8) {
	if flags&fSacked != 0 {
		flags &^= fLost | fRex
	}
	b.count(e, -1)
	e.flags = flags
	b.count(e, 1)
	if e.waiting() && e.seq.Before(b.hint) {
		b.hint = e.seq
	}
}

// count adds an entry to the sums, or takes it out with sign -1.
func (b *Book) count(e *entry, sign int) {
	n := sign * int(e.n)
	if e.has(fSacked) {
		b.sacked += n
		b.sackedSegs += sign
	}
	if e.has(fLost) {
		b.lost += n
	}
	if e.has(fRex) {
		b.rex += n
	}
	if e.waiting() {
		b.waiting += n
	}
}
