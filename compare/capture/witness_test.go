package capture_test

import (
	"fmt"
	"strings"

	"tcping-cmp/compare/capture"
)

// witness prints an event in the columns that TestTsharkAgrees asks tshark
// for.
func witness(c *capture.Conversation, e *capture.Event) string {
	optional := func(m capture.Marks, v any) string {
		if !e.Marks.Has(m) {
			return ""
		}
		return fmt.Sprint(v)
	}
	window := int64(e.Window)
	if !e.Flags.Has(capture.SYN) {
		for _, syn := range c.Events[:2] {
			if syn.Dir == e.Dir {
				window <<= syn.WindowScale
			}
		}
	}
	return strings.Join([]string{
		fmt.Sprint(e.RelSeq), fmt.Sprint(e.RelAck), fmt.Sprintf("0x%04x", uint16(e.Flags)), fmt.Sprint(e.Window), fmt.Sprint(window),
		fmt.Sprint(e.PayloadLen), optional(capture.HasMSS, e.MSS), optional(capture.HasWindowScale, e.WindowScale),
		optional(capture.HasTimestamps, e.TSVal), optional(capture.HasTimestamps, e.TSEcr), fmt.Sprint(e.TTL), fmt.Sprint(e.ECN()),
		fmt.Sprintf("0x%04x", e.IPID), fmt.Sprint(e.Urgent),
	}, "\t")
}
