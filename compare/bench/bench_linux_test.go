package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// small measures with as little as there can be.
func small(stacks ...lab.Stack) Options {
	return Options{Stacks: stacks, Tests: Tests(), Rounds: 2, Duration: 5 * time.Millisecond, Size: 1 << 20}
}

// named is a stack by another name.
type named struct {
	lab.Stack
	name string
}

func (n named) Name() string { return n.name }

func TestEveryTestOfEveryStackInTurn(t *testing.T) {
	linktest.NeedRoot(t)
	o := small(lab.Kernel(), named{lab.Kernel(), "other"})
	o.Tests = append(o.Tests, Floor()...)
	var order []string
	o.Step = func(n, of int, test Test, _ CPUs, stack string) {
		order = append(order, test.Name+" "+stack)
		if n != len(order) || of != 2*(6*2+2) {
			t.Errorf("turn %d of %d, want %d of 28", n, of, len(order))
		}
	}
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	round := []string{
		"connect kernel", "connect other", "rr kernel", "rr other", "conv kernel", "conv other",
		"up kernel", "up other", "down kernel", "down other", "echo kernel", "echo other",
		"floor-write bare link", "floor-read bare link",
	}
	if want := slices.Concat(round, round); !slices.Equal(order, want) {
		t.Errorf("turns\n%q\nwant\n%q", order, want)
	}
	if len(r.Figures) != len(round) {
		t.Fatalf("%d figures, want %d", len(r.Figures), len(round))
	}
	for n, f := range r.Figures {
		if got := f.Test.Name + " " + f.Stack; got != round[n] {
			t.Errorf("figure %d is %s, want %s", n, got, round[n])
		}
		if len(f.Values) != 2 || f.Min() <= 0 {
			t.Errorf("%s of %s: %v, want two values above 0", f.Test.Name, f.Stack, f.Values)
		}
	}
}

// A turn moves the bytes that it says it does: the link of an upload carries
// the warm-up and the size.
func TestBulkCarriesItsSize(t *testing.T) {
	linktest.NeedRoot(t)
	var counter *counting
	o := small(lab.Kernel())
	o.Rounds, o.Size = 1, 4<<20
	o.Place = func(m lab.Manners) lab.Place {
		return lab.NewTAP(lab.LabOptions{Manners: &m, Filter: func(l tap.Link) tap.Link {
			counter = &counting{Link: l}
			return counter
		}})
	}
	const warm = 512 << 10
	for name, want := range map[string][2]int64{
		"up": {4<<20 + warm, 0}, "down": {0, 4<<20 + warm}, "echo": {4<<20 + warm, 4<<20 + warm},
	} {
		o.Tests = slices.DeleteFunc(Tests(), func(t Test) bool { return t.Name != name })
		if _, err := Run(context.Background(), o); err != nil {
			t.Fatal(err)
		}
		if counter.out < want[0] || counter.in < want[1] {
			t.Errorf("%s: %d bytes out and %d in, want at least %v", name, counter.out, counter.in, want)
		}
	}
}

type counting struct {
	tap.Link
	in, out int64
}

func (c *counting) ReadFrame(buf []byte) (int, tap.Meta, error) {
	n, m, err := c.Link.ReadFrame(buf)
	c.in += int64(n)
	return n, m, err
}

func (c *counting) WriteFrame(frame []byte) error {
	c.out += int64(len(frame))
	return c.Link.WriteFrame(frame)
}

func TestServerThatChangesBytesIsNoEcho(t *testing.T) {
	linktest.NeedRoot(t)
	o := small(lab.Kernel())
	o.Place = func(lab.Manners) lab.Place {
		return lab.NewTAP(lab.LabOptions{Manners: &lab.Manners{Manner: lab.Source}})
	}
	for _, name := range []string{"rr", "conv", "echo"} {
		o.Tests = slices.DeleteFunc(Tests(), func(t Test) bool { return t.Name != name })
		if _, err := Run(context.Background(), o); !errors.Is(err, lab.ErrNotEchoed) {
			t.Errorf("%s: %v, want %v", name, err, lab.ErrNotEchoed)
		}
	}
}

// mute cannot be attached.
type mute struct{}

var errMute = errors.New("mute")

func (mute) Name() string            { return "mute" }
func (mute) Settings() []lab.Setting { return nil }
func (mute) Attach(context.Context, tap.Link, lab.Network) (lab.Host, error) {
	return nil, errMute
}

func TestWhatWasMeasuredBeforeAnErrorIsKept(t *testing.T) {
	linktest.NeedRoot(t)
	o := small(lab.Kernel(), mute{})
	r, err := Run(context.Background(), o)
	if !errors.Is(err, errMute) || err.Error() != "mute, test connect: mute" {
		t.Errorf("error %v", err)
	}
	if len(r.Figures) != 1 || r.Figures[0].Stack != lab.KernelName {
		t.Errorf("%d figures, want the kernel's one", len(r.Figures))
	}
}

// An interruption ends a turn that would last for long, and names its cause.
func TestInterruptedTurn(t *testing.T) {
	linktest.NeedRoot(t)
	interrupted := errors.New("interrupted")
	for _, name := range []string{"down", "floor-write", "floor-read"} {
		ctx, cancel := context.WithCancelCause(context.Background())
		o := small(lab.Kernel())
		o.Size, o.Duration = 1<<40, time.Hour
		o.Tests = slices.DeleteFunc(append(Tests(), Floor()...), func(t Test) bool { return t.Name != name })
		o.Place = func(m lab.Manners) lab.Place {
			return cancelling{lab.NewTAP(lab.LabOptions{Manners: &m}), cancel, interrupted}
		}
		if _, err := Run(ctx, o); err != interrupted {
			t.Errorf("%s: %v, want the cause", name, err)
		}
	}
}

// cancelling ends the context when the site's link has carried some frames.
type cancelling struct {
	lab.Place
	cancel context.CancelCauseFunc
	cause  error
}

func (c cancelling) Open(ctx context.Context, app scenario.Application) (*lab.Site, error) {
	site, err := c.Place.Open(ctx, app)
	if err == nil {
		site.Link = &fused{site.Link, 100, func() { c.cancel(c.cause) }}
	}
	return site, err
}

type fused struct {
	tap.Link
	left int
	blow func()
}

func (f *fused) WriteFrame(frame []byte) error {
	if f.left--; f.left == 0 {
		f.blow()
	}
	return f.Link.WriteFrame(frame)
}

func TestOneCPU(t *testing.T) {
	affinity := func() (set unix.CPUSet) {
		if err := unix.SchedGetaffinity(0, &set); err != nil {
			t.Fatal(err)
		}
		return set
	}
	before, procs := affinity(), runtime.GOMAXPROCS(0)
	release, err := OneCPU.take()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string)
	for range 4 { // threads that were there and threads that are new
		go func() {
			runtime.LockOSThread()
			set := affinity()
			seen <- fmt.Sprintf("%d CPU, GOMAXPROCS %d", set.Count(), runtime.GOMAXPROCS(0))
		}()
	}
	for range 4 {
		if got := <-seen; got != "1 CPU, GOMAXPROCS 1" {
			t.Error(got)
		}
	}
	release()
	if affinity() != before || runtime.GOMAXPROCS(0) != procs {
		t.Error("the CPUs were not given back")
	}
}
