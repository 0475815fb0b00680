package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/handcrafted/wire"
	"tcping-cmp/netstack"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// silence is from when on nothing comes from the peer any more.
type silence struct {
	name string
	// begins sees each frame of the peer, and what there was before it. The
	// segment is nil of what is no TCP.
	begins func(before heard, seg *wire.Segment) bool
	fails  lab.Stage
}

// heard is what has come from the peer.
type heard struct{ synAck, fin bool }

var silences = []silence{
	{"no neighbour", func(heard, *wire.Segment) bool { return true }, lab.StageConnect},
	{"no SYN-ACK", func(_ heard, seg *wire.Segment) bool { return seg != nil }, lab.StageConnect},
	{"no ACK", func(before heard, seg *wire.Segment) bool { return before.synAck && seg != nil }, lab.StageExpect},
	{"no data", func(_ heard, seg *wire.Segment) bool { return seg != nil && len(seg.Payload) > 0 }, lab.StageExpect},
	{"no FIN", func(_ heard, seg *wire.Segment) bool { return seg != nil && seg.Flags.Has(wire.FIN) }, lab.StageClose},
	{"no ACK of the FIN", func(before heard, seg *wire.Segment) bool { return before.fin && seg != nil }, lab.StageClose},
}

// silenced is a link whose peer falls silent.
type silenced struct {
	tap.Link
	when   silence
	before heard
	silent atomic.Bool
}

func (l *silenced) ReadFrame(buf []byte) (int, tap.Meta, error) {
	for {
		n, m, err := l.Link.ReadFrame(buf)
		if err != nil {
			return n, m, err
		}
		seg, _ := readSegment(buf[:n])
		if l.silent.Load() || l.when.begins(l.before, seg) {
			l.silent.Store(true)
			continue
		}
		if seg != nil {
			l.before.synAck = l.before.synAck || seg.Flags.Has(wire.SYN)
			l.before.fin = l.before.fin || seg.Flags.Has(wire.FIN)
		}
		return n, m, nil
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
	small, large := []byte("hello"), bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // more than the buffers hold
	var all sync.WaitGroup
	for _, name := range stacks {
		for _, when := range silences {
			for _, closer := range []scenario.Closer{scenario.PeerFirst, scenario.ClientFirst} {
				if when.name == "no ACK of the FIN" && closer == scenario.ClientFirst {
					continue // nothing comes after the FIN of a peer that closes last
				}
				all.Go(func() {
					fallSilent(t, newStack(name, "rfc"), open, scenario.Application{Send: small, Close: closer}, when, when.fails)
				})
			}
		}
		all.Go(func() { // the window that the handshake announced is full, and nothing says more
			fallSilent(t, newStack(name, "rfc"), open, scenario.Application{Send: large, Close: scenario.PeerFirst}, silences[2], lab.StageExpect)
		})
	}
	all.Wait()
}

// fallSilent holds a conversation until it fails where the silence began: on a
// busy machine its time may be over before. It ends either way.
func fallSilent(t *testing.T, stack lab.Stack, open func(lab.LabOptions) lab.Place, app scenario.Application, when silence, fails lab.Stage) {
	const timeout = 500 * time.Millisecond
	app.Expect, app.Check, app.Timeout = len(app.Send), true, timeout
	about := fmt.Sprintf("%s, %s, %d bytes, closing %s", stack.Name(), when.name, len(app.Send), app.Close)
	var last error
	for range 20 {
		var link *silenced
		o := lab.LabOptions{Filter: func(l tap.Link) tap.Link {
			link = &silenced{Link: l, when: when}
			return link
		}}
		last = converseOrDump(t, stack, open(o), app).Err
		if last == nil || errorCode(last) != "timeout" || !strings.Contains(last.Error(), timeout.String()) {
			t.Errorf("%s: %v", about, last)
			return
		}
		if link != nil && link.silent.Load() && stageOf(last) == fails {
			return
		}
	}
	t.Errorf("%s: it never fails in %s: %v", about, fails, last)
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
