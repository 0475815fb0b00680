package reassembly

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"tcping-cmp/handcrafted/wire"
)

// holds names a requirement that the test checks; docs/conformance.md is made
// from these calls.
func holds(t testing.TB, id string) {
	t.Helper()
	t.Logf("holds %s", id)
}

// text returns the n octets that belong at seq: each sequence number has its
// own value, so misplaced octets show.
func text(seq wire.Seq, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		s := uint32(seq.Add(i))
		p[i] = byte(s ^ s>>8 ^ s>>16*7)
	}
	return p
}

func insert(q *Queue, seq wire.Seq, n int) Inserted { return q.Insert(seq, text(seq, n), false) }

// drain reads everything and checks it against what belongs at the place.
func drain(t *testing.T, q *Queue, seq wire.Seq) {
	t.Helper()
	p := make([]byte, q.Readable())
	if n := q.Read(p); n != len(p) {
		t.Fatalf("Read gave %d octets of %d", n, len(p))
	}
	if !bytes.Equal(p, text(seq, len(p))) {
		t.Fatalf("octets from %d on are not what was sent", seq)
	}
}

// buffered returns the octets of sequence space that wait behind a hole.
func buffered(q *Queue) int {
	n := 0
	for _, s := range q.spans {
		n += s.right.Sub(s.left)
	}
	return n
}

func wantSACK(t *testing.T, q *Queue, room int, want ...wire.SACKBlock) {
	t.Helper()
	if got := q.SACK(nil, room); !slices.Equal(got, want) {
		t.Fatalf("SACK blocks %v, want %v", got, want)
	}
}

func block(l, r wire.Seq) wire.SACKBlock { return wire.SACKBlock{Left: l, Right: r} }

func TestInOrder(t *testing.T) {
	q := New(100, 1000)
	if r := insert(q, 100, 300); r.Advanced != 300 || r.Readable != 300 || r.OutOfOrder || r.Duplicate || r.Dropped {
		t.Fatalf("in-order segment: %+v", r)
	}
	if q.Next() != 400 || q.Window() != 700 || q.Holes() {
		t.Fatalf("RCV.NXT %d, window %d", q.Next(), q.Window())
	}
	drain(t, q, 100)
	if q.Window() != 1000 {
		t.Fatalf("window %d after reading, want 1000", q.Window())
	}
}

func TestOutOfOrderIsKept(t *testing.T) {
	holds(t, "SHLD-31")
	q := New(100, 1000)
	if r := insert(q, 200, 100); !r.OutOfOrder || r.Advanced != 0 {
		t.Fatalf("out-of-order segment: %+v", r)
	}
	insert(q, 400, 50)
	if buffered(q) != 150 {
		t.Fatalf("%d octets wait, want 150", buffered(q))
	}
	// The ACK jumps over what was kept when the gap fills, and no further.
	if r := insert(q, 100, 100); r.Advanced != 200 || !r.Filled {
		t.Fatalf("gap filled: %+v", r)
	}
	drain(t, q, 100)
	if r := insert(q, 300, 100); r.Advanced != 150 || q.Holes() {
		t.Fatalf("second gap filled: %+v", r)
	}
	drain(t, q, 300)
}

func TestTrimming(t *testing.T) {
	holds(t, "R9293:3.10.7.4:trim")
	q := New(100, 200)
	insert(q, 100, 50)
	// Starts before RCV.NXT: only what is new counts.
	if r := insert(q, 120, 80); r.Advanced != 50 || !r.Duplicate || r.Dropped {
		t.Fatalf("segment that overlaps on the left: %+v", r)
	}
	// Ends beyond the window: cut there.
	if r := insert(q, 200, 200); r.Advanced != 100 || !r.Dropped {
		t.Fatalf("segment that overlaps on the right: %+v", r)
	}
	if q.Next() != 300 || q.Window() != 0 {
		t.Fatalf("RCV.NXT %d, window %d; want 300 and 0", q.Next(), q.Window())
	}
	if r := insert(q, 300, 10); r.Advanced != 0 || !r.Dropped {
		t.Fatalf("data into a closed window: %+v", r)
	}
	drain(t, q, 100)
}

func TestFirstOctetsStay(t *testing.T) {
	q := New(0, 100)
	q.Insert(10, []byte("first"), false)
	q.Insert(5, []byte("aaaaaXXXXXbbb"), false)
	q.Insert(0, []byte("00000YYYYYYYYYYYYYYYY"), false)
	p := make([]byte, 100)
	if got := string(p[:q.Read(p)]); got != "00000aaaaafirstbbbYYY" {
		t.Fatalf("read %q: octets that had been received were overwritten", got)
	}
}

func TestFIN(t *testing.T) {
	q := New(0, 100)
	if r := q.Insert(5, []byte("world"), true); r.FIN || q.Finished() {
		t.Fatalf("FIN beyond a hole counted: %+v", r)
	}
	wantSACK(t, q, 4, block(5, 11)) // the FIN is an octet of sequence space
	// A second, different FIN and data after the FIN are lies.
	if r := q.Insert(3, []byte("l"), true); !r.Dropped {
		t.Fatalf("contradicting FIN: %+v", r)
	}
	if r := q.Insert(9, []byte("dZZZ"), false); !r.Dropped {
		t.Fatalf("data after the FIN: %+v", r)
	}
	r := q.Insert(0, []byte("hello"), false)
	if !r.FIN || !q.Finished() || q.Next() != 11 || q.Readable() != 10 || r.Advanced != 11 || r.Readable != 10 {
		t.Fatalf("%+v, RCV.NXT %d, readable %d", r, q.Next(), q.Readable())
	}
	p := make([]byte, 20)
	if got := string(p[:q.Read(p)]); got != "helloworld" {
		t.Fatalf("read %q", got)
	}
	if q.Readable() != 0 || q.Window() != 100 {
		t.Fatalf("readable %d, window %d after the end", q.Readable(), q.Window())
	}
	if r := q.Insert(10, nil, true); !r.Duplicate || r.FIN {
		t.Fatalf("repeated FIN: %+v", r)
	}
}

func TestFINWithFullWindow(t *testing.T) {
	q := New(0, 8)
	insert(q, 0, 8)
	if r := q.Insert(8, nil, true); !r.FIN || q.Next() != 9 || q.Readable() != 8 {
		t.Fatalf("FIN at the edge of a full window: %+v", r)
	}
	drain(t, q, 0)
}

func TestFINBelowDataIsIgnored(t *testing.T) {
	q := New(0, 100)
	insert(q, 20, 10)
	if r := q.Insert(5, text(5, 5), true); !r.Dropped || !r.OutOfOrder {
		t.Fatalf("FIN below data that was received: %+v", r)
	}
	insert(q, 0, 20)
	if q.Finished() || q.Next() != 30 {
		t.Fatalf("RCV.NXT %d, finished %v; data was lost to a false FIN", q.Next(), q.Finished())
	}
	drain(t, q, 0)
}

func TestGrow(t *testing.T) {
	q := New(1<<32-50, 4096)
	insert(q, 1<<32-50, 100)
	insert(q, 1000, 500)
	q.Grow(100_000)
	if q.Window() != 100_000-100 {
		t.Fatalf("window %d", q.Window())
	}
	holds(t, "SHLD-14")
	if q.Grow(10); q.size != 100_000 {
		t.Fatalf("the window shrank to %d", q.size)
	}
	insert(q, 60_000, 1000)
	insert(q, 1500, 58_500)
	insert(q, 50, 950)
	drain(t, q, 1<<32-50)
}

// TestAgainstBytes compares the queue with a map of octets, over random
// segments that overlap, repeat, reach outside and wrap around 2^32.
func TestAgainstBytes(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		start := wire.Seq(rnd.Uint32())
		if seed%2 == 0 {
			start = wire.Seq(0).Add(-rnd.IntN(500))
		}
		checkAgainstBytes(t, seed, rnd, start)
	}
}

func checkAgainstBytes(t *testing.T, seed uint64, rnd *rand.Rand, start wire.Seq) {
	size := 1 + rnd.IntN(600)
	q := New(start, size)
	got := map[wire.Seq]bool{}
	next, read := start, start
	for step := range 300 {
		seq, n := next.Add(rnd.IntN(900)-200), rnd.IntN(200)
		q.Insert(seq, text(seq, n), false)
		for i := range n {
			if s := seq.Add(i); !s.Before(next) && s.Sub(read) < size {
				got[s] = true
			}
		}
		for got[next] {
			delete(got, next)
			next++
		}
		if q.Next() != next || buffered(q) != len(got) || q.Window() != size-next.Sub(read) {
			t.Fatalf("seed %d step %d: RCV.NXT %d want %d, %d octets wait want %d", seed, step, q.Next(), next, buffered(q), len(got))
		}
		for _, b := range q.SACK(nil, 4) {
			for s := b.Left; s != b.Right; s++ {
				if !got[s] && !s.Before(next) {
					t.Fatalf("seed %d step %d: block %v reports octet %d, which never came", seed, step, b, s)
				}
			}
		}
		p := make([]byte, rnd.IntN(200))
		k := q.Read(p)
		if !bytes.Equal(p[:k], text(read, k)) {
			t.Fatalf("seed %d step %d: wrong octets at %d", seed, step, read)
		}
		read = read.Add(k)
		if rnd.IntN(50) == 0 {
			size += rnd.IntN(5000)
			q.Grow(size)
		}
	}
}

// TestFloodOfSingleOctets: every second octet of a large window, then again
// from above; neither memory nor the answer grows with it.
func TestFloodOfSingleOctets(t *testing.T) {
	q := New(0, 1<<20)
	kept := 0
	for i := 1; i < 1<<20; i += 2 {
		if r := insert(q, wire.Seq(i), 1); !r.Dropped {
			kept++
		}
	}
	if kept != MaxRanges || len(q.spans) != MaxRanges || cap(q.spans) > 2*MaxRanges {
		t.Fatalf("%d octets kept in %d ranges (capacity %d), want %d", kept, len(q.spans), cap(q.spans), MaxRanges)
	}
	// What joins a range is still taken, and so is what is in order.
	if r := insert(q, 2, 1); r.Dropped {
		t.Fatalf("an octet that joins two ranges was dropped")
	}
	insert(q, 0, 2*MaxRanges)
	if q.Holes() {
		t.Fatalf("ranges are left over: %v", q.spans)
	}
	drain(t, q, 0)
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	q := New(0, 1<<16)
	p, seq := text(0, 1460), wire.Seq(0)
	buf := make([]byte, 8192)
	blocks := make([]wire.SACKBlock, 0, 4)
	round := func() {
		q.Insert(seq.Add(1460), p, false)
		q.Insert(seq.Add(4380), p, false)
		blocks = q.SACK(blocks[:0], 3)
		q.Insert(seq, p, false)
		q.Insert(seq.Add(2920), p, false)
		q.Insert(seq, p, false) // duplicate
		blocks = q.SACK(blocks[:0], 3)
		seq = seq.Add(5840)
		for q.Read(buf) > 0 {
		}
	}
	for range 100 {
		round()
	}
	if n := testing.AllocsPerRun(1000, round); n != 0 {
		t.Fatalf("%v allocations a round, want 0", n)
	}
}

func FuzzInsert(f *testing.F) {
	f.Add(uint32(0), []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(uint32(1<<32-10), []byte{200, 100, 0, 50, 10, 1, 0, 255, 255})
	f.Fuzz(func(t *testing.T, start uint32, ops []byte) {
		next := wire.Seq(start)
		q := New(next, 700)
		read := next
		for ; len(ops) >= 3; ops = ops[3:] {
			seq, n := q.Next().Add(3*int(ops[0])-200), int(ops[1])
			q.Insert(seq, text(seq, n), ops[2]&15 == 0)
			if q.Next().Before(next) || q.Window() < 0 || q.Window() > 700 {
				t.Fatalf("RCV.NXT %d after %d, window %d", q.Next(), next, q.Window())
			}
			next = q.Next()
			last := q.Next()
			for _, s := range q.spans {
				if !s.left.After(last) || !s.right.After(s.left) {
					t.Fatalf("ranges %v after RCV.NXT %d are not sorted and apart", q.spans, next)
				}
				last = s.right
			}
			if len(q.SACK(nil, 3)) > 3 {
				t.Fatal("more blocks than room")
			}
			p := make([]byte, int(ops[2]))
			n = q.Read(p)
			if !bytes.Equal(p[:n], text(read, n)) {
				t.Fatalf("wrong octets at %d", read)
			}
			read = read.Add(n)
		}
	})
}

func BenchmarkInOrder(b *testing.B) {
	q := New(0, 1<<20)
	p, buf, seq := make([]byte, 1460), make([]byte, 65536), wire.Seq(0)
	b.SetBytes(1460)
	for b.Loop() {
		q.Insert(seq, p, false)
		seq = seq.Add(1460)
		if q.Readable() > 60000 {
			q.Read(buf)
		}
	}
}

func BenchmarkManyHoles(b *testing.B) {
	q := New(0, 1<<21)
	for i := range MaxRanges {
		q.Insert(wire.Seq(0).Add(2920*i+1460), make([]byte, 1460), false)
	}
	blocks := make([]wire.SACKBlock, 0, 4)
	p := make([]byte, 1460)
	for b.Loop() {
		q.Insert(1460*5, p, false)
		blocks = q.SACK(blocks[:0], 3)
	}
}
