package main

import (
	"bytes"
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

var (
	virtualRepeat  = flag.Int("virtual.repeat", 3, "how often each script is played when it has to give the same bytes each time")
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

// fingerprint is every frame of a recording with its time and direction.
func fingerprint(r tap.Recording) []byte {
	var b bytes.Buffer
	for _, f := range r.Frames {
		fmt.Fprintf(&b, "%d %s %x\n", f.Time.UnixNano(), f.Dir, f.Data)
	}
	return b.Bytes()
}

// busy keeps every processor at work until the function that it returns is
// called.
func busy() (stop func()) {
	var over atomic.Bool
	var running sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
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

// The same script gives the same bytes at the same times, however busy the
// machine is: settle misses nothing and guesses nothing.
func TestSameScriptSameBytesUnderLoad(t *testing.T) {
	scripts := scriptsToRepeat(t)
	defer busy()()
	for _, stack := range virtualStacks() {
		t.Run(stack.Name(), func(t *testing.T) {
			for _, s := range scripts {
				var first []byte
				for n := range *virtualRepeat {
					play := playTo(stack, s, lab.PlayOptions{Patient: true, Seed: 7})
					if play.NotRun != "" {
						break
					}
					got := fingerprint(play.Recording)
					if n == 0 {
						first = got
						continue
					}
					if !bytes.Equal(got, first) {
						t.Errorf("%s: repetition %d gave other bytes than the first:\n%s\nfirst:\n%s", s.Name, n, got, first)
						break
					}
				}
			}
		})
	}
}
