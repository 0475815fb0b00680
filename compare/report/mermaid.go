package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/tap"
)

// mermaidRows is how many rows of a comparison a diagram shows; longer ones
// cannot be read.
const mermaidRows = 24

// Mermaid writes a sequence diagram of each comparison's first frames, the
// reference and its peer on the left, the stack under test and its peer on
// the right. Several comparisons share one diagram, because a file can hold
// only one.
func Mermaid(w io.Writer, reports []*compare.Report, end Ending) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "sequenceDiagram")
	if end.Message != "" {
		fmt.Fprintf(b, "    participant E as tcping-cmp\n    Note over E: %s\n", mermaidText(end.Message))
	}
	for n, r := range reports {
		reference, tested := names(r)
		fmt.Fprintf(b, "    participant R%d as %s\n    participant S%d as its peer\n", n, mermaidText(reference), n)
		fmt.Fprintf(b, "    participant T%d as %s\n    participant U%d as its peer\n", n, mermaidText(tested), n)
	}
	for n, r := range reports {
		fmt.Fprintf(b, "    Note over R%d,U%d: %s\n", n, n, mermaidText(headline(r)))
		mermaidLadder(b, n, r)
	}
	return b.Flush()
}

func mermaidLadder(b *bufio.Writer, n int, r *compare.Report) {
	for i, row := range r.Rows {
		if i == mermaidRows {
			fmt.Fprintf(b, "    Note over R%d,U%d: and %d rows more\n", n, n, len(r.Rows)-i)
			return
		}
		mermaidArrow(b, fmt.Sprintf("R%d", n), fmt.Sprintf("S%d", n), r, compare.Reference, row.Ref)
		mermaidArrow(b, fmt.Sprintf("T%d", n), fmt.Sprintf("U%d", n), r, compare.Tested, row.Test)
		switch {
		case row.Moved:
			fmt.Fprintf(b, "    Note over R%d,U%d: in another order\n", n, n)
		case row.Test == compare.None:
			fmt.Fprintf(b, "    Note over T%d,U%d: missing here, %s\n", n, n, row.Worst)
		case row.Ref == compare.None:
			fmt.Fprintf(b, "    Note over R%d,S%d: extra there, %s\n", n, n, row.Worst)
		case row.Worst > compare.Artefact:
			fmt.Fprintf(b, "    Note over T%d,U%d: %s\n", n, n, row.Worst)
		}
	}
}

func mermaidArrow(b *bufio.Writer, client, server string, r *compare.Report, side compare.Sides, i int32) {
	if i == compare.None {
		return
	}
	e := conversation(r, side).Events[i]
	from, to := client, server
	if e.Dir == tap.In {
		from, to = to, from
	}
	fmt.Fprintf(b, "    %s->>%s: %d %s\n", from, to, i+1, mermaidText(short(r, side, i, e)))
}

// mermaidText writes what a label means by itself: entities stand for the
// characters that end a statement or begin a comment.
func mermaidText(text string) string {
	return strings.NewReplacer("#", "#35;", ";", "#59;", "%%", "#37;#37;", "<", "#lt;", ">", "#gt;").Replace(cut(oneLine(text), 200))
}
