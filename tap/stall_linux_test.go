package tap_test

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"tcping-cmp/tap"
)

// TestStallOfTheProcessIsSeen stops the process itself for a while.
func TestStallOfTheProcessIsSeen(t *testing.T) {
	a, _ := tap.MemPair(tap.MemOptions{})
	defer a.Close()
	r := tap.Record(a, tap.WithStalls(t.Context().Done()))
	before := time.Now()
	stop := exec.Command("sh", "-c", `kill -STOP "$0"; sleep 0.3; kill -CONT "$0"`, strconv.Itoa(os.Getpid()))
	if err := stop.Run(); err != nil {
		t.Fatal(err)
	}
	for {
		for _, s := range r.Recording().Stalls {
			if s.From.After(before.Add(-time.Second)) && s.To.Sub(s.From) > 250*time.Millisecond {
				return
			}
		}
		time.Sleep(time.Millisecond) // the watch is woken as late as we are
	}
}

// TestNoStallWhereTimeIsExact: in virtual time nothing is late.
func TestNoStallWhereTimeIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := tap.MemPair(tap.MemOptions{})
		defer a.Close()
		r := tap.Record(a, tap.WithStalls(t.Context().Done()))
		time.Sleep(time.Minute)
		if stalls := r.Recording().Stalls; len(stalls) != 0 {
			t.Error(stalls)
		}
	})
}
