package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// showCheck writes what was checked, in a format or as text.
func showCheck(t *testing.T, format string, list []*compare.Checked, s report.Style) string {
	t.Helper()
	var b bytes.Buffer
	err := report.CheckText(&b, list, s)
	if format != "text" {
		b.Reset()
		err = report.WriteCheck(&b, format, list, report.Ending{}, s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCheckShowsWhatTheFramesImply: -v shows below each frame what run shows
// there, and beside it how bad the rules are that it breaks; -vv has the headers
// of those frames, and with Full of all.
func TestCheckShowsWhatTheFramesImply(t *testing.T) {
	list := checkedExample(t)
	plain := showCheck(t, "text", list, report.Style{})
	if strings.Contains(plain, "una ") || strings.Contains(plain, "─▶") {
		t.Errorf("frames that nobody asked for:\n%s", plain)
	}
	verbose := showCheck(t, "text", list, report.Style{Verbose: 1})
	for _, want := range []string{
		"  !   4  3000µs ─▶ PSH,ACK 1+5 ack 1 win 64256",
		"                ESTABLISHED/ESTABLISHED una 1 nxt 6 rcv 1 wnd 65160 srtt 1ms rto 1s flight 5\n",
		"  !  10  1009ms ─▶ FIN 6 win 64256\n", "      5  1004ms ─▶", "retransmission",
		"below each frame: state of client/server",
	} {
		if !strings.Contains(verbose, want) {
			t.Errorf("-v lacks %q:\n%s", want, verbose)
		}
	}
	if strings.Contains(verbose, "tcp.checksum ") {
		t.Error("-v has headers")
	}
	count := func(s report.Style) int { return strings.Count(showCheck(t, "text", list, s), " ip.ttl 64\n") }
	broken, all := count(report.Style{Verbose: 2}), count(report.Style{Verbose: 2, Full: true})
	if frames := len(list[0].Conversation.Events) + len(list[1].Conversation.Events); broken == 0 || broken >= all || all != frames {
		t.Errorf("headers of %d frames, and with --full of %d of %d", broken, all, frames)
	}
	for _, line := range strings.Split(showCheck(t, "text", list, report.Style{Verbose: 2, Full: true, Width: 80}), "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestCheckLeavesOutTheMiddle: a long conversation is cut as the ladder of run
// is.
func TestCheckLeavesOutTheMiddle(t *testing.T) {
	list := []*compare.Checked{compare.Check(long(t, 100).Tested.Conversations[0], "")}
	for _, format := range []string{"text", "html"} {
		if got := showCheck(t, format, list, report.Style{Verbose: 1}); strings.Count(got, "ESTABLISHED/") > 60 || !strings.Contains(got, "142 frames left out") {
			t.Errorf("%s: %d frames:\n%s", format, strings.Count(got, "ESTABLISHED/"), got)
		}
		if got := showCheck(t, format, list, report.Style{Verbose: 1, Full: true}); strings.Count(got, "ESTABLISHED/") < 200 || strings.Contains(got, "left out") {
			t.Errorf("%s --full: %d frames", format, strings.Count(got, "ESTABLISHED/"))
		}
	}
}

// TestCheckSavesFrames: with -v the JSON Lines have the frames as run's have,
// and what is read back can be shown as the capture itself. Without, they say
// that they are not there.
func TestCheckSavesFrames(t *testing.T) {
	list := checkedExample(t)
	saved := showCheck(t, "json", list, report.Style{Verbose: 1})
	var conversation, frames int
	for line := range strings.Lines(saved) {
		var r struct {
			Record               string
			Conversation, Repeat int
			Inferred             *report.InferredRecord
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		switch r.Record {
		case "conversation":
			conversation = r.Conversation
		case "frame":
			frames++
			if r.Repeat != conversation || r.Inferred.Client == "" {
				t.Errorf("a frame of conversation %d says %s", conversation, line)
			}
		}
	}
	if want := len(list[0].Conversation.Events) + len(list[1].Conversation.Events); frames != want {
		t.Errorf("%d frames, not %d", frames, want)
	}
	read, err := restoreCheck(saved)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range append([]string{"text"}, report.CheckFormats()...) {
		for verbose := range 3 {
			s := report.Style{Verbose: verbose, Full: true}
			if was, is := showCheck(t, format, list, s), showCheck(t, format, read.List, s); was != is {
				t.Errorf("%s, %d: %s", format, verbose, firstDifference(was, is))
			}
		}
	}
	read, err = restoreCheck(showCheck(t, "json", list, report.Style{}))
	if err != nil {
		t.Fatal(err)
	}
	if got := showCheck(t, "text", read.List, report.Style{Verbose: 1}); strings.Count(got, "its frames are not at hand: check -v --format json saves them") != 2 {
		t.Error(got)
	}
	for was, is := range map[string]string{`"frame":2`: `"frame":3`, `"frames":11`: `"frames":12`, `"raw":"`: `"raw":"z`} {
		if !strings.Contains(saved, was) {
			t.Fatalf("no %s", was)
		}
		if _, err := restoreCheck(strings.Replace(saved, was, is, 1)); err == nil {
			t.Errorf("%s is believed", is)
		}
	}
	if _, err := restoreCheck(saved[strings.Index(saved, "\n")+1:]); err == nil || !strings.Contains(err.Error(), "a frame stands before the run") {
		t.Error(err)
	}
}

// TestCheckPageShowsFrames: the page of a check has the frames too, with text
// from outside as text.
func TestCheckPageShowsFrames(t *testing.T) {
	list := checkedExample(t)
	page := showCheck(t, "html", list, report.Style{Verbose: 2})
	for _, want := range []string{`<li value="4"><span class="bad">!</span> 3000µs ─▶ PSH,ACK 1&#43;5 ack 1`, "ESTABLISHED/ESTABLISHED una 1 nxt 6", "<br>tcp.checksum wrong"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if plain := showCheck(t, "html", list, report.Style{}); strings.Contains(plain, "<li value") {
		t.Error("frames that nobody asked for")
	}
}
