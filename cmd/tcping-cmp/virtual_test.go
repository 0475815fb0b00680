package main

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

var (
	virtualRepeat  = flag.Int("virtual.repeat", 3, "how often each script is played when it has to give the same bytes each time")
	virtualHogs    = flag.Int("virtual.hogs", 2*runtime.GOMAXPROCS(0), "how many goroutines do nothing but keep the processors busy meanwhile")
	virtualScripts = flag.String("virtual.scripts", "", "file or folder with the scripts for that; the library if empty")
)

// virtualStacks are both stacks in virtual time.
func virtualStacks() []lab.VirtualStack {
	return []lab.VirtualStack{newVirtualStack("handcrafted", "rfc"), newVirtualStack("netstack", "rfc")}
}

// scriptsToRepeat are those of a folder, or of the library.
func scriptsToRepeat(tb testing.TB) (list []*scenario.Script) {
	tb.Helper()
	add := func(s *scenario.Script, err error) {
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, s)
	}
	if *virtualScripts == "" {
		for _, c := range library.Cases() {
			add(c.Script())
		}
		return list
	}
	names, err := scriptFiles([]string{*virtualScripts})
	if err != nil {
		tb.Fatal(err)
	}
	for _, name := range names {
		add(readScript(name))
	}
	return list
}

// busy keeps n goroutines at work until the function that it returns is called.
func busy(n int) (stop func()) {
	var over atomic.Bool
	var running sync.WaitGroup
	for range n {
		running.Go(func() {
			var sink [64]byte
			for n := 0; !over.Load(); n++ {
				sink[n%len(sink)]++
				if n%4096 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	return func() { over.Store(true); running.Wait() }
}

// repeated is a script with one stack, and what came out the first time.
type repeated struct {
	stack  lab.VirtualStack
	script *scenario.Script
	first  *lab.Play
}

// again plays it once more and says where it went otherwise.
func (r *repeated) again() (difference string) {
	play := playTo(r.stack, r.script, lab.PlayOptions{Patient: true, Seed: 7})
	switch {
	case r.first == nil:
		r.first = play
	case play.NotRun != r.first.NotRun:
		return fmt.Sprintf("not run: %q, the first time %q", play.NotRun, r.first.NotRun)
	case !slices.Equal(play.Calls, r.first.Calls):
		return fmt.Sprintf("the calls gave %v, the first time %v", play.Calls, r.first.Calls)
	case !slices.Equal(play.Findings, r.first.Findings):
		return fmt.Sprintf("found %v, the first time %v", play.Findings, r.first.Findings)
	case !sameFrames(play.Recording.Frames, r.first.Recording.Frames):
		return firstDifference(play.Recording.Frames, r.first.Recording.Frames)
	}
	return ""
}

// firstDifference is the first frame in which two recordings are not the same,
// byte for byte and nanosecond for nanosecond.
func firstDifference(got, want []tap.Frame) string {
	for i := range max(len(got), len(want)) {
		g, w := frameText(got, i), frameText(want, i)
		if g != w {
			return fmt.Sprintf("frame %d is\n%s\nthe first time it was\n%s", i+1, g, w)
		}
	}
	return ""
}

func frameText(frames []tap.Frame, i int) string {
	if i >= len(frames) {
		return "not there"
	}
	return fmt.Sprintf("%d %s %x", frames[i].Time.UnixNano(), frames[i].Dir, frames[i].Data)
}

// The same script gives the same bytes at the same times, however busy the
// machine is and however many stacks are played to at once: settle misses
// nothing and guesses nothing. The campaign: -virtual.repeat 1000.
func TestSameScriptSameBytesUnderLoad(t *testing.T) {
	var all []*repeated
	for _, s := range scriptsToRepeat(t) {
		for _, stack := range virtualStacks() {
			all = append(all, &repeated{stack: stack, script: s})
		}
	}
	defer busy(*virtualHogs)()
	began := time.Now()
	for n := range *virtualRepeat {
		next := make(chan *repeated)
		var workers sync.WaitGroup
		for range 2 * runtime.GOMAXPROCS(0) {
			workers.Go(func() {
				for r := range next {
					if d := r.again(); d != "" {
						t.Errorf("repetition %d of %s with %s: %s", n, r.script.Name, r.stack.Name(), d)
					}
				}
			})
		}
		for _, r := range all {
			next <- r
		}
		close(next)
		workers.Wait()
		if done := n + 1; done%50 == 0 || done == *virtualRepeat {
			t.Logf("%d repetitions of %d plays in %v", done, len(all), time.Since(began).Round(time.Second))
		}
	}
}
