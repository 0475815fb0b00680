// Package docs has the tests of the documents that are made from the code.
package docs

//go:generate go test -run TestConformance -update

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tcping-cmp/compare/rules"
)

var update = flag.Bool("update", false, "write conformance.md anew")

const (
	conformanceFile = "conformance.md"
	handcraftedRoot = "../handcrafted"
)

// whyNot says of requirements that no test holds why none has to.
var whyNot = map[string]string{
	"MUST-52": "no source route is ever sent: the user cannot give one (MUST-51), and one that was received is not turned round (TestIPOptionsAreIgnored)",
	"SHLD-6":  "a host has one link, and its MTU is fixed",
	"SHLD-24": "no source route is ever sent, see MUST-52",
	"MAY-4":   "a MAY that is not used: a repeated segment has an IP ID of its own, which means nothing with DF set",
	"MAY-6":   "a MAY that is not used: probes are empty (SHLD-12)",
	"MAY-7":   "a MAY that is not used: nothing is sent beyond the peer's window",
	"MAY-9":   "a MAY that is not used: the user is not told the DSCP",
	"MAY-10":  "a MAY that is not used: no IP options are sent",
	"MAY-11":  "a MAY that is not used: no IP options are sent",
	"MAY-14":  "a MAY that is not used: there is no FLUSH; Abort drops what is queued",
	"MAY-15":  "a MAY that is not used: everything written is pushed (MUST-60, MUST-61)",
	"MAY-17":  "a MAY that is not used: Read returns what is there, pushed or not",

	"5681:3.1:iw": "RFC 6928 raises the bound to ten segments, and this stack uses it: 6928:2:iw10",
	"1624:update": "for routers that change a header; a host computes its checksums anew",
}

// remarks are what has to be said beside the tests of a requirement.
var remarks = map[string]string{
	"SHLD-8":             "offered when the user asks for it",
	"SHLD-19":            "for segments that arrive one by one; those that were waiting together share an ACK (MUST-58, MUST-59) unless Config.AckEverySecond is set",
	"5681:4.2:ack2":      "see SHLD-19",
	"SHLD-14":            "but for less than a unit of the window scale (RFC 7323 §2.4)",
	"1337:3:tw-rst":      "when the user asks for it; by default RFC 9293 §3.10.7.4 holds, and a RST in TIME-WAIT closes",
	"9438:4:cubic":       "when the user chooses it; Reno is the default",
	"6864:4.3:nonatomic": "DF is always set, so no packet needs it; the profile tcping.py alone clears DF, and repeats its IP ID as the program of 2017 did",
	"4821:7.7:blackhole": "down to 576 octets over IPv4, 1280 over IPv6",
}

// open are requirements that are not met, and what is missing. None of them may
// show on a client's wire.
var open = map[string]string{
	"MUST-51": "the user cannot give a source route: routers drop such packets (RFC 7126 §4.3), and IPv6 has forbidden them (RFC 5095)",
	"MUST-53": "the source route of a SYN is not turned round for the answers, for the same reasons as in MUST-51",
}

// holders returns the names of the tests below root that call holds, by the id
// of the requirement, and the names of all tests.
func holders(t *testing.T, root string) (found map[string][]string, tests map[string]bool) {
	t.Helper()
	found, tests = map[string][]string{}, map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		pkg := strings.TrimSuffix(file.Name.Name, "_test")
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				tests[f.Name.Name] = true
				for _, id := range heldBy(t, fset, f) {
					found[id] = append(found[id], pkg+"."+f.Name.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found, tests
}

// heldBy returns the ids that a function claims.
func heldBy(t *testing.T, fset *token.FileSet, f *ast.FuncDecl) (ids []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "holds" || len(call.Args) == 0 {
			return true
		}
		if !strings.HasPrefix(f.Name.Name, "Test") {
			t.Errorf("%v: holds is called outside a test", fset.Position(call.Pos()))
		}
		for _, arg := range call.Args[1:] {
			lit, ok := arg.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				t.Errorf("%v: name the requirement by a literal, so that the table can be made", fset.Position(arg.Pos()))
				continue
			}
			id, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Error(err)
			}
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		return true
	})
	return ids
}

// status is what the table says of one requirement.
func status(id string, held map[string][]string) (word, how string) {
	switch {
	case len(held[id]) > 0:
		tests := slices.Clone(held[id])
		slices.Sort(tests)
		if remarks[id] != "" {
			return "met", remarks[id] + ": " + strings.Join(tests, ", ")
		}
		return "met", strings.Join(tests, ", ")
	case whyNot[id] != "":
		return "not applicable", whyNot[id]
	case open[id] != "":
		return "**open**", open[id]
	}
	return "**open**", "nobody has looked at it"
}

// showsOnAClientsWire reports whether such a requirement may not be open.
func showsOnAClientsWire(r *rules.Requirement) bool {
	return r.Visible == rules.InAny || r.Visible == rules.InScripts
}

var visibility = map[rules.Visibility]string{
	rules.InAny: "always", rules.InScripts: "with a scripted peer", rules.InServers: "of a listener", rules.Nowhere: "no",
}

var testName = regexp.MustCompile(`\bTest[A-Z]\w*`)

const preamble = `# Conformance of the hand-made TCP

<!-- Made by "go test ./docs -run TestConformance -update". Do not edit. -->

Every requirement on a TCP that this project knows, and where package
handcrafted stands: **met**, with the tests that fail when it is not;
**not applicable** to a client, and why; or **open**, and what is missing.
Nothing that shows on a client's wire is open.

Ids are the RFC's own where it has labels (MUST-14 is in RFC 9293, Appendix B).
The others are the RFC, the clause and a short name. "Shows" says what it takes
to see it on the wire.

`

// table renders the document.
func table(held map[string][]string) []byte {
	var b bytes.Buffer
	b.WriteString(preamble)
	counts := map[string]int{}
	var order []string
	byRFC := map[string][]rules.Requirement{}
	for _, r := range rules.Requirements {
		word, _ := status(r.ID, held)
		counts[strings.Trim(word, "*")]++
		if byRFC[r.RFC] == nil {
			order = append(order, r.RFC)
		}
		byRFC[r.RFC] = append(byRFC[r.RFC], r)
	}
	fmt.Fprintf(&b, "%d requirements: %d met, %d not applicable, %d open.\n",
		len(rules.Requirements), counts["met"], counts["not applicable"], counts["open"])
	for _, rfc := range order {
		fmt.Fprintf(&b, "\n## RFC %s\n\n| id | clause | level | shows | meaning | status | tests, or why |\n|---|---|---|---|---|---|---|\n", rfc)
		for _, r := range byRFC[rfc] {
			word, how := status(r.ID, held)
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", r.ID, cell(r.Section), r.Level, visibility[r.Visible], cell(r.Meaning), word, cell(how))
		}
	}
	return b.Bytes()
}

// cell keeps a text within its column.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// TestConformance holds the table to the code, and the code to the table.
func TestConformance(t *testing.T) {
	held, tests := holders(t, handcraftedRoot)
	for id, tests := range held {
		if _, ok := rules.FindRequirement(id); !ok {
			t.Errorf("%v: there is no requirement %q", tests, id)
		}
		if whyNot[id] != "" || open[id] != "" {
			t.Errorf("%s is held by %v and also explained away", id, tests)
		}
	}
	for _, m := range []map[string]string{whyNot, open, remarks} {
		for id, text := range m {
			if _, ok := rules.FindRequirement(id); !ok {
				t.Errorf("there is no requirement %q to explain", id)
			}
			for _, name := range testName.FindAllString(text, -1) {
				if !tests[name] {
					t.Errorf("%s is explained by %s, which is no test", id, name)
				}
			}
		}
	}
	for i := range rules.Requirements {
		r := &rules.Requirements[i]
		if word, how := status(r.ID, held); word == "**open**" && (showsOnAClientsWire(r) || open[r.ID] == "") {
			t.Errorf("%s (RFC %s §%s: %s) is open: %s", r.ID, r.RFC, r.Section, r.Meaning, how)
		}
	}
	want := table(held)
	if *update {
		if err := os.WriteFile(conformanceFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(conformanceFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is stale: run go generate ./docs", conformanceFile)
	}
}
