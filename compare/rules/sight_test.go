package rules

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// TestNoCheckIsLeftOut calls every check for every frame of random
// conversations: where it is not called it must have nothing to say.
func TestNoCheckIsLeftOut(t *testing.T) {
	spoke := map[int]bool{}
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 1))
		talk := babble(random)
		c, err := capture.FromRecording("stack", talk.Recording(), netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		c.Exact = seed%4 != 0
		walk := newTrack(c)
		out := &Outcome{Answers: make([][2]Answer, len(Book)), about: c}
		for i, e := range c.Events {
			if !walk.enter(i, e) || walk.damaged() {
				continue
			}
			called := map[int]bool{}
			for _, k := range walk.callsFor(walk.sight()) {
				called[k.rule] = true
			}
			for _, n := range checks {
				before := *walk
				answer := Book[n].check(walk, &Finding{})
				*walk = before
				if answer == NotExercised {
					continue
				}
				spoke[n] = true
				if !called[n] {
					t.Errorf("seed %d, frame %d: %s says %q and would not be asked", seed, i+1, Book[n].ID, answer)
				}
			}
			out.frame(walk)
			walk.advance()
			walk.incur()
		}
	}
	silent := ""
	for _, n := range checks {
		if Book[n].needs != 0 && !spoke[n] {
			silent += fmt.Sprint(" ", Book[n].ID)
		}
	}
	t.Log("not heard:", silent)
}

// babble is a conversation of two ends that do anything, most of it nearly
// right.
func babble(random *rand.Rand) *Talk {
	talk := New()
	if random.IntN(4) == 0 {
		talk = New6()
	}
	any := func(n int) bool { return random.IntN(n) == 0 }
	offer := func() []byte {
		return Opts(MSS(uint16(random.IntN(3)*700)), SACKOK(), TS(1, uint32(random.IntN(2))), WS(uint8(random.IntN(16))))
	}
	talk.Open(offer(), offer())
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
		switch random.IntN(4) {
		case 0:
			s.Options = TS(uint32(random.IntN(50)), uint32(random.IntN(50)))
		case 1:
			left := talk.ISS + uint32(random.IntN(2000))
			s.Options = SACK(left, left+uint32(random.IntN(1500)))
		case 2:
			s.Options = offer()
		}
		s.TOS, s.NoDF = uint8(random.IntN(2)*random.IntN(4)), any(5)
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
