package capture_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

func recorded(t *testing.T, talk *Talk) *capture.Conversation {
	t.Helper()
	c, err := capture.FromRecording("test", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// one decodes a single segment of the client's.
func one(t *testing.T, s Seg) (*capture.Conversation, *capture.Event) {
	t.Helper()
	c := recorded(t, New().Out(s))
	return c, c.Events[0]
}

const ipBits = capture.DontFragment | capture.OwnDirection

func TestSYNFieldByField(t *testing.T) {
	c, e := one(t, Seg{Flags: SYN | 0xf00, Window: 64240, Urgent: 7, TOS: 0xb9, TTL: 63,
		Options: Opts(MSS(1460), SACKOK(), TS(100, 200), WS(7))})
	want := capture.Event{
		Time: e.Time, Seq: 1_000_000, TSVal: 100, TSEcr: 200, CapLen: 78, WireLen: 78, MSS: 1460, WindowScale: 7,
		Flags: capture.SYN | capture.Reserved, Window: 64240, Urgent: 7, IPID: 100, TTL: 63, TOS: 0xb9,
		IPOffset: 14, L4Offset: 34, PayloadOffset: 78, Kind: capture.TCP,
		Marks: ipBits | capture.HasMSS | capture.HasWindowScale | capture.HasTimestamps | capture.SACKPermitted,
	}
	if diff := cmp.Diff(want, *e, cmpopts.IgnoreUnexported(capture.Event{})); diff != "" {
		t.Error(diff)
	}
	if got := c.Layout(e).String(); got != "MSS,NOP,NOP,SACK_PERM,NOP,NOP,TS,NOP,WS" {
		t.Error(got)
	}
	if e.ECN() != 1 || e.SegLen() != 1 {
		t.Errorf("ECN %d, length %d", e.ECN(), e.SegLen())
	}
}

func TestMarks(t *testing.T) {
	data := Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Payload: "hello"}
	change := func(f func(s *Seg)) Seg {
		s := data
		f(&s)
		return s
	}
	for name, test := range map[string]struct {
		s    Seg
		want capture.Marks
	}{
		"nothing":          {data, 0},
		"odd payload":      {change(func(s *Seg) { s.Payload = "helloworld!" }), 0},
		"header checksum":  {change(func(s *Seg) { s.Mangle = func(p []byte) { p[11]++ } }), capture.IPChecksumBad},
		"payload changed":  {change(func(s *Seg) { s.Mangle = func(p []byte) { p[42] ^= 4 } }), capture.ChecksumBad},
		"checksum zero":    {change(func(s *Seg) { s.Mangle = func(p []byte) { p[36], p[37] = 0, 0 } }), capture.ChecksumBad},
		"pseudo only":      {change(func(s *Seg) { s.Partial = true }), capture.ChecksumPartial},
		"padding":          {change(func(s *Seg) { s.Pad = 6 }), capture.Padded},
		"zero-length opt":  {change(func(s *Seg) { s.Options = []byte{2, 4, 5, 180, 99, 0, 0, 0} }), capture.HasMSS | capture.OptionsMalformed},
		"option too long":  {change(func(s *Seg) { s.Options = []byte{1, 1, 8, 10} }), capture.OptionsMalformed},
		"option cut":       {change(func(s *Seg) { s.Options = []byte{1, 1, 1, 2} }), capture.OptionsMalformed},
		"MSS of 3 octets":  {change(func(s *Seg) { s.Options = []byte{2, 3, 5, 1} }), capture.OptionsMalformed},
		"unknown option":   {change(func(s *Seg) { s.Options = []byte{77, 3, 5, 1} }), 0},
		"after the end":    {change(func(s *Seg) { s.Options = []byte{0, 0, 3, 0} }), capture.EndPaddingNotZero},
		"data offset 4":    {change(func(s *Seg) { s.Mangle = func(p []byte) { p[32] = 0x40 } }), capture.HeaderBad | capture.ChecksumBad},
		"data offset 15":   {change(func(s *Seg) { s.Mangle = func(p []byte) { p[32] = 0xf0 } }), capture.HeaderBad | capture.ChecksumBad},
		"length too long":  {change(func(s *Seg) { s.Mangle = func(p []byte) { p[2] = 9 } }), capture.LengthBad | capture.IPChecksumBad},
		"length too short": {change(func(s *Seg) { s.Mangle = func(p []byte) { p[3] = 19 } }), capture.LengthBad | capture.IPChecksumBad},
		"first fragment": {change(func(s *Seg) { s.Mangle = func(p []byte) { p[6] |= 0x20 } }),
			capture.IPChecksumBad | capture.Fragmented | capture.ChecksumUnverified},
	} {
		c, e := one(t, test.s)
		if e.Marks != test.want|ipBits {
			t.Errorf("%s: marks %b, want %b", name, e.Marks, test.want|ipBits)
		}
		if raw, err := c.Raw(e, nil); err != nil || len(raw) != int(e.CapLen) {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
	}
}

func TestPseudoHeaderWithoutTheLengthIsAWrongChecksum(t *testing.T) {
	_, e := one(t, Seg{Flags: ACK, Seq: 1, Ack: 1, Payload: "hello", Mangle: func(p []byte) {
		p[36], p[37] = 0, 0
		sum := Checksum(append(append(append([]byte{}, p[12:20]...), 0, 6), p[20:]...))
		p[36], p[37] = byte(sum>>8), byte(sum)
	}})
	if !e.Marks.Has(capture.ChecksumBad) {
		t.Errorf("%b", e.Marks)
	}
}

func TestTruncatedEverywhereNeverPanics(t *testing.T) {
	for _, talk := range []*Talk{New().Echo("hello"), New6().Echo("hello")} {
		for _, f := range talk.Frames {
			for n := range len(f.Data) {
				cut := New().Raw(f.Dir, f.Data[:n])
				capture.FromRecording("cut", cut.Recording(), netip.AddrPort{})
				file := pcapFile(binary.LittleEndian, false, 1, []tap.Frame{{Time: f.Time, Data: f.Data[:n]}})
				binary.LittleEndian.PutUint32(file[24+12:], uint32(len(f.Data))) // snapped, not short
				readAll(t, file)
			}
		}
	}
}

func TestSnappedFrameKeepsItsLengthAndJudgesNoChecksum(t *testing.T) {
	frame := New().Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Payload: string(make([]byte, 1000))}).Frames[0]
	file := pcapFile(binary.LittleEndian, false, 1, []tap.Frame{{Time: frame.Time, Data: frame.Data[:96]}})
	binary.LittleEndian.PutUint32(file[24+12:], uint32(len(frame.Data)))
	e := read(t, file).Conversation(0).Events[0]
	if e.PayloadLen != 1000 || !e.Marks.Has(capture.CutShort|capture.ChecksumUnverified) || e.Marks.Any(capture.ChecksumBad|capture.LengthBad) {
		t.Errorf("%d octets, marks %b", e.PayloadLen, e.Marks)
	}
}

func TestVLANTagsAreSteppedOver(t *testing.T) {
	plain := New().Out(Seg{Flags: SYN}).Frames[0].Data
	tagged := append(append(append([]byte{}, plain[:12]...), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 7), plain[12:]...)
	e := recorded(t, New().Raw(tap.Out, tagged)).Events[0]
	if e.Kind != capture.TCP || !e.Marks.Has(capture.VLANTagged) || e.IPOffset != 22 || e.Marks.Any(capture.ChecksumBad) {
		t.Errorf("%+v", e)
	}
}

func TestOtherLinkTypes(t *testing.T) {
	for _, talk := range []*Talk{New().Echo("hello"), New6().Echo("hello")} {
		for link, header := range map[uint32]func(frame []byte) []byte{
			101: func([]byte) []byte { return nil },
			0:   func([]byte) []byte { return []byte{2, 0, 0, 0} },
			108: func([]byte) []byte { return []byte{0, 0, 0, 2} },
			113: func(f []byte) []byte { return append(make([]byte, 14), f[12:14]...) },
			276: func(f []byte) []byte { return append(append([]byte{}, f[12:14]...), make([]byte, 18)...) },
		} {
			var frames []tap.Frame
			for _, f := range talk.Frames {
				frames = append(frames, tap.Frame{Time: f.Time, Data: append(header(f.Data), f.Data[14:]...)})
			}
			f := read(t, pcapFile(binary.LittleEndian, false, link, frames))
			if len(f.Flows) != 1 || f.Flows[0].Frames != 11 {
				t.Fatalf("link type %d: %v", link, f.Flows)
			}
			c := f.Conversation(0)
			for i, e := range c.Events {
				whole, err := c.Ethernet(e, nil)
				if err != nil || string(whole[12:]) != string(talk.Frames[i].Data[12:]) {
					t.Fatalf("link type %d: as Ethernet %x, %v", link, whole, err)
				}
			}
		}
	}
}

func TestDecodingAllocatesNothingAFrame(t *testing.T) {
	measure := func(n int) float64 {
		talk := New().Open(MSS(1460), MSS(1460))
		for i := range n {
			talk.Out(Seg{Flags: ACK, Seq: 1 + int64(i)*5, Ack: 1, Payload: "hello", Options: TS(uint32(i), 1)})
		}
		file := pcapFile(binary.LittleEndian, false, 1, talk.Frames)
		return testing.AllocsPerRun(3, func() { read(t, file) })
	}
	small, large := measure(1000), measure(11000)
	if perFrame := (large - small) / 10000; perFrame > 0.01 { // one chunk of events for 256
		t.Errorf("%.4f allocations a frame", perFrame)
	}
}

func FuzzDecode(f *testing.F) {
	for _, talk := range []*Talk{New().Echo("hello"), New6().Echo("hello")} {
		for _, frame := range talk.Frames {
			f.Add(frame.Data, uint16(1))
		}
	}
	f.Add(New().Out(Seg{Flags: SYN, Options: Opts(MSS(1460), WS(7), TS(1, 2), SACKOK())}).Frames[0].Data, uint16(1))
	f.Add(New().Out(Seg{Flags: ACK, Options: SACK(1, 2)}).Frames[0].Data[14:], uint16(101))
	f.Fuzz(func(t *testing.T, frame []byte, link uint16) {
		file := pcapFile(binary.LittleEndian, false, uint32(link), []tap.Frame{{Data: frame}})
		readAll(t, file)
	})
}
