package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"tcping-cmp/compare"
)

// verdictFilter is the display filter for the frames that have a finding of a
// verdict in the captures written here: their comments begin with it.
func verdictFilter(v compare.Verdict) string {
	return fmt.Sprintf("frame.comment matches \"^%s: \"", v)
}

// wiresharkColors are the colours of the verdicts, background and foreground,
// as red, green and blue of 16 bits each.
var wiresharkColors = map[compare.Verdict][2][3]uint16{
	compare.Violation:   {{0xb3b3, 0x1515, 0x1b1b}, {0xffff, 0xffff, 0xffff}},
	compare.Unspecified: {{0xffff, 0x9c9c, 0x5a5a}, {0x0000, 0x0000, 0x0000}},
	compare.Deviation:   {{0xffff, 0xe6e6, 0x8080}, {0x0000, 0x0000, 0x0000}},
	compare.Artefact:    {{0xd9d9, 0xd9d9, 0xd9d9}, {0x0000, 0x0000, 0x0000}},
	compare.Noise:       {{0xe6e6, 0xe6e6, 0xe6e6}, {0x4040, 0x4040, 0x4040}},
	compare.Permitted:   {{0xdddd, 0xebeb, 0xffff}, {0x0000, 0x0000, 0x0000}},
}

// WiresharkColors writes Wireshark's colour rules for the captures written
// here, the worst verdict first, because the first rule that fits counts.
func WiresharkColors(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "# Coloring rules for captures of tcping-cmp: the worst finding of a frame counts.")
	for v := compare.Violation; v > compare.Same; v-- {
		c := wiresharkColors[v]
		fmt.Fprintf(b, "@tcping-cmp %s@%s@[%s][%s]\n", v, verdictFilter(v), color16(c[0]), color16(c[1]))
	}
	return b.Flush()
}

func color16(c [3]uint16) string { return fmt.Sprintf("%d,%d,%d", c[0], c[1], c[2]) }

// WiresharkPreferences writes the columns of a Wireshark profile: whose frame
// it is, and what was found in it.
func WiresharkPreferences(w io.Writer) error {
	columns := []string{
		"No.", "%m", "Time", "%t", "Stack", "%Cus:frame.interface_name:0:R", "Source", "%s", "Destination", "%d",
		"Protocol", "%p", "Length", "%L", "Info", "%i", "Finding", "%Cus:frame.comment:0:R",
	}
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "# Columns for captures of tcping-cmp.")
	fmt.Fprint(b, "gui.column.format:")
	for n := 0; n < len(columns); n += 2 {
		separator := ","
		if n == 0 {
			separator = ""
		}
		fmt.Fprintf(b, "%s\n\t\"%s\", \"%s\"", separator, columns[n], columns[n+1])
	}
	fmt.Fprint(b, "\n# Checksums are verified: a wrong one may be a finding.\nip.check_checksum: TRUE\ntcp.check_checksum: TRUE\n")
	return b.Flush()
}

// WiresharkButtons writes the buttons beside Wireshark's filter: one a verdict
// that somebody may look for.
func WiresharkButtons(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "# Filter buttons for captures of tcping-cmp.")
	for _, v := range []compare.Verdict{compare.Violation, compare.Unspecified, compare.Deviation} {
		fmt.Fprintf(b, "\"TRUE\",\"%s\",\"%s\",\"%s\"\n", v, strings.ReplaceAll(verdictFilter(v), `"`, `\x22`), "frames with a finding of tcping-cmp")
	}
	return b.Flush()
}
