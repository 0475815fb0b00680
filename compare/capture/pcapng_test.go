package capture_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
)

func TestPcapngInBothByteOrders(t *testing.T) {
	for name, order := range orders {
		file := append(section(order), idb(order, 1)...)
		for _, f := range echo() {
			file = append(file, epb(order, 0, uint64(f.Time.UnixMicro()), f.Data)...)
		}
		f := read(t, file)
		if f.Problem != nil || len(f.Flows) != 1 || f.Flows[0].Frames != 11 || f.Format != "pcapng" {
			t.Fatalf("%s endian: %+v", name, f)
		}
		if c := f.Conversation(0); c.Events[10].Time-c.Events[0].Time != 10e6 {
			t.Errorf("%s endian: times are wrong", name)
		}
	}
}

func TestPcapngTimeResolutions(t *testing.T) {
	le := binary.LittleEndian
	frame := echo()[0]
	seconds := uint64(frame.Time.Unix())
	for _, test := range []struct {
		resolution byte
		stamp      uint64
	}{
		{0, seconds}, {3, seconds * 1000}, {6, seconds * 1e6}, {9, seconds * 1e9}, {0x80 | 10, seconds << 10}, {0x80, seconds},
	} {
		file := append(section(le), idb(le, 1, option(le, 9, []byte{test.resolution}))...)
		f := read(t, append(file, epb(le, 0, test.stamp, frame.Data)...))
		if !f.Flows[0].Start.Equal(time.Unix(int64(seconds), 0)) {
			t.Errorf("resolution %#x: %v", test.resolution, f.Flows[0].Start)
		}
	}
	for _, resolution := range []byte{19, 20, 127, 0xff} { // cannot be expressed, must not crash
		file := append(section(le), idb(le, 1, option(le, 9, []byte{resolution}))...)
		read(t, append(file, epb(le, 0, 1<<63, frame.Data)...))
	}
	offset := option(le, 14, le.AppendUint64(nil, 1000))
	f := read(t, append(append(section(le), idb(le, 1, offset)...), epb(le, 0, seconds*1e6, frame.Data)...))
	if !f.Flows[0].Start.Equal(time.Unix(int64(seconds)+1000, 0)) {
		t.Errorf("if_tsoffset: %v", f.Flows[0].Start)
	}
}

func TestPcapngSectionsInterfacesAndOldBlocks(t *testing.T) {
	le, be := binary.LittleEndian, binary.BigEndian
	frames := echo()
	var file []byte
	file = append(file, section(le)...)
	file = append(file, idb(le, 1, option(le, 2, []byte("one")))...)
	file = append(file, idb(le, 1, option(le, 2, []byte("two")))...)
	file = append(file, epb(le, 0, 1, frames[0].Data)...)
	file = append(file, epb(le, 1, 2, frames[0].Data)...) // the same frame on another interface is another flow
	file = append(file, block(le, 99, []byte("unknown block"))...)
	file = append(file, section(be)...)
	file = append(file, idb(be, 1, option(be, 2, []byte("three")))...)
	old := be.AppendUint16(be.AppendUint16(nil, 0), 0)
	old = append(append(old, words(be, 0, 3, uint32(len(frames[0].Data)), uint32(len(frames[0].Data)))...), frames[0].Data...)
	file = append(file, block(be, 2, old)...)
	file = append(file, block(be, 3, words(be, uint32(len(frames[1].Data))), frames[1].Data)...)
	file = append(file, block(be, 5, words(be, 0, 0, 0), option(be, 5, be.AppendUint64(nil, 42)))...)
	f := read(t, file)
	if f.Problem != nil {
		t.Fatal(f.Problem)
	}
	var names []string
	for _, flow := range f.Flows {
		names = append(names, flow.Interface)
	}
	if got := strings.Join(names, " "); got != "one two three" {
		t.Fatal(got)
	}
	if c := f.Conversation(2); len(c.Events) != 2 || c.Dropped != 42 || !c.FromStart() {
		t.Errorf("%d events, %d dropped", len(c.Events), c.Dropped)
	}
	if c, err := f.Flow("two"); err != nil || c.Stack != "two" {
		t.Error(err)
	}
}

func TestPcapngCutAnywhere(t *testing.T) {
	le := binary.LittleEndian
	whole := append(section(le), idb(le, 1)...)
	ends := map[int]int{len(whole): 0, 28: 0}
	for n, f := range echo() {
		whole = append(whole, epb(le, 0, 1, f.Data)...)
		ends[len(whole)] = n + 1
	}
	for size := 28; size <= len(whole); size++ {
		f, err := capture.Read(bytes.NewReader(whole[:size]), int64(size))
		frames, clean := ends[size]
		if clean && (err != nil || f.Problem != nil || f.Frames != frames) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if !clean && err == nil && f.Problem == nil {
			t.Fatalf("%d bytes: nobody noticed that the file is cut", size)
		}
	}
}

func TestPcapngThatLies(t *testing.T) {
	le := binary.LittleEndian
	start := append(section(le), idb(le, 1)...)
	start = append(start, epb(le, 0, 1, echo()[0].Data)...)
	for name, tail := range map[string][]byte{
		"block of four gigabytes":   words(le, 6, 0xfffffffc, 0, 0, 0),
		"block of no bytes":         words(le, 6, 0, 0, 0),
		"block of eleven bytes":     words(le, 6, 11, 0, 0),
		"interface that is not":     epb(le, 7, 1, []byte("data")),
		"frame longer than block":   block(le, 6, words(le, 0, 0, 0, 4000, 4000), []byte("data")),
		"packet block too short":    block(le, 6, words(le, 0, 0)),
		"interface block too short": block(le, 1, words(le)),
		"other length at the end":   append(block(le, 99, words(le, 1))[:12], words(le, 17)...),
		"section without magic":     block(le, 0x0a0d0d0a, words(le, 1, 1, 1, 1)),
		"statistics of nobody":      block(le, 5, words(le, 9, 0, 0)),
	} {
		f := read(t, append(append([]byte{}, start...), tail...))
		if f.Problem == nil || len(f.Flows) != 1 {
			t.Errorf("%s: problem %v, %d flows", name, f.Problem, len(f.Flows))
		}
	}
}

func TestPcapngOptionsThatDoNotFitAreLeft(t *testing.T) {
	le := binary.LittleEndian
	file := append(section(le), idb(le, 1, option(le, 2, []byte("name")), words(le, 0xffff0003))...)
	f := read(t, append(file, epb(le, 0, 1, echo()[0].Data)...))
	if f.Problem != nil || f.Flows[0].Interface != "name" {
		t.Errorf("%v %q", f.Problem, f.Flows[0].Interface)
	}
}

func FuzzPcapng(f *testing.F) {
	for _, order := range orders {
		file := append(section(order), idb(order, 1, option(order, 9, []byte{9}))...)
		for _, frame := range echo() {
			file = append(file, epb(order, 0, uint64(frame.Time.UnixNano()), frame.Data)...)
		}
		file = append(file, block(order, 5, words(order, 0, 0, 0), option(order, 5, make([]byte, 8)))...)
		f.Add(append(file, block(order, 3, words(order, 4), []byte("data"))...))
	}
	f.Fuzz(func(t *testing.T, data []byte) { readAll(t, data) })
}
