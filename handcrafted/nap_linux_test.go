package handcrafted

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"tcping-cmp/tap"
)

// The alarm rings every time, not before its time, and costs no allocation.
func TestAlarm(t *testing.T) {
	a := newAlarm()
	if a == nil {
		t.Fatal("this kernel has no timerfd")
	}
	for range 1000 {
		began := time.Now()
		a.sleep()
		if slept := time.Since(began); slept < napFor {
			t.Fatalf("slept %v, want %v or more", slept, napFor)
		}
	}
	if n := testing.AllocsPerRun(100, a.sleep); n != 0 {
		t.Errorf("%v allocations a nap, want none", n)
	}
	a.close()
	a.sleep() // of a client that is closed: it does not hang
	if _, err := a.file.Stat(); err == nil {
		t.Error("the timer is still open")
	}
}

// tapLike says that it is a TAP.
type tapLike struct{ *fakeLink }

func (l tapLike) Info() tap.Info {
	info := l.fakeLink.Info()
	info.Kind = tap.KindTAP
	return info
}

// A client takes its timer along when it is closed.
func TestClosedClientLeavesNoTimer(t *testing.T) {
	count := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(open)
	}
	before := count()
	for range 50 {
		c, err := Open(Config{Link: tapLike{newFakeLink(nil)}, Addr4: netip.PrefixFrom(our4, 24)})
		if err != nil {
			t.Fatal(err)
		}
		if c.parallel && c.alarm == nil {
			t.Fatal("the client has no alarm")
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(); got > before+1 { // Go's poller may have come
		t.Errorf("%d open files after 50 clients, %d before", got, before)
	}
}
