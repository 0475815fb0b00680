package rules

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// TestNoCheckIsLeftOut looks at random conversations.
func TestNoCheckIsLeftOut(t *testing.T) {
	h := hearing{map[int]bool{}, map[int]bool{}}
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 1))
		talk := babble(random, []int{1, 8}[seed%2])
		c, err := capture.FromRecording("stack", talk.Recording(), netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		c.Exact = seed%4 != 0
		h.listen(t, c, fmt.Sprint("seed ", seed))
	}
	silent := ""
	for _, n := range checks {
		if Book[n].needs != 0 && !h.spoke[n] {
			silent += fmt.Sprint(" ", Book[n].ID)
		}
	}
	t.Log("not heard:", silent)
	for _, n := range checks {
		if Book[n].steady && !h.spared[n] {
			t.Error(Book[n].ID, "is steady and was never spared")
		}
	}
}

// FuzzNoCheckIsLeftOut looks at captures of anybody's.
func FuzzNoCheckIsLeftOut(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(Capture(f, "x", babble(rand.New(rand.NewPCG(seed, 1)), 4).Frames), seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, exact bool) {
		file, err := capture.Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		h := hearing{map[int]bool{}, map[int]bool{}}
		for n := range min(len(file.Flows), 4) {
			c := file.Conversation(n)
			c.Exact = exact
			h.listen(t, c, fmt.Sprint("conversation ", n+1))
		}
	})
}

// hearing is which checks had something to say, and which were not asked.
type hearing struct{ spoke, spared map[int]bool }

// listen calls every check for every frame of a conversation: where the judge would
// not call it, it must have nothing to say, or, if it is steady, nothing new.
func (h *hearing) listen(t *testing.T, c *capture.Conversation, what string) {
	t.Helper()
	walk := newTrack(c)
	out := &Outcome{Answers: make([][2]Answer, len(Book)), about: c}
	for i, e := range c.Events {
		if !walk.enter(i, e) || walk.damaged() {
			continue
		}
		called, before := map[int]bool{}, *walk
		for _, k := range walk.callsFor(walk.likeness()) {
			called[k.rule] = true
		}
		*walk = before
		for _, n := range checks {
			answer := Book[n].check(walk, &Finding{})
			*walk = before
			h.spared[n] = h.spared[n] || !called[n]
			if answer == NotExercised {
				continue
			}
			h.spoke[n] = true
			known := Book[n].steady && answer == Holds && out.Answers[n][e.Dir] != NotExercised
			if !called[n] && !known {
				t.Errorf("%s, frame %d: %s says %q and would not be asked", what, i+1, Book[n].ID, answer)
			}
		}
		out.frame(walk)
		walk.advance()
		walk.incur()
	}
}

// babble is a conversation of two ends that do anything, most of it nearly
// right; calm says how seldom.
func babble(random *rand.Rand, calm int) *Talk {
	talk := New()
	if random.IntN(4) == 0 {
		talk = New6()
	}
	any := func(n int) bool { return random.IntN(n*calm) == 0 }
	offer := func() []byte {
		return Opts(MSS(uint16(random.IntN(3)*700)), SACKOK(), TS(1, uint32(random.IntN(2))), WS(uint8(random.IntN(16))))
	}
	if !any(4) {
		talk.Open(offer(), offer())
	}
	var syn [2]bool // it was in the last segment
	next := [2]int64{1, 1}
	for range 60 {
		dir := random.IntN(2)
		s := Seg{Flags: ACK, Seq: next[dir], Ack: next[1-dir], Window: uint16(random.IntN(3) * random.IntN(700))}
		if any(3) {
			s.Seq -= int64(random.IntN(300))
		}
		if any(3) {
			s.Ack += int64(random.IntN(400) - 200)
		}
		if !any(3) {
			s.Payload = string(make([]byte, 1+random.IntN(2)*random.IntN(1400)))
		}
		for _, flag := range []int{SYN, FIN, RST, PSH, URG, ECE, CWR} {
			if any(12) {
				s.Flags |= uint16(flag)
			}
		}
		if any(20) {
			s.Flags &^= ACK
		}
		switch random.IntN(5 * calm) {
		default:
			s.Options = TS(1, 1)
		case 3:
		case 4:
			s.Options = []byte{1, 1, 1, 1} // no-operation
		case 0:
			s.Options = TS(uint32(random.IntN(50)), uint32(random.IntN(50)))
		case 1:
			left := talk.ISS + uint32(random.IntN(2000))
			s.Options = SACK(left, left+uint32(random.IntN(1500)))
		case 2:
			s.Options = offer()
		}
		if syn[dir] && random.IntN(2) == 0 {
			s.Flags, s.Options = s.Flags|SYN, offer()
		}
		syn[dir] = s.Flags&SYN != 0
		if any(2) {
			s.TOS = uint8(random.IntN(4))
		}
		s.NoDF = any(5)
		if any(6) {
			at, value := 6, uint8(0x80) // the reserved flag
			if random.IntN(2) == 0 {
				at, value = 8, 0 // the TTL
			}
			s.Mangle = func(packet []byte) {
				if packet[0]>>4 == 4 {
					packet[at], packet[10], packet[11] = value, 0, 0
					binary.BigEndian.PutUint16(packet[10:], Checksum(packet[:20]))
				}
			}
		}
		if dir == 0 {
			talk.Out(s)
		} else {
			talk.In(s)
		}
		next[dir] = max(next[dir], s.Seq+int64(len(s.Payload)))
		if any(12) {
			talk.Message(uint8([]int{3, 3, 4, 11, 12}[random.IntN(5)]), uint8(random.IntN(5)), uint32(random.IntN(1500)), next[0]-int64(random.IntN(200)))
		}
		talk.Wait(time.Duration(random.IntN(3)*random.IntN(3)*random.IntN(900)) * time.Millisecond)
	}
	return talk
}
