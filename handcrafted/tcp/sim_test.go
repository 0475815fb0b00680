package tcp

import (
	"bytes"
	"container/heap"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

var (
	simSeeds = flag.Int("sim.seeds", 60, "how many seeds TestImpairedTransfers runs")
	simSeed  = flag.Int64("sim.seed", -1, "the one seed to replay")
	simBytes = flag.Int("sim.bytes", 256<<10, "octets each way")
)

// impair is what a wire does to segments, in percent.
type impair struct{ drop, duplicate, reorder, delay, corrupt int }

// end is one side of a simulated conversation: a connection and its user.
type end struct {
	c         *Conn
	name      string
	next      time.Time
	send      []byte // what the user writes
	sent      int
	sum       []byte // hash of what it has to read
	got       bytes.Buffer
	eof, shut bool
	edge      wire.Seq // the right edge it has advertised
	hasEdge   bool
	lost      int       // segments that the wire lost
	lazy      bool      // the user reads seldom, so windows close
	wake      time.Time // when a lazy user looks again
}

// packet is a segment on the wire.
type packet struct {
	at  time.Time
	n   int // order of entry, for equal times
	to  int
	seg wire.Segment
}

type packets []packet

func (p packets) Len() int { return len(p) }
func (p packets) Less(i, j int) bool {
	return p[i].at.Before(p[j].at) || p[i].at.Equal(p[j].at) && p[i].n < p[j].n
}
func (p packets) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *packets) Push(x any)   { *p = append(*p, x.(packet)) }
func (p *packets) Pop() any {
	x := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return x
}

// sim is two connections and the wire between them, in virtual time. They open
// to each other at once, or one of them listens.
type sim struct {
	listens *Config // what the second end will be made of
	rng     *rand.Rand
	now     time.Time
	ends    [2]*end
	wire    packets
	n       int
	how     impair
	delay   time.Duration
	steps   int
}

func newSim(seed uint64, bytes int, how impair, passive bool, tweak func(*Config, int)) *sim {
	s := &sim{rng: rand.New(rand.NewPCG(seed, 1)), now: time.Unix(1e9, 0), how: how}
	s.delay = time.Duration(s.rng.IntN(50_000)+100) * time.Microsecond
	data := [2][]byte{make([]byte, bytes), make([]byte, bytes)}
	for i := range data {
		for j := range data[i] {
			data[i][j] = byte(s.rng.Uint32())
		}
	}
	for i := range s.ends {
		sum := sha256.Sum256(data[1-i])
		s.ends[i] = &end{name: string(rune('A' + i)), send: data[i], sum: sum[:]}
	}
	for i := range s.ends {
		cfg := Config{Tuple: testTuple, ISS: wire.Seq(s.rng.Uint32()), TSOffset: s.rng.Uint32()}
		if i == 1 {
			cfg.Tuple.Local, cfg.Tuple.Remote = cfg.Tuple.Remote, cfg.Tuple.Local
		}
		tweak(&cfg, i)
		if i == 1 && passive {
			s.listens = &cfg
			break
		}
		c, e := Open(s.now, cfg)
		s.ends[i].c = c
		s.took(i, e)
	}
	return s
}

// took puts what one end sent on the wire.
func (s *sim) took(from int, e Effects) {
	a := s.ends[from]
	a.next = e.Next
	for i := range e.Out {
		g := e.Out[i]
		if err := a.invariants(&g); err != nil {
			panic(fmt.Sprintf("%s: %v", a.name, err))
		}
		g.Payload = append([]byte(nil), g.Payload...)
		if s.chance(s.how.drop) || s.chance(s.how.corrupt) { // a bad checksum is a loss
			a.lost++
			continue
		}
		s.put(from, g)
		if s.chance(s.how.duplicate) {
			s.put(from, g)
		}
	}
}

func (s *sim) put(from int, g wire.Segment) {
	at := s.now.Add(s.delay)
	if s.chance(s.how.reorder) {
		at = at.Add(time.Duration(s.rng.IntN(2000)) * time.Microsecond)
	}
	if s.chance(s.how.delay) {
		at = at.Add(time.Duration(s.rng.IntN(200)) * time.Millisecond)
	}
	s.n++
	heap.Push(&s.wire, packet{at, s.n, 1 - from, g})
}

func (s *sim) chance(percent int) bool { return percent > 0 && s.rng.IntN(100) < percent }

// invariants are what every segment of ours has to keep.
func (a *end) invariants(g *wire.Segment) error {
	c := a.c
	if g.Flags&^0xff != 0 {
		return fmt.Errorf("reserved bits %#x", g.Flags)
	}
	if n := g.Options.WireLen(); n > wire.MaxOptionsLen || wire.TCPLen+n+len(g.Payload) > c.cfg.MTU-20 {
		return fmt.Errorf("%d octets of options and %d of text in an MTU of %d", n, len(g.Payload), c.cfg.MTU)
	}
	if g.Flags.Has(wire.RST) {
		return nil
	}
	if g.Seq.Add(g.Len()).After(c.sndNxt) {
		return fmt.Errorf("sequence %d+%d is beyond SND.NXT %d", g.Seq, g.Len(), c.sndNxt)
	}
	if len(g.Payload) > 1 && len(g.Payload)+g.Options.WireLen() > c.opts.peerMSS {
		return fmt.Errorf("%d octets exceed the peer's MSS %d", len(g.Payload), c.opts.peerMSS)
	}
	if !g.Flags.Has(wire.ACK) || g.Flags.Has(wire.SYN) {
		return nil
	}
	if g.Ack.After(c.rcvNxt) {
		return fmt.Errorf("ACK %d is beyond RCV.NXT %d", g.Ack, c.rcvNxt)
	}
	edge := g.Ack.Add(int(g.Window) << c.window.shift)
	if a.hasEdge && a.edge.Sub(edge) >= 1<<c.window.shift {
		return fmt.Errorf("the window's edge moved left by %d", a.edge.Sub(edge))
	}
	if !a.hasEdge || edge.After(a.edge) {
		a.edge, a.hasEdge = edge, true
	}
	return nil
}

// hear gives what arrives to LISTEN until a SYN has made a connection, and
// returns what is for the connection.
func (s *sim) hear(batch []wire.Segment) []wire.Segment {
	for i := range batch {
		reply, answer, syn := ListenReply(&batch[i])
		switch {
		case syn:
			c, e := Accept(s.now, *s.listens, &batch[i])
			s.ends[1].c = c
			s.took(1, e)
			return batch[i+1:]
		case answer:
			s.put(1, reply)
		}
	}
	return nil
}

// user lets the application of an end do what it can.
func (s *sim) user(i int) {
	a := s.ends[i]
	if a.c == nil {
		return
	}
	for a.sent < len(a.send) && a.c.Writable() {
		k := min(len(a.send)-a.sent, 1+s.rng.IntN(8000))
		n, e, err := a.c.Write(s.now, a.send[a.sent:a.sent+k])
		if err != nil {
			return
		}
		s.took(i, e)
		a.sent += n
		if n < k {
			break
		}
	}
	if a.lazy {
		if s.now.Before(a.wake) {
			return
		}
		a.wake = s.now.Add(time.Duration(s.rng.IntN(300)) * time.Millisecond)
	}
	var buf [4096]byte
	for !a.eof {
		n, e, err := a.c.Read(s.now, buf[:1+s.rng.IntN(len(buf))])
		s.took(i, e)
		a.got.Write(buf[:n])
		if err == io.EOF {
			a.eof = true
		}
		if n == 0 || err != nil || a.lazy && s.chance(20) {
			break
		}
	}
	if a.eof {
		a.wake = time.Time{}
	}
	if !a.shut && a.sent == len(a.send) && a.c.Established() {
		a.shut = true
		e, _ := a.c.CloseWrite(s.now)
		s.took(i, e)
	}
}

// step delivers the next segments or runs the next timer, and reports whether
// there was one.
func (s *sim) step() bool {
	s.steps++
	at, kind := time.Time{}, -1
	if len(s.wire) > 0 {
		at, kind = s.wire[0].at, 2
	}
	for i, a := range s.ends {
		if !a.next.IsZero() && (kind < 0 || a.next.Before(at)) {
			at, kind = a.next, i
		}
		if !a.wake.IsZero() && (kind < 0 || a.wake.Before(at)) {
			at, kind = a.wake, i
		}
	}
	if kind < 0 {
		return false
	}
	if at.After(s.now) {
		s.now = at
	}
	if kind < 2 {
		s.took(kind, s.ends[kind].c.Tick(s.now))
		s.user(kind)
		return true
	}
	to := s.wire[0].to
	var batch []wire.Segment
	for len(s.wire) > 0 && s.wire[0].to == to && !s.wire[0].at.After(s.now) {
		batch = append(batch, heap.Pop(&s.wire).(packet).seg)
	}
	if s.ends[to].c == nil {
		batch = s.hear(batch)
	}
	if s.ends[to].c != nil {
		s.took(to, s.ends[to].c.Arrive(s.now, batch))
	}
	s.user(to)
	return true
}

// run goes on until both ends are closed.
func (s *sim) run() error {
	for s.step() {
		if s.steps > 5_000_000 {
			return fmt.Errorf("does not end: %v and %v after %v", s.ends[0].c.State(), s.ends[1].c.State(), s.now)
		}
	}
	for i, a := range s.ends {
		switch sum := sha256.Sum256(a.got.Bytes()); {
		case a.c.Err() != nil:
			return fmt.Errorf("%s: %w", a.name, a.c.Err())
		case a.c.State() != Closed:
			return fmt.Errorf("%s ended in %v", a.name, a.c.State())
		case !bytes.Equal(sum[:], a.sum):
			return fmt.Errorf("%s read %d octets of %d that are not what was written", a.name, a.got.Len(), len(s.ends[1-i].send))
		}
	}
	return nil
}

// simCase draws the impairments of a seed.
func simCase(seed uint64) (impair, func(*Config, int)) {
	r := rand.New(rand.NewPCG(seed, 2))
	how := impair{r.IntN(31), r.IntN(31), r.IntN(31), r.IntN(31), r.IntN(31)}
	if r.IntN(2) == 0 { // most wires are better than that
		how = impair{r.IntN(4), r.IntN(4), r.IntN(10), r.IntN(4), r.IntN(2)}
	}
	noSACK, noTS, noWS := r.IntN(4) == 0, r.IntN(4) == 0, r.IntN(4) == 0
	cubic, tiny, ecn := r.IntN(2) == 0, r.IntN(4) == 0, r.IntN(2) == 0
	v6 := r.IntN(2) == 0
	mtu := [...]int{1500, 1500, 576, 9000, 1280}[r.IntN(5)]
	return how, func(cfg *Config, i int) {
		cfg.MSL = time.Second
		cfg.R2 = 24 * time.Hour
		cfg.SynR2 = time.Hour
		cfg.Profile = RFC
		cfg.Profile.SACK, cfg.Profile.Timestamps, cfg.Profile.WindowScale = !noSACK, !noTS, !noWS
		cfg.ECN = ecn
		cfg.MTU = mtu
		if v6 {
			cfg.MTU = max(mtu, 1280)
			cfg.Tuple = testTuple6
			if i == 1 {
				cfg.Tuple.Local, cfg.Tuple.Remote = cfg.Tuple.Remote, cfg.Tuple.Local
			}
		}
		if cubic {
			cfg.Congestion = "cubic"
		}
		if tiny {
			cfg.RecvBuffer, cfg.MaxRecvBuffer, cfg.SendBuffer, cfg.MaxSendBuffer = 3000, 3000, 2000, 2000
		}
	}
}

// TestImpairedTransfers moves data both ways over a wire that drops,
// duplicates, reorders, delays and corrupts up to 30 % each. Every octet arrives
// once and in order, and both ends reach CLOSED by themselves.
func TestImpairedTransfers(t *testing.T) {
	holds(t, "MUST-10", "SHLD-14")
	one := func(seed uint64) {
		how, tweak := simCase(seed)
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("seed %d %+v: %v\nreplay: go test ./handcrafted/tcp -run TestImpairedTransfers -sim.seed %d -sim.bytes %d", seed, how, p, seed, *simBytes)
			}
		}()
		s := newSim(seed, *simBytes, how, seed%2 == 1, tweak)
		s.ends[0].lazy, s.ends[1].lazy = seed%5 == 1, seed%5 < 2
		if err := s.run(); err != nil {
			panic(err)
		}
	}
	if *simSeed >= 0 {
		one(uint64(*simSeed))
		return
	}
	for seed := range uint64(*simSeeds) {
		one(seed)
	}
}
