package handcrafted

import (
	"testing"
	"time"
)

// tired lets answers be there at once until a nap is due, and returns how many
// it took.
func tired(t *testing.T, n *nap) int {
	t.Helper()
	for answers := 1; answers <= 2*mostStreak; answers++ {
		if n.waited(atOnce - 1); n.due() {
			return answers
		}
	}
	t.Fatalf("no nap after %d answers that were there at once", 2*mostStreak)
	return 0
}

func TestNapAfterAnswersThatWereThereAtOnce(t *testing.T) {
	var n nap
	if n.due() {
		t.Error("a nap is due before the first wait")
	}
	for range 100 { // never three in a row
		n.waited(0)
		n.waited(0)
		n.waited(atOnce)
		if n.due() {
			t.Fatal("a nap is due although every third wait sleeps")
		}
	}
	if got := tired(t, &n); got != leastStreak {
		t.Errorf("a nap after %d answers, want %d", got, leastStreak)
	}
	if n.due() {
		t.Error("another nap is due at once")
	}
}

// Where naps change nothing, as with a peer in another process, they become
// rare; once one has helped, they are frequent again.
func TestNapInVain(t *testing.T) {
	var n nap
	for want := leastStreak; want < mostStreak; want *= 2 {
		if got := tired(t, &n); got != want {
			t.Fatalf("a nap after %d answers, want %d", got, want)
		}
	}
	for range 2 {
		if got := tired(t, &n); got != mostStreak {
			t.Errorf("a nap after %d answers, want %d", got, mostStreak)
		}
	}
	for range napHelps {
		n.waited(time.Millisecond)
	}
	tired(t, &n) // it learns that the nap before this one has helped
	if got := tired(t, &n); got != leastStreak {
		t.Errorf("after one that helped, a nap after %d answers, want %d", got, leastStreak)
	}
}
