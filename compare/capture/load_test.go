package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

// manyFrames is two conversations in one capture that is read in many pieces:
// frames of every length, SACK blocks, many layouts of options, and ICMP between
// the segments.
func manyFrames(random *rand.Rand) []tap.Frame {
	talks := [2]*Talk{New().Open(MSS(1460), MSS(1460)), New6().Open(MSS(1440), MSS(1440))}
	for n := range int64(3000) {
		talk := talks[random.IntN(2)]
		switch random.IntN(8) {
		case 0:
			talk.Message(3, 4, 1200, 1)
		case 1, 2:
			at := talk.ISS + uint32(n)
			talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: uint16(n), Options: SACK(at, at+1, at+10, at+11)})
		case 3:
			unknown := []byte{byte(random.IntN(200)) + 40, 4, 0, 0}
			talk.Out(Seg{Flags: ACK, Seq: 1 + n, Ack: 1, Window: 1, Options: unknown})
		default:
			talk.Out(Seg{Flags: ACK, Seq: 1 + n, Ack: 1, Window: 1, Payload: string(make([]byte, random.IntN(1400)))})
		}
	}
	var frames []tap.Frame
	for x, y := talks[0].Frames, talks[1].Frames; len(x)+len(y) > 0; {
		if len(y) == 0 || len(x) > 0 && random.IntN(2) == 0 {
			frames, x = append(frames, x[0]), x[1:]
		} else {
			frames, y = append(frames, y[0]), y[1:]
		}
	}
	return frames
}

// story is what a capture says, in words, when so many bytes of it are read at
// once.
func story(t *testing.T, data []byte, atOnce int64) (lines []string) {
	t.Helper()
	f, err := capture.ReadAtOnce(bytes.NewReader(data), int64(len(data)), atOnce)
	if err != nil {
		return []string{err.Error()}
	}
	lines = append(lines, fmt.Sprint(f.Format, f.Frames, f.Problem))
	for n := range f.Flows {
		c := f.Conversation(n)
		lines = append(lines, f.Flows[n].String(), fmt.Sprint(len(c.Events), c.LeftOut, c.HasSYN, c.HasSYNACK, c.ISS, c.IRS, c.StartOfFrames))
		for _, e := range c.Events {
			raw, err := c.Raw(e, nil)
			if err != nil || len(raw) != int(e.CapLen) {
				t.Fatal(len(raw), err)
			}
			if e.Kind == capture.TCP && e.PayloadOffset > 0 && binary.BigEndian.Uint32(raw[e.L4Offset+4:]) != e.Seq {
				t.Fatalf("sequence number %d of a segment that is % x", e.Seq, raw)
			}
			lines = append(lines, fmt.Sprint(e.Time, e.Dir, e.Kind, e.Seq, e.Ack, e.RelSeq, e.RelAck, e.Flags, e.PayloadLen, e.PayloadHash,
				e.Marks, c.SACK(e), c.Layout(e), e.Type, e.Interface))
		}
	}
	return lines
}

func sameStory(t *testing.T, got, want []string) {
	t.Helper()
	for n := range max(len(got), len(want)) {
		if n >= len(got) || n >= len(want) || got[n] != want[n] {
			t.Fatalf("line %d of %d and %d\n got %q\nwant %q", n, len(got), len(want), got[min(n, len(got)-1)], want[min(n, len(want)-1)])
		}
	}
}

// A capture says the same however many pieces of it are decoded at a time, in
// all formats, and with blocks between its frames that only a slow look
// understands.
func TestPiecesOfACaptureMakeOneWhole(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	frames := manyFrames(random)
	files := map[string][]byte{"as it is written": Capture(t, "pieces", frames)}
	for name, order := range orders {
		odd := append(section(order), idb(order, 1)...)
		interfaces := uint32(1)
		for _, f := range frames {
			switch random.IntN(40) {
			case 0:
				odd = append(odd, block(order, 0x0bad, make([]byte, 4*random.IntN(3000)))...)
			case 1:
				odd, interfaces = append(append(odd, section(order)...), idb(order, 1)...), 1
			case 2:
				odd, interfaces = append(odd, idb(order, 1)...), interfaces+1
			case 3:
				odd = append(odd, epb(order, interfaces-1, uint64(f.Time.UnixMicro()), make([]byte, 300<<10))...)
			}
			odd = append(odd, epb(order, 0, uint64(f.Time.UnixMicro()), f.Data)...)
		}
		files[name+" endian, with all kinds of blocks"] = odd
		files[name+" endian, cut off"] = odd[:len(odd)-7]
		files[name+" endian, classic"] = pcapFile(order, false, 1, frames)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, file := range files {
		want := story(t, file, 1<<30)
		if len(want) < 3000 {
			t.Fatalf("%s: only %d lines", name, len(want))
		}
		for _, processors := range []int{1, 2, 5} {
			runtime.GOMAXPROCS(processors)
			for _, atOnce := range []int64{100, 3000, 1 << 18} {
				sameStory(t, story(t, file, atOnce), want)
			}
		}
	}
}
