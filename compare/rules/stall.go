package rules

import (
	"cmp"
	"slices"

	"tcping-cmp/compare/capture"
)

// timed says which numbers of a finding are times, in milliseconds.
type timed uint8

const (
	noTime    timed = iota
	gotTime         // Got
	bothTimes       // Got, and Want, which it is measured by
)

const artefactStall = "whoever recorded it did not run at that time, so the times are those of when it ran again"

// stalled reports whether a finding about a time can be the work of stalls: they
// touch that time, and together they are as long as the finding is off by. A
// stall before it began counts in full, since the beginning is late by as much.
func stalled(c *capture.Conversation, f *Finding, event int, how timed) bool {
	if how == noTime || len(c.Stalls) == 0 {
		return false
	}
	off := f.Got*1e6 - queueLate
	if how == bothTimes {
		off = max(f.Got-f.Want, f.Want-f.Got) * 1e6
	}
	at, got := c.Events[event].Time, f.Got*1e6
	from, to := at-got-kernelLate, at+got+kernelLate
	first, _ := slices.BinarySearchFunc(c.Stalls, from, func(s capture.Stall, from int64) int { return cmp.Compare(s.To, from) })
	lost := int64(0)
	for _, s := range c.Stalls[first:] {
		if s.From > to {
			break
		}
		lost += s.To - s.From
	}
	return lost > 0 && lost+2*kernelLate >= off
}
