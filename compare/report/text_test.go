package report_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tcping-cmp/compare"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
)

var update = flag.Bool("update", false, "write the golden files afresh")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-golden +got); run the test with -update if it should:\n%s", name, diff)
	}
}

func text(t *testing.T, r *compare.Report, s report.Style) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Text(&b, r, s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTextGolden(t *testing.T) {
	golden(t, "text.golden", text(t, example(t), report.Style{}))
	golden(t, "ascii.golden", text(t, example(t), report.Style{ASCII: true, Width: 80}))
	golden(t, "verbose.golden", text(t, example(t), report.Style{Verbose: 1}))
	golden(t, "headers.golden", text(t, example(t), report.Style{Verbose: 2, ASCII: true, Width: 120}))
	golden(t, "quiet.golden", text(t, example(t), report.Style{Quiet: true}))
}

func TestASCIIIsASCIIAndFitsTheWidth(t *testing.T) {
	for _, width := range []int{60, 80, 132} {
		for n, line := range strings.Split(string(text(t, example(t), report.Style{ASCII: true, Width: width})), "\n") {
			if i := strings.IndexFunc(line, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
				t.Errorf("line %d is not ASCII: %q", n+1, line)
			}
			if got := utf8.RuneCountInString(line); got > width {
				t.Errorf("width %d, line %d has %d columns: %q", width, n+1, got, line)
			}
		}
	}
}

func TestColourIsOnlyAddedNeverNeeded(t *testing.T) {
	plain, coloured := text(t, example(t), report.Style{}), text(t, example(t), report.Style{Color: true})
	if bytes.Contains(plain, []byte{0x1b}) {
		t.Error("escape sequences without colour")
	}
	stripped := string(coloured)
	for _, code := range []string{"0", "1", "2", "31", "32", "33", "36"} {
		stripped = strings.ReplaceAll(stripped, "\x1b["+code+"m", "")
	}
	if stripped != string(plain) || len(coloured) == len(plain) {
		t.Error("colour changes the text")
	}
}

func TestLongLadderIsCutInTheMiddle(t *testing.T) {
	long := New().Open(MSS(1460), MSS(1460))
	for n := range int64(100) {
		long.Out(Seg{Flags: ACK, Seq: 1 + n, Ack: 1, Window: 64240, Payload: "x"})
	}
	c := conversation(t, "x", long)
	r := compare.Compare(conversations(c), conversations(c), compare.Options{})
	short, whole := string(text(t, r, report.Style{})), string(text(t, r, report.Style{Full: true}))
	if !strings.Contains(short, "42 rows left out") || strings.Contains(short, " 51 ") || !strings.Contains(whole, " 51 ") {
		t.Error(short)
	}
}

func TestThreeStacksGiveATable(t *testing.T) {
	var b bytes.Buffer
	if err := report.TextAll(&b, []*compare.Report{example(t), example(t)}, report.Style{ASCII: true}); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	if !strings.Contains(got, "All comparisons") || strings.Count(got, "handcrafted compared with netstack") != 2 {
		t.Error(got)
	}
	if strings.Count(got, "wrong on purpose") != 1 {
		t.Error("a setting is told twice")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteErrorsAreReported(t *testing.T) {
	r := example(t)
	for name, err := range map[string]error{
		"text": report.Text(fullDisk{}, r, report.Style{}), "json": report.JSON(fullDisk{}, r), "pcapng": report.Pcapng(fullDisk{}, r),
		"ending": report.JSONEnding(fullDisk{}, nil, report.Ending{}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
