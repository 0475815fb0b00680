package recovery

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// holds names a requirement that the test checks; docs/conformance.md is made
// from these calls.
func holds(t testing.TB, id string) {
	t.Helper()
	t.Logf("holds %s", id)
}

const (
	mss = 1000
	ms  = time.Millisecond
)

// iss puts the first data octet at 0, so that the numbers in the tests are
// relative, and the SYN just before the wrap-around.
const iss = wire.Seq(1<<32 - 1)

// rig drives a book through a transcript in virtual time.
type rig struct {
	t    *testing.T
	b    *Book
	now  time.Time
	zero time.Time
	last Result
	ts   bool // ACKs carry timestamps
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// newRig returns a rig before its SYN.
func newRig(t *testing.T, cfg Config) *rig {
	cfg.MSS = mss
	return &rig{t: t, b: New(iss, cfg), now: epoch, zero: epoch}
}

// established returns a rig whose handshake took rtt.
func established(t *testing.T, sack bool, rtt time.Duration, cfg Config) *rig {
	r := newRig(t, cfg)
	r.b.Sent(r.now, iss, 1, SYN)
	r.pass(rtt)
	r.ack(0)
	r.b.Negotiated(mss, sack)
	return r
}

func (r *rig) pass(d time.Duration) { r.now = r.now.Add(d) }

// send sends n new segments of mss octets.
func (r *rig) send(n int) {
	for range n {
		r.b.Sent(r.now, r.b.Nxt(), mss, 0)
	}
}

// ack lets a pure ACK arrive; blocks are pairs of segment numbers: left, right.
func (r *rig) ack(seq wire.Seq, blocks ...int) Result {
	return r.ackTS(seq, r.now, blocks...)
}

// ackTS is ack, which echoes the timestamp of echo if timestamps are in use.
func (r *rig) ackTS(seq wire.Seq, echo time.Time, blocks ...int) Result {
	a := Ack{Ack: seq, Pure: true}
	for i := 0; i+1 < len(blocks); i += 2 {
		a.SACK = append(a.SACK, wire.SACKBlock{Left: wire.Seq(blocks[i] * mss), Right: wire.Seq(blocks[i+1] * mss)})
	}
	if r.ts {
		a.HasTS = true
		a.TSNow, a.TSEcr = r.stamp(r.now), r.stamp(echo)
	}
	r.last = r.b.Acked(r.now, a)
	checkBook(r.t, r.b)
	return r.last
}

// stamp is a millisecond clock that wraps around soon.
func (r *rig) stamp(at time.Time) uint32 { return uint32(at.Sub(r.zero)/ms) - 500 }

// wantResent expects that segment number n is what goes next, and sends it.
func (r *rig) wantResent(room, n int) {
	r.t.Helper()
	c := r.b.Next(room, true)
	if c.Kind != Retransmit || c.Seq != wire.Seq(n*mss) || c.Len != mss {
		r.t.Fatalf("next is %+v, want a retransmission of segment %d", c, n)
	}
	r.b.Sent(r.now, c.Seq, c.Len, 0)
	checkBook(r.t, r.b)
}

// wantNext expects what goes next, without sending it.
func (r *rig) wantNext(room int, fresh bool, want Kind) Choice {
	r.t.Helper()
	c := r.b.Next(room, fresh)
	if c.Kind != want {
		r.t.Fatalf("next is %+v, want kind %d", c, want)
	}
	return c
}

// wantPipe expects the octets in the pipe, in segments.
func (r *rig) wantPipe(n int) {
	r.t.Helper()
	if got := r.b.Pipe(); got != n*mss {
		r.t.Fatalf("pipe is %d octets, want %d segments", got, n)
	}
}

// deadline expects the next timer to be due in d.
func (r *rig) deadline(d time.Duration) {
	r.t.Helper()
	at := r.b.Deadline()
	if d == 0 && at.IsZero() {
		return
	}
	if got := at.Sub(r.now); got != d {
		r.t.Fatalf("the next timer is due in %v, want %v", got, d)
	}
}

// fire waits for the next timer and runs it.
func (r *rig) fire(want Expiry) Action {
	r.t.Helper()
	at := r.b.Deadline()
	if at.IsZero() {
		r.t.Fatalf("no timer runs, want expiry %d", want)
	}
	if a := r.b.Expired(at.Add(-1)); a.Expiry != NotDue {
		r.t.Fatalf("a timer fired early: %+v", a)
	}
	if at.After(r.now) {
		r.now = at
	}
	a := r.b.Expired(r.now)
	if a.Expiry != want {
		r.t.Fatalf("timer: %+v, want expiry %d", a, want)
	}
	checkBook(r.t, r.b)
	return a
}

// checkBook recomputes every sum of the book from its entries.
func checkBook(t testing.TB, b *Book) {
	t.Helper()
	var sacked, lost, rex, waiting, segs int
	at := b.una
	for i := range b.ring.n {
		e := b.ring.at(i)
		if e.seq != at || e.n == 0 {
			t.Fatalf("entry %d begins at %d, want %d (%d octets)", i, e.seq, at, e.n)
		}
		at = e.end()
		n := int(e.n)
		if e.has(fSacked) {
			sacked, segs = sacked+n, segs+1
			if e.has(fLost) || e.has(fRex) {
				t.Fatalf("entry %d is SACKed and lost", i)
			}
		}
		if e.has(fLost) {
			lost += n
		}
		if e.has(fRex) {
			rex += n
		}
		if e.has(fLost) && !e.has(fRex) {
			waiting += n
			if e.seq.Before(b.hint) {
				t.Fatalf("entry %d waits below the hint", i)
			}
		}
	}
	if at != b.nxt {
		t.Fatalf("entries end at %d, SND.NXT is %d", at, b.nxt)
	}
	if sacked != b.sacked || lost != b.lost || rex != b.rex || waiting != b.waiting || segs != b.sackedSegs {
		t.Fatalf("sums %d %d %d %d %d, recomputed %d %d %d %d %d",
			b.sacked, b.lost, b.rex, b.waiting, b.sackedSegs, sacked, lost, rex, waiting, segs)
	}
	if p := b.Pipe(); p < 0 || p > 2*b.Flight() {
		t.Fatalf("pipe %d with %d in flight", p, b.Flight())
	}
}
