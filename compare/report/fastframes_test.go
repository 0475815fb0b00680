package report

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// everyKind is a conversation with every kind of frame and field.
func everyKind(talk *Talk) *Talk {
	talk.Open(Opts(MSS(1460), SACKOK(), TS(1, 0), WS(7)), Opts(MSS(1460), SACKOK(), TS(9, 1), WS(2)))
	talk.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(2, 9)})
	talk.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Payload: "hello <&>", TOS: 0xb9})
	talk.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Payload: "hello <&>"})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 400, Options: Opts(TS(10, 2), SACK(talk.ISS+20, talk.ISS+30, talk.ISS+40, talk.ISS+50))})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 400}).In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 400})
	talk.Out(Seg{Flags: URG | ACK | ECE | CWR | 0x700, Seq: 10, Ack: 1, Window: 0, Urgent: 3, Payload: "abc", NoDF: true})
	talk.Out(Seg{Flags: 0, Seq: 13, Window: 1, Options: []byte{253, 4, 1, 2}})
	talk.Out(Seg{Flags: ACK, Seq: 13, Ack: 1, Window: 1, Options: []byte{3, 0, 0, 0}})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 1, Payload: "damaged", Mangle: func(p []byte) { p[len(p)-1] ^= 1 }})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 1, Payload: "padded", Pad: 7})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 10, Window: 1, Payload: "to hardware", Partial: true})
	talk.Message(3, 4, 1200, 1)
	talk.Raw(tap.Out, []byte("\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x01\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01\x02\x00\x00\x00\x00\x01\xc0\x00\x02\x01\x00\x00\x00\x00\x00\x00\xc0\x00\x02\x02"))
	return talk.In(Seg{Flags: RST | ACK, Seq: 1, Ack: 10})
}

// What is written without reflection is what encoding/json writes.
func TestFramesAreWrittenAsEncodingJSONDoes(t *testing.T) {
	for _, talk := range []*Talk{everyKind(New()), New6().Echo("hello")} {
		c, err := capture.FromRecording("a <stack>", talk.Recording(), netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		x := newFrameEncoder(frameHead{c, 2, "tested", "a <stack>", 3})
		names, inference := compare.Roles(c), rules.NewInference(c)
		for i, e := range c.Events {
			var implied rules.Inferred
			inference.Next(&implied)
			in := frameInput{e, i + 1, names.Name(i), names.Window(i), &implied}
			got, err := x.line(nil, &in)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := c.Raw(e, nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := encoded(t, x.record(&in, raw)); !bytes.Equal(got, want) {
				t.Errorf("frame %d:\n got %s want %s", i+1, got, want)
			}
		}
	}
}

func TestRowsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	for _, count := range []int{0, 1, rowsAtOnce, rowsAtOnce + 1, 7*rowsAtOnce + 3} {
		rows, want := make([]compare.Row, count), []byte{}
		for n := range rows {
			rows[n] = compare.Row{Ref: int32(n), Test: int32(n) - 1, Worst: compare.Verdict(n % 4), Moved: n%3 == 0}
			want = append(want, encoded(t, PairRecord{
				Head: head("pair"), Comparison: 4, Row: n + 1, Reference: n + 1, Tested: n,
				Verdict: rows[n].Worst.String(), Moved: rows[n].Moved,
			})...)
		}
		var got bytes.Buffer
		l := newLines(&got)
		l.pairs(4, rows)
		l.w.Flush()
		if l.err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%d rows (%v): got %.300s want %.300s", count, l.err, got.Bytes(), want)
		}
	}
}

// TestPlacesAreWrittenAsEncodingJSONDoes has differences of every class, with
// values that JSON has to escape, and with more places than one goroutine
// takes at a time.
func TestPlacesAreWrittenAsEncodingJSONDoes(t *testing.T) {
	one, two := New().Echo("say \"hello\"\\"), New().Echo("say \x00\xff<ü>\n")
	for n := range int64(3 * rowsAtOnce) {
		one.Out(Seg{Flags: ACK, Seq: 100 + n, Ack: 1, Window: 502, Payload: "x"})
		two.Out(Seg{Flags: ACK, Seq: 100 + n, Ack: 1, Window: 503, Payload: "y"})
		if n%7 == 0 {
			two.Out(Seg{Flags: ACK, Seq: 100 + n, Ack: 1, Window: 503, Payload: "z"})
		}
	}
	classes := map[compare.Class]bool{}
	for _, pair := range [][2]*Talk{{one, two}, {two, one}, {New().Echo("hello"), everyKind(New())}} {
		var c [2]*capture.Conversation
		for n, talk := range pair {
			var err error
			if c[n], err = capture.FromRecording("stack", talk.Recording(), netip.AddrPort{}); err != nil {
				t.Fatal(err)
			}
		}
		r := compare.Compare(c[:1], c[1:], compare.Options{})
		for n := range r.Differences {
			d := &r.Differences[n]
			classes[d.Class] = true
			want := difference(9, r, d)
			for _, o := range d.Occurrences {
				place := OccurrenceRecord{ReferenceFrame: int(o.Ref) + 1, TestedFrame: int(o.Test) + 1, Got: o.Got, Want: o.Want}
				place.Reference, place.Tested = r.Values(d, o)
				if d.Class == compare.Rule {
					place.Finding = d.Finding(o)
				}
				want.Occurrences = append(want.Occurrences, place)
			}
			var got bytes.Buffer
			l := newLines(&got)
			l.difference(9, r, d)
			l.w.Flush()
			if want := encoded(t, want); l.err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%s (%v):\n got %.400s\nwant %.400s", d.Title(), l.err, got.Bytes(), want)
			}
		}
	}
	for class := range compare.Rule + 1 {
		if !classes[class] && class != compare.Order {
			t.Errorf("no difference of class %s", class)
		}
	}
}

func encoded(t *testing.T, record any) []byte {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(record); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// The lines of many batches come in the order of the frames.
func TestManyFramesKeepTheirOrder(t *testing.T) {
	talk := New().Open(MSS(1460), MSS(1460))
	for n := range int64(10 * framesAtOnce) {
		talk.Out(Seg{Flags: ACK, Seq: 1 + n, Ack: 1, Window: 502, Payload: "x"})
	}
	c, err := capture.FromRecording("test", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	l := newLines(&got)
	l.frames(frameHead{c, 1, "tested", "test", 1}, compare.Roles(c))
	l.w.Flush()
	n := 0
	for line := range strings.Lines(got.String()) {
		var f FrameRecord
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		if n++; f.Frame != n {
			t.Fatalf("line %d has frame %d", n, f.Frame)
		}
	}
	if n != len(c.Events) || l.err != nil {
		t.Errorf("%d lines of %d frames, %v", n, len(c.Events), l.err)
	}
}

func TestAppendHexIsHex(t *testing.T) {
	all := make([]byte, 259)
	for n := range all {
		all[n] = byte(n)
	}
	for from := range all {
		for to := from; to <= len(all); to += 1 + from%5 {
			if got, want := string(appendHex([]byte("x"), all[from:to])), "x"+hex.EncodeToString(all[from:to]); got != want {
				t.Fatalf("bytes %d to %d: got %s, want %s", from, to, got, want)
			}
		}
	}
}
