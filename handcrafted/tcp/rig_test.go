package tcp

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// holds names the requirements that a test holds, by their ids. The table of
// conformance is made from these calls.
func holds(t *testing.T, ids ...string) {
	t.Helper()
	t.Logf("holds %s", strings.Join(ids, ", "))
}

// rig is a connection, its clock, and a peer made of expectations. What the
// connection sends has to be wanted; output that nobody claims fails the test.
// Sequence numbers are relative: 0 is the SYN of either side.
type rig struct {
	t   *testing.T
	c   *Conn
	now time.Time
	out []wire.Segment // sent and not yet wanted
	fx  Effects

	trace   []Transition
	suspect bool

	irs wire.Seq
	ts  bool          // timestamps are in use: fill them in
	win uint16        // window field that in() uses
	tsv func() uint32 // the peer's clock
	ecr uint32        // the last TSval of the connection
}

const (
	testISS = 0xfffffff0 // sequence numbers wrap soon
	testIRS = 0xffffff00
)

var testTuple = wire.Tuple{
	Local:  netip.MustParseAddrPort("192.0.2.1:40000"),
	Remote: netip.MustParseAddrPort("192.0.2.2:7"),
}

var testTuple6 = wire.Tuple{
	Local:  netip.MustParseAddrPort("[2001:db8::1]:40000"),
	Remote: netip.MustParseAddrPort("[2001:db8::2]:7"),
}

// newRig opens a connection. Zero fields of cfg that a test needs are filled in.
func newRig(t *testing.T, cfg Config) *rig {
	t.Helper()
	r := bareRig(t, &cfg)
	c, e := Open(r.now, cfg)
	r.c = c
	r.took(e)
	return r
}

// bareRig is a rig without a connection.
func bareRig(t *testing.T, cfg *Config) *rig {
	t.Helper()
	if !cfg.Tuple.Local.IsValid() {
		cfg.Tuple = testTuple
	}
	or(&cfg.ISS, wire.Seq(testISS))
	r := &rig{t: t, now: time.Unix(1_000_000_000, 0), irs: testIRS, win: 65535}
	start := r.now
	r.tsv = func() uint32 { return 5000 + uint32(r.now.Sub(start).Milliseconds()) }
	r.c = &Conn{cfg: *cfg}
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		for i := range r.out {
			t.Errorf("at the end nobody wanted %s", r.show(&r.out[i]))
		}
	})
	return r
}

// took keeps what a call returned. Payloads are copied: they live until the
// next call only.
func (r *rig) took(e Effects) {
	r.t.Helper()
	for _, s := range e.Out {
		s.Payload = append([]byte(nil), s.Payload...)
		if s.Options.HasTimestamps {
			r.ecr = s.Options.TSVal
		}
		r.out = append(r.out, s)
	}
	r.trace = append(r.trace, e.Trace...)
	r.suspect = r.suspect || e.Suspect
	r.fx = e
}

// build makes an arriving segment.
func (r *rig) build(s spec) wire.Segment {
	g := wire.Segment{
		SrcPort: r.c.cfg.Tuple.Remote.Port(), DstPort: r.c.cfg.Tuple.Local.Port(),
		Seq: r.irs.Add(s.seq), Flags: s.flags, Window: r.win, Payload: s.body, TTL: 64,
	}
	if s.flags.Has(wire.ACK) {
		g.Ack = r.c.cfg.ISS.Add(s.ack)
	}
	if r.ts {
		g.Options.HasTimestamps, g.Options.TSVal, g.Options.TSEcr = true, r.tsv(), r.ecr
	}
	for _, f := range s.with {
		f(&g)
	}
	return g
}

// in lets segments arrive together.
func (r *rig) in(specs ...spec) {
	r.t.Helper()
	segs := make([]wire.Segment, len(specs))
	for i, s := range specs {
		segs[i] = r.build(s)
	}
	r.took(r.c.Arrive(r.now, segs))
}

// show prints a sent segment with relative numbers.
func (r *rig) show(g *wire.Segment) string {
	var b strings.Builder
	for _, l := range "SFRPUEW." {
		if g.Flags.Has(flagLetters[l]) {
			b.WriteRune(l)
		}
	}
	fmt.Fprintf(&b, " seq %d len %d", g.Seq.Sub(r.c.cfg.ISS), len(g.Payload))
	if g.Flags.Has(wire.ACK) {
		fmt.Fprintf(&b, " ack %d", g.Ack.Sub(r.irs))
	}
	fmt.Fprintf(&b, " win %d", g.Window)
	if o := &g.Options; *o != (wire.Options{}) {
		fmt.Fprintf(&b, " %+v", *o)
	}
	return b.String()
}

// want claims the next segment sent.
func (r *rig) want(why string, s spec) {
	r.t.Helper()
	if len(r.out) == 0 {
		r.t.Fatalf("%s: nothing was sent (%v)", why, r.c.State())
	}
	g := r.out[0]
	r.out = r.out[1:]
	bad := func(what string, args ...any) {
		r.t.Helper()
		r.t.Fatalf("%s: %s\n\tsent %s", why, fmt.Sprintf(what, args...), r.show(&g))
	}
	if g.Flags != s.flags {
		bad("flags %#x, want %#x", g.Flags, s.flags)
	}
	if got := g.Seq.Sub(r.c.cfg.ISS); got != s.seq {
		bad("seq %d, want %d", got, s.seq)
	}
	if g.Flags.Has(wire.ACK) {
		if got := g.Ack.Sub(r.irs); got != s.ack {
			bad("ack %d, want %d", got, s.ack)
		}
	}
	if len(g.Payload) != s.length || !s.bulk && string(g.Payload) != string(s.body) {
		bad("payload %d octets, want %d", len(g.Payload), s.length)
	}
	for _, f := range s.check {
		if err := f(&g); err != nil {
			bad("%v", err)
		}
	}
}

// quiet says that nothing was sent.
func (r *rig) quiet(why string) {
	r.t.Helper()
	if len(r.out) > 0 {
		r.t.Fatalf("%s: sent %s", why, r.show(&r.out[0]))
	}
}

// drop forgets n segments sent: the wire lost them, or another test looks at them.
func (r *rig) drop(n int) {
	r.t.Helper()
	if len(r.out) < n {
		r.t.Fatalf("only %d segments were sent, not %d", len(r.out), n)
	}
	r.out = r.out[n:]
}

// advance lets time pass, and runs the timers as they become due.
func (r *rig) advance(d time.Duration) {
	r.t.Helper()
	end := r.now.Add(d)
	for i := 0; ; i++ {
		next := r.fx.Next
		if next.IsZero() || next.After(end) {
			break
		}
		if i > 100_000 {
			r.t.Fatal("the timers never come to rest")
		}
		if next.After(r.now) {
			r.now = next
		}
		r.took(r.c.Tick(r.now))
	}
	r.now = end
}

// after says that the next thing happens in d, and not earlier.
func (r *rig) after(d time.Duration, why string) {
	r.t.Helper()
	r.advance(d - time.Millisecond)
	r.quiet(why + ": too early")
	r.advance(time.Millisecond)
}

func (r *rig) write(s string) {
	r.t.Helper()
	n, e, err := r.c.Write(r.now, []byte(s))
	if err != nil || n != len(s) {
		r.t.Fatalf("Write: %d of %d octets, %v", n, len(s), err)
	}
	r.took(e)
}

func (r *rig) writeBulk(n int) {
	r.t.Helper()
	r.write(string(make([]byte, n)))
}

// read returns what there is, at most n octets.
func (r *rig) read(n int) string {
	r.t.Helper()
	p := make([]byte, n)
	k, e, err := r.c.Read(r.now, p)
	if err != nil {
		r.t.Fatalf("Read: %v", err)
	}
	r.took(e)
	return string(p[:k])
}

func (r *rig) wantRead(s string) {
	r.t.Helper()
	if got := r.read(len(s) + 100); got != s {
		r.t.Fatalf("read %q, want %q", got, s)
	}
}

func (r *rig) wantEOF() {
	r.t.Helper()
	if n, _, err := r.c.Read(r.now, make([]byte, 10)); n != 0 || err != io.EOF {
		r.t.Fatalf("Read: %d, %v, want EOF", n, err)
	}
}

func (r *rig) closeWrite() {
	r.t.Helper()
	e, err := r.c.CloseWrite(r.now)
	if err != nil {
		r.t.Fatalf("CloseWrite: %v", err)
	}
	r.took(e)
}

func (r *rig) close() {
	r.t.Helper()
	e, err := r.c.Close(r.now)
	if err != nil {
		r.t.Fatalf("Close: %v", err)
	}
	r.took(e)
}

func (r *rig) state(want State) {
	r.t.Helper()
	if got := r.c.State(); got != want {
		r.t.Fatalf("state %v, want %v", got, want)
	}
}
