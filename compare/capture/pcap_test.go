package capture_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"tcping-cmp/compare/capture"
)

func TestPcapInEveryDialect(t *testing.T) {
	for name, order := range orders {
		for _, nano := range []bool{false, true} {
			f := read(t, pcapFile(order, nano, 1, echo()))
			if f.Problem != nil || f.Frames != 11 || len(f.Flows) != 1 || f.Format != "pcap" {
				t.Fatalf("%s endian: %+v", name, f)
			}
			c := f.Conversation(0)
			if got := c.Events[10].Time - c.Events[0].Time; got != 10e6 {
				t.Errorf("%s endian, nanoseconds %v: last frame after %d ns, want 10 ms", name, nano, got)
			}
		}
	}
}

func TestPcapCutAnywhereGivesWhatWasThere(t *testing.T) {
	whole := pcapFile(binary.LittleEndian, false, 1, echo())
	offset := 24
	ends := map[int]int{24: 0}
	for n, f := range echo() {
		offset += 16 + len(f.Data)
		ends[offset] = n + 1
	}
	frames := 0
	for size := range len(whole) + 1 {
		if n, ok := ends[size]; ok {
			frames = n
		}
		f, err := capture.Read(bytes.NewReader(whole[:size]), int64(size))
		_, clean := ends[size]
		switch {
		case frames == 0 && !clean:
			if err == nil {
				t.Fatalf("%d bytes: no error", size)
			}
		case err != nil:
			t.Fatalf("%d bytes: %v", size, err)
		case f.Frames != frames || (f.Problem == nil) != clean:
			t.Fatalf("%d bytes: %d frames, problem %v; want %d", size, f.Frames, f.Problem, frames)
		}
	}
}

func TestPcapThatLiesAboutLengths(t *testing.T) {
	for _, claim := range []uint32{0xffffffff, 1 << 30, 1<<20 + 1, 1 << 20, 5000} {
		file := pcapFile(binary.LittleEndian, false, 1, echo())
		binary.LittleEndian.PutUint32(file[24+16+74-16+8:], 0) // no effect on the first record's data
		binary.LittleEndian.PutUint32(file[24+8:], claim)
		allocated := testing.AllocsPerRun(1, func() {
			f, err := capture.Read(bytes.NewReader(file), int64(len(file)))
			if err == nil && f.Problem == nil {
				t.Errorf("a frame of %d bytes was believed", claim)
			}
		})
		if allocated > 100 {
			t.Errorf("%v allocations", allocated)
		}
	}
}

func TestFilesThatAreNoCaptures(t *testing.T) {
	for content, want := range map[string]string{
		"": "only 0 bytes", "abc": "only 3 bytes", "hello world": "tcpdump or Wireshark", "\x1f\x8b\x08\x00....": "gunzip",
	} {
		_, err := capture.Read(strings.NewReader(content), int64(len(content)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestUnknownLinkTypeIsSaidClearly(t *testing.T) {
	file := pcapFile(binary.LittleEndian, false, 127, echo()) // radiotap
	_, err := capture.Read(bytes.NewReader(file), int64(len(file)))
	if err == nil || !strings.Contains(err.Error(), "link type 127") {
		t.Error(err)
	}
}

func FuzzPcap(f *testing.F) {
	for _, order := range orders {
		f.Add(pcapFile(order, false, 1, echo()))
	}
	f.Add(pcapFile(binary.LittleEndian, true, 101, echo()))
	f.Fuzz(func(t *testing.T, data []byte) { readAll(t, data) })
}

// readAll reads a file and every byte of every conversation in it, as a whole
// and in small pieces at the same time.
func readAll(t *testing.T, data []byte) {
	sameStory(t, story(t, data, 100), story(t, data, 1<<20))
	file, err := capture.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return
	}
	if file.Frames > len(data)/8 {
		t.Fatalf("%d frames out of %d bytes", file.Frames, len(data))
	}
}
