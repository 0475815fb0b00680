package recovery

import (
	"reflect"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// bulk sends windows of n segments; each second one has a loss if lossy.
func bulk(b *Book, now *time.Time, n int, lossy bool, blocks []wire.SACKBlock) {
	for range n {
		b.Sent(*now, b.Nxt(), mss, 0)
	}
	*now = now.Add(10 * ms)
	una := b.Una()
	if lossy {
		for i := 2; i <= n; i++ {
			blocks[0] = wire.SACKBlock{Left: una.Add(mss), Right: una.Add(i * mss)}
			b.Acked(*now, Ack{Ack: una, Pure: true, SACK: blocks})
			if c := b.Next(mss, false); c.Kind == Retransmit {
				b.Sent(*now, c.Seq, c.Len, 0)
			}
		}
		*now = now.Add(10 * ms)
		b.Acked(*now, Ack{Ack: b.Nxt()})
		return
	}
	for i := 2; i <= n; i += 2 {
		b.Acked(*now, Ack{Ack: una.Add(i * mss)})
		b.Next(mss, true)
		b.Deadline()
	}
}

func newBulk() (*Book, time.Time) {
	b := New(iss, Config{MSS: mss})
	b.Sent(epoch, iss, 1, SYN)
	now := epoch.Add(10 * ms)
	b.Acked(now, Ack{Ack: 0})
	b.Negotiated(mss, true)
	return b, now
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	b, now := newBulk()
	blocks := make([]wire.SACKBlock, 1)
	round := func() {
		bulk(b, &now, 64, false, blocks)
		bulk(b, &now, 64, true, blocks)
	}
	round()
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Fatalf("%v allocations for 128 segments, want 0", n)
	}
}

// BenchmarkBook is the cost of a segment: sent, and acknowledged two at a time.
func BenchmarkBook(b *testing.B) {
	book, now := newBulk()
	for b.Loop() {
		bulk(book, &now, 64, false, nil)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/segment")
}

// BenchmarkRecovery is the cost of a segment in a window with one loss.
func BenchmarkRecovery(b *testing.B) {
	book, now := newBulk()
	blocks := make([]wire.SACKBlock, 1)
	for b.Loop() {
		bulk(book, &now, 700, true, blocks)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/700, "ns/segment")
}

// A book that is reset is as a new one, and holds no memory for segments.
func TestResetIsNew(t *testing.T) {
	b, now := newBulk()
	bulk(b, &now, 10, true, make([]wire.SACKBlock, 1))
	b.Reset(5)
	if want := New(5, Config{}); !reflect.DeepEqual(b, want) {
		t.Errorf("after Reset\n%+v\nwant\n%+v", b, want)
	}
	if allocs := testing.AllocsPerRun(10, func() { b.Reset(7) }); allocs != 0 {
		t.Errorf("Reset allocates %v times", allocs)
	}
}
