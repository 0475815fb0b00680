package fault

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"tcping-cmp/tap"
)

var start = time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)

func directionOf(n int) tap.Direction { return tap.Direction(n & 1) }

// wire is a connection in which the stack opens, sends hello and closes, and
// the peer acknowledges.
type wire struct {
	t   *testing.T
	inj *Injector
	now time.Time
}

// send gives a segment of one side to the injector.
func (w *wire) send(dir tap.Direction, flags uint16, seq, ackNo uint32, payload string, options ...byte) []Release {
	p, _ := parse(goldenFrame(w.t, "SYN"))
	if dir == tap.In {
		p = reply(&conn{}, p)
	}
	p.flags, p.seq, p.ack, p.payload, p.window = flags, seq, ackNo, []byte(payload), 1000
	p.options = nil
	p.put(options...)
	w.now = w.now.Add(time.Millisecond)
	return w.inj.Apply(w.now, dir, p.encode())
}

// open is the handshake, with an MSS on both sides and whatever the stack adds.
func open(t *testing.T, faults ...Fault) *wire {
	w := &wire{t: t, inj: New(faults...), now: start}
	mss := []byte{optMSS, 4, 1000 >> 8, 1000 & 255}
	w.send(tap.Out, syn, 100, 0, "", mss...)
	w.send(tap.In, syn|ack, 500, 101, "", mss...)
	w.send(tap.Out, ack, 101, 501, "")
	return w
}

func named(t *testing.T, name string) Fault {
	f, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// one returns the only frame that was released, as a packet.
func one(t *testing.T, list []Release) *packet {
	t.Helper()
	if len(list) != 1 {
		t.Fatalf("%d frames came out, want 1", len(list))
	}
	p, ok := parse(list[0].Data)
	if !ok {
		t.Fatalf("no TCP segment: %x", list[0].Data)
	}
	return p
}

func TestFaultStrikesAsOftenAsItSays(t *testing.T) {
	for _, c := range []struct {
		name string
		want []bool
	}{
		{"tcp-checksum", []bool{true, false, false}},
		{"tcp-checksum:2", []bool{true, true, false}},
		{"tcp-checksum:always", []bool{true, true, true}},
		{"psh-missing", []bool{true, true, true}},
		{"psh-missing:once", []bool{true, false, false}},
	} {
		w := open(t, named(t, c.name))
		var struck []bool
		for n := range c.want {
			before := w.inj.Struck()
			w.send(tap.Out, ack|psh, 101+uint32(n), 501, "x")
			struck = append(struck, w.inj.Struck() > before)
		}
		if !slices.Equal(struck, c.want) {
			t.Errorf("%s struck %v, want %v", c.name, struck, c.want)
		}
	}
}

// After an edit the checksum is right again, unless it is the fault.
func TestEditedFramesHaveRightChecksums(t *testing.T) {
	p := one(t, open(t, named(t, "seq-one-too-high")).send(tap.Out, ack|psh, 101, 501, "hello"))
	if p.seq != 102 || !p.sumOK || string(p.payload) != "hello" {
		t.Errorf("seq %d, checksum right %v, payload %q", p.seq, p.sumOK, p.payload)
	}
	p = one(t, open(t, named(t, "checksum-without-length")).send(tap.Out, ack|psh, 101, 501, "hello"))
	if p.sumOK {
		t.Error("the checksum is right")
	}
}

func TestFinWithoutACK(t *testing.T) {
	w := open(t, named(t, "fin-without-ack"))
	if p := one(t, w.send(tap.Out, fin|ack, 101, 501, "")); p.flags != fin || p.ack != 0 {
		t.Errorf("flags %#x ack %d", p.flags, p.ack)
	}
	if p := one(t, w.send(tap.Out, fin|ack, 101, 501, "")); p.flags != fin|ack {
		t.Errorf("the second FIN has flags %#x", p.flags)
	}
}

func TestFramesThatAreAddedOrHeld(t *testing.T) {
	out := open(t, named(t, "data-after-fin")).send(tap.Out, fin|ack, 101, 501, "")
	if len(out) != 2 {
		t.Fatalf("%d frames, want the FIN and what follows", len(out))
	}
	if p, _ := parse(out[1].Data); p.seq != 102 || string(p.payload) != "!!" || !p.sumOK {
		t.Errorf("seq %d payload %q", p.seq, p.payload)
	}
	w := open(t, named(t, "ack-late"))
	w.send(tap.In, ack|psh, 501, 101, "hi")
	out = w.send(tap.Out, ack, 101, 503, "")
	if len(out) != 1 || out[0].After != 700*time.Millisecond {
		t.Errorf("released %v", out)
	}
}

// The recording has the frame, the stack does not get to see it.
func TestFramesThatAreHidden(t *testing.T) {
	if out := open(t, named(t, "rst-ignored")).send(tap.In, rst, 501, 0, ""); len(out) != 0 {
		t.Errorf("released %v", out)
	}
}

// A frame in the other direction is for the stack alone.
func TestFramesThatNobodySent(t *testing.T) {
	out := open(t, named(t, "initial-window-too-large")).send(tap.Out, ack|psh, 101, 501, "hello")
	if len(out) != 2 || out[1].Dir != tap.In {
		t.Fatalf("released %v", out)
	}
	if p, ok := parse(out[1].Data); !ok || p.ack != 106 || p.seq != 501 || p.sport != 0xf907 {
		t.Errorf("ack %d seq %d from %d", p.ack, p.seq, p.sport)
	}
}

// Connections do not share how often a fault has struck.
func TestConnectionsAreApart(t *testing.T) {
	w := open(t, named(t, "tcp-checksum"))
	w.send(tap.Out, ack|psh, 101, 501, "x")
	p, _ := parse(goldenFrame(t, "SYN"))
	p.sport++
	w.inj.Apply(w.now, tap.Out, p.encode())
	q := reply(&conn{}, p)
	q.flags, q.seq, q.ack, q.options = syn|ack, 7, p.seq+1, nil
	w.inj.Apply(w.now, tap.In, q.encode())
	p.flags, p.seq, p.ack, p.payload = ack|psh, p.seq+1, 8, []byte("y")
	if r := one(t, w.inj.Apply(w.now, tap.Out, p.encode())); r.sumOK {
		t.Error("the fault did not strike in the second connection")
	}
}

// Two faults in one stack: both are seen.
func TestFaultsTogether(t *testing.T) {
	p := one(t, open(t, named(t, "urgent-uncalled"), named(t, "psh-missing")).send(tap.Out, ack|psh, 101, 501, "hello"))
	if p.flags != ack|urg || p.urgent != 5 || !p.sumOK {
		t.Errorf("flags %#x urgent %d", p.flags, p.urgent)
	}
}

// What is not TCP passes byte for byte, and so does what no fault concerns.
func TestTheRestPasses(t *testing.T) {
	arp := append(bytes.Repeat([]byte{2}, 12), 8, 6, 0, 1)
	fragment := goldenFrame(t, "SYN")
	fragment[20] |= 0x20
	frame := goldenFrame(t, "ACK in a VLAN over IPv6")
	for _, b := range [][]byte{arp, fragment, frame, nil} {
		for _, f := range All() {
			out := New(f).Apply(start, tap.Out, b)
			if len(out) != 1 || !bytes.Equal(out[0].Data, b) || out[0].After != 0 {
				t.Errorf("%s: %x became %v", f.Name, b, out)
			}
		}
	}
}

// The same frames at the same times give the same frames.
func TestTheSameAgain(t *testing.T) {
	for _, f := range All() {
		var first []byte
		for range 2 {
			w := open(t, f)
			var all []byte
			for n := range uint32(4) {
				for _, r := range w.send(tap.Direction(n%2), ack|psh, 101+400*(n%2)+n/2, 501-400*(n%2), "x") {
					all = append(append(all, r.Data...), byte(r.Dir), byte(r.After>>20))
				}
			}
			if first == nil {
				first = all
			} else if !bytes.Equal(first, all) {
				t.Errorf("%s gives other frames the second time", f.Name)
			}
		}
	}
}

var nameForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestBook(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if seen[f.Name] || !nameForm.MatchString(f.Name) {
			t.Errorf("%q: twice, or not a name", f.Name)
		}
		seen[f.Name] = true
		if f.Rule == "" || f.Does == "" || f.Does[len(f.Does)-1] != '.' || f.when == nil || f.do == nil {
			t.Errorf("%s is not complete", f.Name)
		}
	}
	if len(seen) < 60 {
		t.Errorf("%d faults, at least 60 are wanted", len(seen))
	}
}

func TestFindRefuses(t *testing.T) {
	for name, want := range map[string]error{
		"": ErrUnknown, "nonsense": ErrUnknown, "ip-checksum:0": ErrTimes, "ip-checksum:-1": ErrTimes,
		"ip-checksum:": ErrTimes, "ip-checksum:twice": ErrTimes,
	} {
		if _, err := Find(name); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
	}
}
