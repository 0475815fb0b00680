package recovery

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/tcp/reassembly"
	"tcping-cmp/handcrafted/wire"
)

// small is the MSS here: the model looks at each octet.
const small = 10

// packet is a segment or an ACK on its way.
type packet struct {
	at     time.Time
	order  int
	ack    bool
	seq    wire.Seq
	n      int
	blocks []wire.SACKBlock
	ts     uint32
}

type packets []packet

func (p packets) Len() int { return len(p) }
func (p packets) Less(i, j int) bool {
	if p[i].at.Equal(p[j].at) {
		return p[i].order < p[j].order
	}
	return p[i].at.Before(p[j].at)
}
func (p packets) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *packets) Push(x any)   { *p = append(*p, x.(packet)) }
func (p *packets) Pop() any {
	o := *p
	x := o[len(o)-1]
	*p = o[:len(o)-1]
	return x
}

// path is a sender with a book and a controller, a receiver with a queue, and a
// lossy network between them, in virtual time.
type path struct {
	t     *testing.T
	name  string
	rnd   *rand.Rand
	now   time.Time
	b     *Book
	cc    congestion.Controller
	q     *reassembly.Queue
	wire  packets
	order int
	start wire.Seq
	total int
	sack  bool
	ts    bool
	loss  float64
	model *model

	sent, resent, spurious, timeouts int
}

func (p *path) put(k packet, delay time.Duration) {
	if p.rnd.Float64() < p.loss {
		return
	}
	copies := 1
	if p.rnd.Float64() < p.loss/4 {
		copies = 2
	}
	for range copies {
		p.order++
		k.order = p.order
		k.at = p.now.Add(delay + time.Duration(p.rnd.IntN(8))*p.jitter())
		heap.Push(&p.wire, k)
	}
}

// jitter is 0 most of the time and now and then enough to reorder.
func (p *path) jitter() time.Duration {
	if p.rnd.IntN(10) == 0 {
		return ms
	}
	return 0
}

func (p *path) stamp() uint32 { return uint32(p.now.Sub(epoch) / ms) }

// output sends what the book and the window let go.
func (p *path) output() {
	for range 10000 {
		left := p.start.Add(p.total).Sub(p.b.Nxt())
		n := min(left, small)
		room := p.cc.Window() - p.b.Pipe()
		c := p.b.Next(room, left > 0)
		seq := c.Seq
		switch c.Kind {
		case Nothing:
			return
		case NewData:
			if room < n && !c.Probe {
				return
			}
			seq = p.b.Nxt()
		case Retransmit:
			n = c.Len
			p.resent++
			if seq.Before(p.b.Una()) || seq.Add(n).After(p.b.Nxt()) {
				p.t.Fatalf("%s: retransmission [%d,+%d) outside what is in flight", p.name, seq, n)
			}
		}
		p.sent++
		p.b.Sent(p.now, seq, n, 0)
		p.model.sent(p.b.Nxt())
		p.put(packet{seq: seq, n: n, ts: p.stamp()}, 20*ms)
	}
	p.t.Fatalf("%s: the book sends without end", p.name)
}

// receive takes a segment and answers with an ACK.
func (p *path) receive(k packet) {
	p.q.Insert(k.seq, make([]byte, k.n), false)
	for buf := make([]byte, 4096); p.q.Read(buf) > 0; {
	}
	a := packet{ack: true, seq: p.q.Next(), ts: k.ts}
	if p.sack {
		a.blocks = p.q.SACK(nil, 3)
	}
	p.put(a, 20*ms)
}

// acked takes an ACK.
func (p *path) acked(k packet) {
	if k.seq.Before(p.b.Una()) {
		return
	}
	r := p.b.Acked(p.now, Ack{Ack: k.seq, SACK: k.blocks, Pure: true, HasTS: p.ts, TSEcr: k.ts, TSNow: p.stamp()})
	p.model.acked(k.seq, k.blocks)
	p.check()
	if r.Spurious {
		p.spurious++
		p.cc.Event(p.now, congestion.Event{Kind: congestion.Undo})
	}
	if r.Exited {
		p.cc.Event(p.now, congestion.Event{Kind: congestion.Recovered, Flight: r.Flight})
	}
	if r.Reduce {
		p.cc.Event(p.now, congestion.Event{Kind: congestion.FastRetransmit, Flight: r.Flight})
	}
	if r.Credit > 0 {
		p.cc.Acked(p.now, congestion.Ack{Bytes: r.Credit, Flight: r.Flight, SRTT: p.b.SRTT()})
	}
}

func (p *path) expired() {
	for {
		a := p.b.Expired(p.now)
		switch a.Expiry {
		case NotDue:
			return
		case RTOExpired:
			p.timeouts++
			p.model.forced = true
			p.cc.Event(p.now, congestion.Event{Kind: congestion.Timeout, Flight: a.Flight})
		case ReorderExpired:
			if a.Reduce {
				p.cc.Event(p.now, congestion.Event{Kind: congestion.FastRetransmit, Flight: a.Flight})
			}
		case ProbeDue:
		}
		p.output()
		p.check()
	}
}

func (p *path) check() {
	checkBook(p.t, p.b)
	p.model.check(p.t, p.name, p.b)
}

// run transfers everything, or fails.
func (p *path) run() {
	p.output()
	for steps := 0; p.b.Una() != p.start.Add(p.total); steps++ {
		if steps > 200_000 {
			p.t.Fatalf("%s: stuck at %d of %d", p.name, p.b.Una().Sub(p.start), p.total)
		}
		due := p.b.Deadline()
		if len(p.wire) > 0 && (due.IsZero() || p.wire[0].at.Before(due)) {
			k := heap.Pop(&p.wire).(packet)
			p.now = k.at
			if k.ack {
				p.acked(k)
				p.output()
			} else {
				p.receive(k)
			}
			continue
		}
		if due.IsZero() {
			p.t.Fatalf("%s: no timer, nothing on the wire, %d of %d", p.name, p.b.Una().Sub(p.start), p.total)
		}
		if due.After(p.now) {
			p.now = due
		}
		p.expired()
	}
}

// TestLossyPaths transfers data over 400 random paths, with and without SACK,
// RACK and timestamps, across the wrap-around, and compares the book with a
// naive model after each ACK.
func TestLossyPaths(t *testing.T) {
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		p := &path{
			t: t, rnd: rnd, now: epoch,
			sack: seed&1 != 0, ts: seed&4 != 0, loss: float64(rnd.IntN(31)) / 100,
			total: small*(1+rnd.IntN(150)) + rnd.IntN(small),
		}
		cfg := Config{MSS: small, NoRACK: seed&2 != 0}
		p.name = fmt.Sprintf("seed %d (SACK %v, RACK %v, timestamps %v, loss %.2f)", seed, p.sack, !cfg.NoRACK, p.ts, p.loss)
		first := wire.Seq(0).Add(-rnd.IntN(200 * small))
		p.b = New(first, cfg)
		p.b.Sent(p.now, first, 1, SYN)
		p.now = p.now.Add(40 * ms)
		p.b.Acked(p.now, Ack{Ack: first + 1})
		p.b.Negotiated(small, p.sack)
		p.cc, _ = congestion.New([]string{"reno", "cubic"}[seed/8%2], small)
		p.start = first + 1
		p.q = reassembly.New(p.start, 1<<20)
		p.model = newModel(p.start, cfg.NoRACK)
		p.run()
		if p.loss == 0 && p.timeouts > 0 {
			t.Fatalf("%s: %d timeouts without a loss", p.name, p.timeouts)
		}
	}
}
