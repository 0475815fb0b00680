package scenario

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const docsFile = "../../docs/scenarios.md"

// What docs/scenarios.md shows is read, compiles and can be played.
func TestDocsExamples(t *testing.T) {
	doc, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```pkt\n(.*?)```").FindAllStringSubmatch(string(doc), -1)
	if len(examples) < 4 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, e := range examples {
		s, err := Read("docs", []byte(e[1]))
		if err != nil {
			t.Errorf("%v\n%s", err, e[1])
			continue
		}
		if s.Unsupported != nil || s.Ignored != nil {
			t.Errorf("%v %v", s.Unsupported, s.Ignored)
		}
	}
}

// docs/scenarios.md names every sysctl with its setting, every option, fault,
// call, IP field and kind of segment, and the bounds.
func TestDocsComplete(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	lines := strings.Split(doc, "\n")
	for key, m := range sysctlNames {
		found := strings.HasPrefix(key, "ip.")
		for _, line := range lines {
			found = found || strings.HasPrefix(line, "| `"+m.name+"` |") && strings.Contains(line, "`"+key+"`")
		}
		if !found {
			t.Errorf("no row for %s = %s", m.name, key)
		}
	}
	want := []string{"64 deep", "64 MiB", "2^26"}
	for name := range optionReaders {
		want = append(want, "`--"+name)
	}
	for fault, max := range faultMax {
		if max > 0 {
			fault += " N"
		}
		want = append(want, "| `"+string(fault)+"` |")
	}
	for name := range knownCalls {
		want = append(want, "`"+name+"`")
	}
	for name := range ecnWords {
		want = append(want, "`"+name+"`")
	}
	for _, k := range []SegmentKind{AnySegment, DataSeg, SYNSeg, SYNACKSeg, PureACK, FINSeg, RSTSeg} {
		want = append(want, "`"+string(k)+"`")
	}
	for _, k := range []ImpairKind{Drop, Duplicate, Reorder, Delay, Corrupt, "loss"} {
		want = append(want, "`"+string(k)+"`")
	}
	for _, w := range want {
		if !strings.Contains(doc, w) {
			t.Errorf("%s is not named", w)
		}
	}
}
