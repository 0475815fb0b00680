package rules_test

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// TestStallsExcuseTimes has an acknowledgement of 700 ms (MUST-40) and a SYN
// that comes again after 60 ms (RFC 6298 §2.1), with and without a recorder
// that did not run just then.
func TestStallsExcuseTimes(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	late := func() *Talk {
		return after().In(in("hello")).Wait(ms(700)).Out(ack(6))
	}
	early := func() *Talk {
		talk := New().Wait(ms(2000)).Out(Seg{Flags: SYN, Options: MSS(1460)})
		return talk.Wait(ms(60)).Out(Seg{Flags: SYN, Options: MSS(1460)})
	}
	type stall struct{ from, to int } // ms before the last frame
	for _, test := range []struct {
		name, rule string
		talk       *Talk
		stalls     []stall
		want       string
	}{
		{"late, and the recorder ran", "MUST-40", late(), nil, "broken"},
		{"late by a stall", "MUST-40", late(), []stall{{600, 100}}, "excused"},
		{"late by several", "MUST-40", late(), []stall{{600, 500}, {400, 300}, {200, 100}}, "excused"},
		{"later than the stall explains", "MUST-40", late(), []stall{{400, 360}}, "broken"},
		{"a stall that was over long before", "MUST-40", late(), []stall{{1700, 1000}}, "broken"},
		{"early, and the recorder ran", "6298:2.1:init", early(), nil, "broken"},
		{"early, since the first was seen late", "6298:2.1:init", early(), []stall{{1500, 60}}, "excused"},
		{"earlier than the stall explains", "6298:2.1:init", early(), []stall{{460, 60}}, "broken"},
	} {
		rec := test.talk.Recording()
		end := rec.Frames[len(rec.Frames)-1].Time
		for _, s := range test.stalls {
			rec.Stalls = append(rec.Stalls, tap.Stall{From: end.Add(-ms(s.from)), To: end.Add(-ms(s.to))})
		}
		c, err := capture.FromRecording("stack", rec, netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		got := "nothing"
		for _, f := range rules.Judge(c).Findings {
			if f.Rule.ID == test.rule {
				got = "broken"
				if f.Artefact != "" {
					got = "excused"
				}
			}
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
