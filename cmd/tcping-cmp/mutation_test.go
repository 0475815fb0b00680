package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario/library"
	"tcping-cmp/tap"
)

var (
	mutations     = flag.Int("mutations", 5, "how many frames of each scenario are changed, one at a time")
	mutationsSeed = flag.Uint64("mutations.seed", 1, "seed of the changes")
)

// header is where the parts of a frame lie, as bytes from its beginning.
type header struct {
	frame          []byte
	v6             bool
	tcp, data, end int
}

const ethernet = 14

// headerOf takes a frame with TCP apart, with nothing from the code that is
// tested here.
func headerOf(frame []byte) (h header, ok bool) {
	h.frame = frame
	switch {
	case len(frame) >= 54 && frame[12] == 0x08 && frame[13] == 0x00 && frame[23] == 6:
		h.tcp = ethernet + int(frame[14]&15)*4
		h.end = ethernet + int(binary.BigEndian.Uint16(frame[16:]))
	case len(frame) >= 74 && frame[12] == 0x86 && frame[13] == 0xdd && frame[20] == 6:
		h.v6, h.tcp = true, ethernet+40
		h.end = h.tcp + int(binary.BigEndian.Uint16(frame[18:]))
	default:
		return h, false
	}
	h.data = h.tcp + int(frame[h.tcp+12]>>4)*4
	return h, true
}

// field names what a byte belongs to.
func (h header) field(at int) string {
	type part struct {
		until int
		name  string
	}
	parts := []part{
		{15, "version and header length"}, {16, "DSCP and ECN"}, {18, "total length"}, {20, "identification"},
		{22, "flags and offset"}, {23, "TTL"}, {24, "protocol"}, {26, "IP checksum"}, {34, "addresses"}, {h.tcp, "IP options"},
	}
	if h.v6 {
		parts = []part{{18, "version, class and flow label"}, {20, "payload length"}, {21, "next header"}, {22, "hop limit"}, {h.tcp, "addresses"}}
	}
	parts = append(parts, []part{
		{h.tcp + 4, "ports"}, {h.tcp + 8, "sequence number"}, {h.tcp + 12, "acknowledgement"}, {h.tcp + 13, "data offset and reserved"},
		{h.tcp + 14, "flags"}, {h.tcp + 16, "window"}, {h.tcp + 18, "TCP checksum"}, {h.tcp + 20, "urgent pointer"},
		{h.data, "options"}, {h.end, "payload"},
	}...)
	for _, p := range parts {
		if at < p.until {
			if p.name == "options" {
				return h.optionAt(at)
			}
			return p.name
		}
	}
	return "padding"
}

// sum16 is the Internet checksum of the bytes, to be continued.
func sum16(acc uint32, b []byte) uint32 {
	for i, x := range b {
		acc += uint32(x) << (8 * (1 - i%2))
	}
	return acc
}

func folded(acc uint32) uint16 {
	for acc > 0xffff {
		acc = acc&0xffff + acc>>16
	}
	return ^uint16(acc)
}

// mend makes both checksums right again.
func (h header) mend() {
	f := h.frame
	addresses := f[22:54]
	if !h.v6 {
		f[24], f[25] = 0, 0
		binary.BigEndian.PutUint16(f[24:], folded(sum16(0, f[ethernet:h.tcp])))
		addresses = f[26:34]
	}
	f[h.tcp+16], f[h.tcp+17] = 0, 0
	acc := sum16(6+uint32(h.end-h.tcp), addresses)
	binary.BigEndian.PutUint16(f[h.tcp+16:], folded(sum16(acc, f[h.tcp:h.end])))
}

// options are the TCP options, each with the place of its first byte.
func (h header) options(yield func(at int, option []byte) bool) {
	for at := h.tcp + 20; at < h.data; {
		length := 1
		if h.frame[at] > 1 && at+1 < h.data {
			length = max(2, int(h.frame[at+1]))
		}
		end := min(at+length, h.data)
		if !yield(at, h.frame[at:end]) {
			return
		}
		at = end
	}
}

const timestamps = 8 // the kind of option

// optionAt names the option that a byte of the TCP header belongs to.
func (h header) optionAt(at int) string {
	for first, option := range h.options {
		switch inside := at - first; {
		case inside >= len(option):
		case option[0] == timestamps && inside >= 6:
			return "TSecr"
		case option[0] == timestamps && inside >= 2:
			return "TSval"
		default:
			return fmt.Sprintf("option %d", option[0])
		}
	}
	panic("BUG: the byte is in no option")
}

// option returns a TCP option with its kind and length; nil if there is none.
func (h header) option(kind byte) []byte {
	for _, option := range h.options {
		if option[0] == kind {
			return option
		}
	}
	return nil
}

// mutation is one bit of a frame turned over.
type mutation struct {
	frame, at int
	bit       byte
	field     string
}

func (m mutation) String() string {
	return fmt.Sprintf("frame %d, byte %d, bit %#02x, %s", m.frame+1, m.at, m.bit, m.field)
}

// mutate turns over one bit of one of the frames, from the IP header on, and
// makes the checksums right again unless the bit is one of theirs.
func mutate(r *rand.Rand, rec tap.Recording, frames []int) (tap.Recording, mutation) {
	m := mutation{frame: frames[r.IntN(len(frames))]}
	frame := slices.Clone(rec.Frames[m.frame].Data)
	h, _ := headerOf(frame)
	m.at, m.bit = ethernet+r.IntN(h.end-ethernet), 1<<r.IntN(8)
	m.field = h.field(m.at)
	frame[m.at] ^= m.bit
	if !strings.HasSuffix(m.field, "checksum") {
		h.mend()
	}
	rec.Frames = slices.Clone(rec.Frames)
	rec.Frames[m.frame].Data = frame
	return rec, m
}

// sentIn are the frames with TCP that the client has sent in a conversation.
func sentIn(c *capture.Conversation, rec tap.Recording) (frames []int) {
	for _, e := range c.Events {
		i := c.Index(e)
		if _, ok := headerOf(rec.Frames[i].Data); ok && e.Dir == tap.Out {
			frames = append(frames, i)
		}
	}
	return frames
}

// free are the fields whose value means nothing, or cannot be wrong by itself,
// so that a report says of them at most that they were taken out.
var free = map[string]string{
	"identification": "RFC 6864 §4.1: it means nothing in a packet that may not be fragmented; a change within the way of counting is none",
	"TSval":          "RFC 7323 §5.4: origin and tick are free, as long as the numbers do not go back",
}

// ordinary counts the frames that are no resets.
func ordinary(rec tap.Recording, frames []int) (n int) {
	for _, i := range frames {
		if h, _ := headerOf(rec.Frames[i].Data); h.frame[h.tcp+13]&4 == 0 {
			n++
		}
	}
	return n
}

// open reports whether a changed echo is one that a capture has to leave open:
// of a reset without ACK, where it means nothing (RFC 7323 §3.2), or of another
// segment of the peer's that was on its way.
func open(rec tap.Recording, m mutation) bool {
	h, _ := headerOf(rec.Frames[m.frame].Data)
	if h.frame[h.tcp+13]&(4|16) == 4 {
		return true
	}
	echo := h.option(timestamps)[6:10]
	for _, f := range rec.Frames[:m.frame] {
		if g, ok := headerOf(f.Data); ok && f.Dir == tap.In {
			if o := g.option(timestamps); len(o) == 10 && string(o[2:6]) == string(echo) {
				return true
			}
		}
	}
	return false
}

// changing plays the library to the hand-made stack, has change make something
// of each recording, and compares the result with the original as often as
// -mutations says. It tells seen what came out: the worst verdict, or that there
// was no difference at all.
func changing(t *testing.T, change func(r *rand.Rand, rec tap.Recording, sent []int) (tap.Recording, mutation),
	seen func(name, verdict string, changed tap.Recording, m mutation)) {
	for _, one := range library.Cases() {
		script, err := one.Script()
		if err != nil {
			t.Fatal(err)
		}
		play := playTo(newVirtualStack("handcrafted", "rfc"), script, lab.PlayOptions{Patient: true, Seed: 1})
		original, err := capture.FromRecording("original", play.Recording, play.Remote)
		if play.NotRun != "" || err != nil {
			continue // nothing of TCP was sent
		}
		frames := sentIn(original, play.Recording)
		if ordinary(play.Recording, frames) < 2 {
			continue // addresses, ports, numbers and labels mean something only beside others
		}
		r := rand.New(rand.NewPCG(*mutationsSeed, seedOf(one.ID())))
		for range *mutations {
			changed, m := change(r, play.Recording, frames)
			verdict := "no conversation"
			if c, err := capture.FromRecording("changed", changed, play.Remote); err == nil {
				verdict = worstOf(compare.Compare([]*capture.Conversation{original}, []*capture.Conversation{c}, compare.Options{}))
			}
			seen(one.ID(), verdict, changed, m)
		}
	}
}

const noDifference = "no difference"

func worstOf(report *compare.Report) string {
	if len(report.Differences) == 0 {
		return noDifference
	}
	worst := compare.Same
	for _, d := range report.Differences {
		worst = max(worst, d.Verdict)
	}
	return worst.String()
}

// tally counts verdicts by what was changed.
type tally map[string]map[string]int

func (c tally) add(what, verdict string) {
	if c[what] == nil {
		c[what] = map[string]int{}
	}
	c[what][verdict]++
}

func (c tally) log(t *testing.T) {
	for _, what := range slices.Sorted(maps.Keys(c)) {
		t.Logf("%-30s %v", what, c[what])
	}
}

// TestEveryChangedBitIsSeen turns over one bit in one frame of a recording at a
// time. Nobody has thought of these faults before, and the report has to tell
// each of them.
func TestEveryChangedBitIsSeen(t *testing.T) {
	counts := tally{}
	changing(t, mutate, func(name, verdict string, changed tap.Recording, m mutation) {
		counts.add(m.field, verdict)
		if verdict == noDifference && free[m.field] == "" && !(m.field == "TSecr" && open(changed, m)) {
			t.Errorf("%s: %s: the report shows no difference", name, m)
		}
	})
	counts.log(t)
}

// TestEveryFrameTooFewOrTooManyIsSeen takes a frame away, or sends one twice: at
// once, or behind the last.
func TestEveryFrameTooFewOrTooManyIsSeen(t *testing.T) {
	counts := tally{}
	changing(t, rearrange, func(name, verdict string, changed tap.Recording, m mutation) {
		counts.add(m.field, verdict)
		if verdict == noDifference {
			t.Errorf("%s: frame %d %s: the report shows no difference", name, m.frame+1, m.field)
		}
	})
	counts.log(t)
}

// rearrange takes a frame away or repeats it.
func rearrange(r *rand.Rand, rec tap.Recording, frames []int) (tap.Recording, mutation) {
	at := r.IntN(len(frames))
	m := mutation{frame: frames[at]}
	f := rec.Frames[m.frame]
	switch r.IntN(3) {
	case 0:
		m.field = "taken away"
		rec.Frames = slices.Delete(slices.Clone(rec.Frames), m.frame, m.frame+1)
	case 1:
		m.field = "sent twice"
		rec.Frames = slices.Insert(slices.Clone(rec.Frames), m.frame, f)
	default:
		m.field = "sent again behind the last"
		last := frames[len(frames)-1]
		f.Time = rec.Frames[last].Time
		rec.Frames = slices.Insert(slices.Clone(rec.Frames), last+1, f)
	}
	return rec, m
}

// seedOf makes a number of a name.
func seedOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}
