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
			in := frameInput{e, i + 1, names.Name(i), names.Window(i), inference.Next()}
			got, err := x.line(nil, &in)
			if err != nil {
				t.Fatal(err)
			}
			if want := encoded(t, x.record(&in)); !bytes.Equal(got, want) {
				t.Errorf("frame %d:\n got %s want %s", i+1, got, want)
			}
		}
	}
}

func TestRowsAreWrittenAsEncodingJSONDoes(t *testing.T) {
	for _, row := range []compare.Row{{Ref: 3, Test: compare.None, Worst: compare.Violation}, {Ref: 0, Test: 1, Moved: true}} {
		var got bytes.Buffer
		l := newLines(&got)
		l.pair(4, 7, &row)
		l.w.Flush()
		want := encoded(t, PairRecord{
			Head: head("pair"), Comparison: 4, Row: 7, Reference: int(row.Ref) + 1, Tested: int(row.Test) + 1,
			Verdict: row.Worst.String(), Moved: row.Moved,
		})
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("got %s want %s", got.Bytes(), want)
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
	l.frames(frameHead{c, 1, "tested", "test", 1})
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
