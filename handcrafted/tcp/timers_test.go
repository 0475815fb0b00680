package tcp

import (
	"testing"
	"time"
)

func TestTimerTable(t *testing.T) {
	var tt timerTable
	tt.stopAll()
	if tt.next() != never {
		t.Fatal("no timer runs, and one is next")
	}
	tt.set(timerPersist, 30)
	tt.set(timerTimeWait, 20)
	tt.set(timerRecovery, 40)
	if tt.next() != 20 || !tt.due(timerTimeWait, 20) || tt.due(timerTimeWait, 19) {
		t.Fatal(tt)
	}
	tt.stop(timerTimeWait)
	if tt.next() != 30 || tt.runs(timerTimeWait) {
		t.Fatal(tt)
	}
}

func TestTickTooEarlyDoesNothing(t *testing.T) {
	r := synSent(t, Config{})
	next := r.fx.Next
	for range 10 {
		r.took(r.c.Tick(r.now))
	}
	r.quiet("nothing is due")
	if !r.fx.Next.Equal(next) {
		t.Fatalf("the deadline moved from %v to %v", next, r.fx.Next)
	}
}

// A clock that steps back must not make a timer late or early by more than that.
func TestClockStepsBack(t *testing.T) {
	r := synSent(t, Config{})
	r.advance(time.Second)
	r.drop(1)
	r.now = r.now.Add(-10 * time.Second)
	r.took(r.c.Tick(r.now))
	r.quiet("time stands still")
	r.advance(13 * time.Second)
	r.want("the next SYN", seg("S", 0, 0))
	r.drop(len(r.out))
}

func TestTransitionsAreTraced(t *testing.T) {
	r := timeWait(t, Config{}, plain)
	r.advance(4 * time.Minute)
	want := []State{Closed, SynSent, Established, FinWait1, FinWait2, TimeWait, Closed}
	if len(r.trace) != len(want)-1 {
		t.Fatalf("%v", r.trace)
	}
	for i, tr := range r.trace {
		if tr.From != want[i] || tr.To != want[i+1] || tr.Clause == "" || tr.Time.IsZero() {
			t.Fatalf("%d: %+v", i, tr)
		}
	}
}
