package compare_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// straying goes on from where a conversation begins, with differences of every
// class: other options, a window, a wrong checksum, a FIN without ACK, a frame
// more and a frame less.
func straying(t *Talk, ts uint32) *Talk {
	t.Open(Opts(MSS(1400), TS(ts, 0)), Opts(MSS(1460), TS(7*ts, ts)))
	t.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(ts, 7*ts)})
	t.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(ts, 7*ts), Payload: "hello", Mangle: func(p []byte) { p[37] ^= 1 }})
	t.Wait(time.Second).Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(ts+1000, 7*ts), Payload: "hello"})
	t.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 64, Options: TS(7*ts+1000, ts+1000)})
	t.In(Seg{Flags: FIN | PSH | ACK, Seq: 1, Ack: 6, Window: 64, Options: TS(7*ts+1000, ts+1000), Payload: "hello"})
	return t.Out(Seg{Flags: FIN, Seq: 6, Window: 502, Options: TS(ts+1000, 0)})
}

// The id of a difference is the same from run to run: initial sequence numbers,
// ports, addresses, timestamps, identifications, times, the number of places
// and the order of the repeats have no part in it.
func TestIDsDoNotDependOnWhatVaries(t *testing.T) {
	ids := func(reference, tested *Talk, more ...*Talk) (list []string) {
		all := []*capture.Conversation{conversation(t, "tst", tested)}
		for _, talk := range more {
			all = append(all, conversation(t, "tst", talk))
		}
		r := compare.Compare([]*capture.Conversation{conversation(t, "ref", reference)}, all, compare.Options{})
		for n := range r.Differences {
			if d := &r.Differences[n]; d.Verdict == compare.Violation || len(more) == 0 {
				list = append(list, d.Verdict.String()+" "+d.Title()+" "+d.ID)
			}
		}
		slices.Sort(list)
		return list
	}
	first := ids(New().Echo("hello"), straying(New(), 100))
	if len(first) < 8 {
		t.Fatalf("only %q differ", first)
	}
	other := New()
	other.ISS, other.IRS, other.ID = 0xffff_fffd, 5, 40000
	other.Client, other.Server = netip.MustParseAddrPort("198.51.100.9:1025"), netip.MustParseAddrPort("198.51.100.1:65000")
	other.Now, other.Step = time.Unix(1_900_000_000, 123), 70*time.Microsecond
	reference := New()
	reference.ISS, reference.Now = 17, time.Unix(1, 0)
	if again := ids(reference.Echo("hello"), straying(other, 0x7fff_ffff)); !slices.Equal(first, again) {
		t.Errorf("the ids are\n%q\nand then\n%q", first, again)
	}
	firstViolations := slices.DeleteFunc(slices.Clone(first), func(s string) bool { return s[:9] != "violation" })
	later := ids(New().Echo("hello"), New().Echo("hello"), New().Echo("hello"), straying(New(), 100))
	if len(later) == 0 {
		t.Fatal("nothing is found in the third conversation")
	}
	for _, name := range later {
		id := name[len(name)-10:]
		if !slices.ContainsFunc(firstViolations, func(s string) bool { return s[len(s)-10:] == id }) {
			t.Errorf("%s has another id than in the first conversation", name)
		}
	}
}
