package tcp

import (
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// pipe is two connections back to back without a wire: what one sends the
// other gets, as one batch. Nothing is allocated for it.
type pipe struct {
	a, b *Conn
	now  time.Time
	buf  []byte
	segs []wire.Segment
}

func newPipe(tb testing.TB, tweak func(*Config)) *pipe {
	tb.Helper()
	p := &pipe{now: time.Unix(1e9, 0), buf: make([]byte, 64<<10)}
	cfg := Config{Tuple: testTuple, ISS: 1}
	tweak(&cfg)
	var ea, eb Effects
	p.a, ea = Open(p.now, cfg)
	cfg.Tuple.Local, cfg.Tuple.Remote = cfg.Tuple.Remote, cfg.Tuple.Local
	p.b, eb = Open(p.now, cfg)
	p.segs = append(p.segs, ea.Out...)
	e := p.b.Arrive(p.now, p.segs)
	p.segs = append(p.segs[:0], eb.Out[:1]...)
	_ = e
	p.exchange(p.a.Arrive(p.now, p.segs))
	if p.a.State() != Established || p.b.State() != Established {
		tb.Fatalf("%v and %v", p.a.State(), p.b.State())
	}
	return p
}

// exchange carries what a sent to b, and back, until both are silent.
func (p *pipe) exchange(e Effects) {
	from, to := p.a, p.b
	for len(e.Out) > 0 {
		p.segs = append(p.segs[:0], e.Out...)
		e = to.Arrive(p.now, p.segs)
		if len(e.Out) == 0 {
			p.now = p.now.Add(50 * time.Millisecond)
			e = to.Tick(p.now) // a delayed ACK
		}
		from, to = to, from
	}
}

// bulk moves one buffer from a to b.
func (p *pipe) bulk() {
	_, e, _ := p.a.Write(p.now, p.buf)
	p.now = p.now.Add(100 * time.Microsecond)
	p.exchange(e)
	for {
		n, e, _ := p.b.Read(p.now, p.buf)
		if n == 0 {
			return
		}
		if len(e.Out) > 0 { // a window update
			p.segs = append(p.segs[:0], e.Out...)
			p.a.Arrive(p.now, p.segs)
		}
	}
}

// TestNoAllocation: in steady state a segment costs no allocation, either way.
func TestNoAllocation(t *testing.T) {
	for _, name := range []string{"reno", "cubic"} {
		p := newPipe(t, func(c *Config) { c.Congestion = name })
		for range 100 {
			p.bulk()
		}
		if n := testing.AllocsPerRun(100, p.bulk); n != 0 {
			t.Errorf("%s: %v allocations for %d octets", name, n, len(p.buf))
		}
	}
}

func BenchmarkBulk(b *testing.B) {
	p := newPipe(b, func(*Config) {})
	for range 100 {
		p.bulk()
	}
	b.SetBytes(int64(len(p.buf)))
	b.ReportAllocs()
	for b.Loop() {
		p.bulk()
	}
}
