package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/handcrafted/wire"
	"tcping-cmp/netstack"
	"tcping-cmp/tap"
)

// echoApplication is what run does without flags, with less patience.
func echoApplication(timeout time.Duration) scenario.Application {
	return scenario.Application{Send: []byte("hello"), Expect: 5, Check: true, Close: scenario.PeerFirst, Timeout: timeout}
}

// unseen is progress that nobody watches.
var unseen = newProgress(nil, 0, true)

func memoryLab() lab.Place {
	return lab.NewMem("netstack", netstack.Serve, lab.LabOptions{})
}

// lossyStack loses every frame with data that its stack sends.
type lossyStack struct{ lab.Stack }

func (s lossyStack) Attach(ctx context.Context, link tap.Link, network lab.Network) (lab.Host, error) {
	return s.Stack.Attach(ctx, dataless{link}, network)
}

type dataless struct{ tap.Link }

func (l dataless) WriteFrame(frame []byte) error {
	if seg, _ := readSegment(frame); seg != nil && len(seg.Payload) > 0 {
		return nil
	}
	return l.Link.WriteFrame(frame)
}

// TestFailingStackIsCompared: a stack under test that does not come to the end
// of its conversation is compared as far as it got, and the failure is said.
func TestFailingStackIsCompared(t *testing.T) {
	held := &conversations{}
	stacks := []lab.Stack{netstack.New(), lossyStack{newStack("handcrafted", "rfc")}}
	if err := held.hold(t.Context(), memoryLab(), echoApplication(3*time.Second), stacks, 1, unseen); err != nil {
		t.Fatal(err)
	}
	failure := held.failure()
	if failure == nil || !strings.Contains(failure.Error(), "handcrafted: expect: ") || errorCode(failure) != "timeout" {
		t.Fatalf("the failure is %v with the code %s", failure, errorCode(failure))
	}
	reports, err := held.compare()
	if err != nil || len(reports) != 1 {
		t.Fatalf("%d reports, %v", len(reports), err)
	}
	var out bytes.Buffer
	flags := reportFlags{renderFlags: renderFlags{Format: "json"}}
	err = flags.render(&app{streams: streams{Out: &out}}, reports, failure)
	if reports[0].ExitStatus() != statusFound || statusOf(err) != statusTrouble {
		t.Errorf("missing data is no finding, or what did not come to its end no trouble: %d, %v", reports[0].ExitStatus(), err)
	}
	if n := strings.Count(out.String(), `"record":"summary"`); n != 1 || !strings.Contains(out.String(), `"exit_status":2,"comparisons"`) || !strings.Contains(out.String(), `"code":"timeout"`) {
		t.Errorf("%d summaries, or none with the code:\n%s", n, out.String())
	}
}

// TestFailingReferenceEndsTheRun: without a reference there is nothing to
// compare with; what was recorded can be written all the same.
func TestFailingReferenceEndsTheRun(t *testing.T) {
	held := &conversations{}
	stacks := []lab.Stack{netstack.New(), newStack("handcrafted", "rfc")}
	app := echoApplication(time.Minute)
	app.Expect++ // the server closes after five
	err := held.hold(t.Context(), memoryLab(), app, stacks, 3, unseen)
	if err == nil || statusOf(err) != statusTrouble {
		t.Fatalf("the run goes on: %v", err)
	}
	if len(held.results[0]) != 1 || len(held.results[1]) != 0 {
		t.Errorf("%d and %d conversations were held, want one of the reference", len(held.results[0]), len(held.results[1]))
	}
	var out bytes.Buffer
	if err := held.writer(nil)(&out); err != nil {
		t.Fatal(err)
	}
	file, err := capture.Read(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil || len(file.Flows) != 1 || file.Flows[0].Interface != "netstack" {
		t.Errorf("the capture has the flows %v, %v", file, err)
	}
}

// TestInterruptedRunKeepsItsFrames: a context that ends in the middle ends the
// conversation, and its cause comes out.
func TestInterruptedRunKeepsItsFrames(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := signalError{2}
	stack := watchedStack{lossyStack{netstack.New()}, func(f tap.Frame) {
		if seg, _ := readSegment(f.Data); f.Dir == tap.In && seg != nil && seg.Flags.Has(wire.SYN|wire.ACK) {
			cancel(cause)
		}
	}}
	held := &conversations{}
	err := held.hold(ctx, memoryLab(), echoApplication(time.Minute), []lab.Stack{stack}, 1, unseen)
	if !errors.Is(err, cause) || statusOf(err) != 130 {
		t.Errorf("the run ends with %v", err)
	}
	if !held.recorded() {
		t.Error("no frame was kept")
	}
}
