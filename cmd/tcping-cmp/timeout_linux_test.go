package main

import (
	"bytes"
	"context"
	"errors"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/netstack"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// silenced is a link from whose far end nothing comes any more after so many
// frames.
type silenced struct {
	tap.Link
	after int
}

func (l *silenced) ReadFrame(buf []byte) (int, tap.Meta, error) {
	for {
		n, m, err := l.Link.ReadFrame(buf)
		if err != nil {
			return n, m, err
		}
		if l.after > 0 {
			l.after--
			return n, m, nil
		}
	}
}

// TestTimeoutBoundsEveryStage: whenever the peer falls silent, for good, every
// stack gives up after --timeout, is off the link, and the lab is gone. That is
// so before the handshake, in it, in the middle of a large transfer, and in
// every state of closing.
func TestTimeoutBoundsEveryStage(t *testing.T) {
	t.Run("mem", func(t *testing.T) {
		memory := func(o lab.LabOptions) lab.Place { return lab.NewMem("netstack", netstack.Serve, o) }
		everySilence(t, memory, "handcrafted", "netstack")
	})
	t.Run("tap", func(t *testing.T) {
		linktest.NeedRoot(t)
		everySilence(t, lab.NewTAP, "handcrafted", "netstack", "kernel")
	})
}

// everySilence holds conversations of all kinds beside each other, because all
// that they do is wait.
func everySilence(t *testing.T, open func(lab.LabOptions) lab.Place, stacks ...string) {
	const timeout = 500 * time.Millisecond
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // more than the buffers hold
	var all sync.WaitGroup
	for _, name := range stacks {
		silent := func(app scenario.Application, after int) error {
			o := lab.LabOptions{Filter: func(l tap.Link) tap.Link { return &silenced{l, after} }}
			app.Expect, app.Check, app.Timeout = len(app.Send), true, timeout
			r := converseOrDump(t, newStack(name, "rfc"), open(o), app)
			if r.Err != nil && (errorCode(r.Err) != "timeout" || !strings.Contains(r.Err.Error(), timeout.String())) {
				t.Errorf("%s, closing %s, silence after %d frames: %v", name, app.Close, after, r.Err)
			}
			return r.Err
		}
		for _, closer := range []scenario.Closer{scenario.PeerFirst, scenario.ClientFirst} {
			all.Go(func() { // ARP, SYN-ACK, ACK, echo, FIN and ACK, as far as they come apart
				stages := map[lab.Stage]bool{}
				for after := range 8 {
					stages[stageOf(silent(scenario.Application{Send: []byte("hello"), Close: closer}, after))] = true
				}
				if !stages[lab.StageConnect] || !stages[lab.StageExpect] || !stages[lab.StageClose] || !stages[""] {
					t.Errorf("%s, closing %s: the silence fell into %v", name, closer, stages)
				}
			})
		}
		for _, after := range []int{2, 20} { // a window that never opens, and one that opened for a while
			all.Go(func() {
				if stage := stageOf(silent(scenario.Application{Send: large}, after)); stage != lab.StageSend && stage != lab.StageExpect {
					t.Errorf("%s: of 2 MiB all but %d frames were lost, and what failed was %q", name, after, stage)
				}
			})
		}
	}
	all.Wait()
}

// converseOrDump holds a conversation. One that does not end although its time
// has long been over is shown where it waits.
func converseOrDump(t *testing.T, stack lab.Stack, place lab.Place, app scenario.Application) lab.Result {
	t.Helper()
	ended := make(chan lab.Result, 1)
	go func() {
		defer place.Close()
		ended <- lab.Converse(context.Background(), stack, place, app)
	}()
	select {
	case r := <-ended:
		return r
	case <-time.After(time.Minute):
		var stacks strings.Builder
		pprof.Lookup("goroutine").WriteTo(&stacks, 2)
		t.Errorf("the conversation does not end:\n%s", &stacks)
		return lab.Result{}
	}
}

func stageOf(err error) lab.Stage {
	var e *lab.Error
	if errors.As(err, &e) {
		return e.Stage
	}
	return ""
}
