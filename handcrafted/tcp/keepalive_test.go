package tcp

import (
	"errors"
	"syscall"
	"testing"
	"time"
)

func TestKeepAliveOffByDefault(t *testing.T) {
	holds(t, "MUST-25")
	r := established(t, Config{}, plain)
	r.advance(100 * time.Hour)
	r.quiet("nobody asked for probes")
	if !r.fx.Next.IsZero() {
		t.Fatalf("an idle connection has a timer at %v", r.fx.Next)
	}
}

func TestKeepAlive(t *testing.T) {
	holds(t, "MUST-24", "MUST-26", "MUST-28", "MUST-29", "SHLD-12", "MAY-5")
	r := established(t, Config{KeepAlive: true}, plain)
	r.advance(time.Hour)
	r.in(seg("P.", 1, 1, text("x")))
	r.wantRead("x")
	r.advance(time.Second)
	r.drop(1)
	r.after(2*time.Hour-time.Second, "two hours after the last segment")
	r.want("empty, before SND.NXT", seg(".", 0, 2))
	r.after(75*time.Second, "unanswered: again")
	r.want("probe", seg(".", 0, 2))
	r.in(seg(".", 2, 1))
	r.after(2*time.Hour, "it answered")
	for range 9 {
		r.want("probe", seg(".", 0, 2))
		r.state(Established)
		r.advance(75 * time.Second)
	}
	r.quiet("nine are enough")
	r.state(Closed)
	if !errors.Is(r.c.Err(), syscall.ETIMEDOUT) {
		t.Fatal(r.c.Err())
	}
}

func TestKeepAliveSettings(t *testing.T) {
	holds(t, "MUST-27", "MUST-24")
	r := established(t, Config{}, plain)
	r.advance(time.Minute)
	r.took(r.c.SetKeepAlive(r.now, true, 90*time.Second, 5*time.Second, 2))
	r.after(30*time.Second, "counted from the last segment")
	r.want("probe", seg(".", 0, 1))
	r.after(5*time.Second, "interval")
	r.want("probe", seg(".", 0, 1))
	r.in(seg(".", 1, 1))
	r.took(r.c.SetKeepAlive(r.now, false, 0, 0, 0))
	r.advance(time.Hour)
	r.quiet("off")
	r.state(Established)
}

func TestKeepAliveNotWhileDataIsOutstanding(t *testing.T) {
	holds(t, "MUST-26")
	r := established(t, Config{KeepAlive: true, KeepAliveIdle: 3 * time.Second}, plain)
	r.write("x")
	r.drop(1)
	r.advance(40 * time.Second)
	for _, g := range r.out {
		if len(g.Payload) == 0 {
			t.Fatalf("a probe beside a retransmission: %s", r.show(&g))
		}
	}
	r.drop(len(r.out))
}

func TestPeersKeepAliveIsAnswered(t *testing.T) {
	r := established(t, Config{}, plain)
	for range 50 {
		r.in(seg(".", 0, 1))
		r.want("answer", seg(".", 1, 1))
	}
	r.in(seg(".", 0, 1, octets(1)))
	r.want("with its octet of garbage too", seg(".", 1, 1))
}
