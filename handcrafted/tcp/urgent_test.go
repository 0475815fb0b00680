package tcp

import (
	"testing"
	"time"
)

func TestUrgentReceived(t *testing.T) {
	holds(t, "MUST-30", "MUST-31", "MUST-32", "MUST-33")
	r := established(t, Config{}, plain)
	r.in(seg("U.", 1, 1, urg(200_00%65536)))
	if !r.fx.Urgent || r.c.Urgent() != 20_000 {
		t.Fatalf("told %v, %d octets", r.fx.Urgent, r.c.Urgent())
	}
	at := 1
	for at < 20_001 {
		r.in(seg(".", at, 1, octets(1000)))
		at += 1000
		if r.fx.Urgent {
			t.Fatal("told twice")
		}
	}
	r.drop(len(r.out))
	if r.c.Urgent() != 20_000 {
		t.Fatalf("%d octets, all are here", r.c.Urgent())
	}
	r.read(19_999)
	if r.c.Urgent() != 1 {
		t.Fatalf("%d octets left", r.c.Urgent())
	}
	r.read(1)
	if r.c.Urgent() != 0 {
		t.Fatal("urgent mode goes on")
	}
	r.drop(len(r.out))
}

func TestUrgentPointerNeverGoesBack(t *testing.T) {
	r := established(t, Config{}, plain)
	r.in(seg("U.", 1, 1, urg(100), text("ab")))
	r.in(seg("U.", 3, 1, urg(10), text("cd")))
	if r.fx.Urgent || r.c.Urgent() != 100 {
		t.Fatalf("%v, %d", r.fx.Urgent, r.c.Urgent())
	}
	r.drop(1)
	r.in(seg("U.", 5, 1, urg(200), text("ef")))
	if !r.fx.Urgent || r.c.Urgent() != 204 {
		t.Fatalf("%v, %d", r.fx.Urgent, r.c.Urgent())
	}
	r.advance(time.Second)
	r.drop(1)
}

func TestUrgentSent(t *testing.T) {
	holds(t, "MUST-30", "MUST-31", "MUST-62")
	r := established(t, Config{}, plain)
	r.writeBulk(1500)
	r.want("not urgent", seg(".", 1, 1, octets(1000)))
	n, e, err := r.c.WriteUrgent(r.now, []byte("wake up"))
	if n != 7 || err != nil {
		t.Fatal(n, err)
	}
	r.took(e)
	r.want("urgent data does not wait for Nagle; the pointer is the octet after it",
		seg("PU.", 1001, 1, octets(507), urg(507)))
	r.write("calm")
	r.in(seg(".", 1, 1508))
	r.want("after the pointer", seg("P.", 1508, 1, text("calm")))
}

func TestUrgentSentFarAhead(t *testing.T) {
	r := established(t, Config{}, plain)
	_, e, _ := r.c.WriteUrgent(r.now, make([]byte, 100_000))
	r.took(e)
	for i := range 10 {
		r.want("further than 16 bits can say", seg("U.", 1+1000*i, 1, octets(1000), urg(65535)))
	}
}

func TestUrgentNeverByDefault(t *testing.T) {
	holds(t, "SHLD-13")
	r := established(t, Config{}, plain)
	r.in(seg("U.", 1, 1, urg(10), text("x")))
	r.write("x")
	r.want("no URG", seg("P.", 1, 2, text("x")))
}
