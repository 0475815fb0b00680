// Package bench measures how fast stacks are: every stack in turn over the
// same kind of link to the same kind of server, in rounds, so that what else
// happens on the machine meets all alike. Run does it; Tests and Floor list
// what there is to measure.
//
// A turn is one stack's share of a round. It has a site of its own, a warm-up
// that does not count, and gives one figure. Nothing records the frames.
//
// # Limitations
//
// Client, server and wire share the machine's CPUs, so a figure says how fast
// a stack is here; only ratios of one run mean something elsewhere. Over a TAP
// the kernel's receive path runs inside each write of a frame, and counts.
package bench

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
)

// A Test is one thing to measure.
type Test struct {
	Name          string
	Unit          string
	LowerIsBetter bool
	// Latency says that the time goes into handing over, not into bytes.
	// Such figures depend on which CPU wakes which, and fall into two groups
	// unless everything is on one.
	Latency bool

	manners lab.Manners
	turn    func(*turn) (float64, error) // of a stack
	bare    func(*turn) (float64, error) // without a stack; only one of both is set
}

// Bare reports whether the test measures the link alone, without a stack.
func (t Test) Bare() bool { return t.bare != nil }

// BareName takes the place of a stack's name where there is none.
const BareName = "bare link"

// Tests returns what is measured of every stack.
func Tests() []Test {
	return []Test{
		{Name: "connect", Unit: "µs", LowerIsBetter: true, Latency: true, manners: lab.Manners{Manner: lab.Echo}, turn: connect},
		{Name: "rr", Unit: "1/s", Latency: true, manners: lab.Manners{Manner: lab.Echo}, turn: roundTrips},
		{Name: "conv", Unit: "1/s", Latency: true, manners: lab.Manners{Manner: lab.Echo, InTurn: true}, turn: conversations},
		{Name: "up", Unit: "MB/s", manners: lab.Manners{Manner: lab.Discard}, turn: upload},
		{Name: "down", Unit: "MB/s", manners: lab.Manners{Manner: lab.Source}, turn: download},
		{Name: "echo", Unit: "MB/s", manners: lab.Manners{Manner: lab.Echo}, turn: echo},
	}
}

// Floor returns what is measured of the link alone: how fast full-sized frames
// can be written, and read, with no TCP at all. The figures count the text that
// TCP would have in such frames, so that they stand beside those of the
// stacks.
func Floor() []Test {
	m := lab.Manners{Manner: lab.Echo}
	return []Test{
		{Name: "floor-write", Unit: "MB/s", manners: m, bare: floorWrite},
		{Name: "floor-read", Unit: "MB/s", manners: m, bare: floorRead},
	}
}

// Options say what to measure and for how long.
type Options struct {
	Stacks   []lab.Stack
	Tests    []Test
	CPUs     func(Test) []CPUs // nil means all of them for every test
	Rounds   int
	Duration time.Duration // of a turn that counts what happens in a time
	Size     int64         // bytes that a turn of the others carries each way
	// Place returns where a stack meets a server with those manners; nil
	// means a new TAP with a new server.
	Place func(lab.Manners) lab.Place
	// Step, which may be nil, is told of every turn before it begins, and how
	// many there are.
	Step func(n, of int, test Test, cpus CPUs, stack string)
}

// TurnLimit is how long a turn may take.
const TurnLimit = 2 * time.Minute

// Run measures, and returns what it has when ctx ends or a stack fails; the
// error says why it did not come to the end.
func Run(ctx context.Context, o Options) (*Result, error) {
	r := &Result{}
	jobs := o.jobs()
	for round := range o.Rounds {
		for n, j := range jobs {
			if o.Step != nil {
				o.Step(round*len(jobs)+n+1, o.Rounds*len(jobs), j.test, j.cpus, j.name())
			}
			value, err := o.measure(ctx, j)
			if ctx.Err() != nil {
				return r, context.Cause(ctx)
			}
			if err != nil {
				return r, fmt.Errorf("%s, test %s: %w", j.name(), j.test.Name, err)
			}
			r.add(j, value)
		}
	}
	return r, nil
}

// job is a turn that comes once a round.
type job struct {
	test  Test
	cpus  CPUs
	stack lab.Stack // nil for a bare link
}

func (j job) name() string {
	if j.stack == nil {
		return BareName
	}
	return j.stack.Name()
}

// jobs lists the turns of a round. Those of one test follow each other.
func (o *Options) jobs() (list []job) {
	for _, test := range o.Tests {
		for _, cpus := range o.cpus(test) {
			if test.Bare() {
				list = append(list, job{test, cpus, nil})
				continue
			}
			for _, stack := range o.Stacks {
				list = append(list, job{test, cpus, stack})
			}
		}
	}
	return list
}

func (o *Options) cpus(t Test) []CPUs {
	if o.CPUs == nil {
		return []CPUs{AllCPUs}
	}
	return o.CPUs(t)
}

func (o *Options) place(m lab.Manners) lab.Place {
	if o.Place == nil {
		return lab.NewTAP(lab.LabOptions{Manners: &m})
	}
	return o.Place(m)
}

// measure has one turn.
func (o *Options) measure(ctx context.Context, j job) (value float64, err error) {
	release, err := j.cpus.take()
	if err != nil {
		return 0, err
	}
	defer release()
	ctx, cancel := context.WithTimeout(ctx, TurnLimit)
	defer cancel()
	place := o.place(j.test.manners)
	defer place.Close()
	site, err := place.Open(ctx, scenario.Application{})
	if err != nil {
		return 0, err
	}
	defer site.Close()
	t := &turn{ctx: ctx, site: site, duration: o.Duration, size: o.Size}
	runtime.GC() // nobody tidies up after the turn before
	if j.test.Bare() {
		return j.test.bare(t)
	}
	if t.host, err = j.stack.Attach(ctx, site.Link, site.Network); err != nil {
		return 0, err
	}
	defer t.host.Close()
	value, err = j.test.turn(t)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("it was not done after %v: %w", TurnLimit, err)
	}
	return value, err
}
