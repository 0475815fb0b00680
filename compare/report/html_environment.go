package report

import (
	"fmt"
	"slices"
	"time"

	"tcping-cmp/compare"
)

// factsOf are the first things to know of two runs.
func factsOf(r *compare.Report) []htmlFact {
	took := func(run *compare.Run) string {
		c := run.Conversations[0]
		d := run.Duration
		if d == 0 && len(c.Events) > 0 {
			d = time.Duration(c.Events[len(c.Events)-1].Time - c.StartOfFrames)
		}
		return d.Round(max(time.Microsecond, d/1000)).String()
	}
	frames := func(run *compare.Run) string {
		text := fmt.Sprint(len(run.Conversations[0].Events))
		if n := len(run.Conversations); n > 1 {
			text += fmt.Sprintf(" in the first of %d conversations", n)
		}
		return text
	}
	ends := func(run *compare.Run) string {
		if run.PeerState == "" {
			return run.State
		}
		return run.State + ", peer " + run.PeerState
	}
	list := []htmlFact{
		{"frames", frames(&r.Reference), frames(&r.Tested)},
		{"time", took(&r.Reference), took(&r.Tested)},
		{"ended in", printable(ends(&r.Reference)), printable(ends(&r.Tested))},
		{"error", printable(r.Reference.Error), printable(r.Tested.Error)},
	}
	return slices.DeleteFunc(list, func(f htmlFact) bool { return f.Reference == "" && f.Tested == "" })
}

func printableSettings(list []compare.Setting) []compare.Setting {
	clean := make([]compare.Setting, len(list))
	for n, s := range list {
		clean[n] = compare.Setting{Name: printable(s.Name), Value: printable(s.Value)}
	}
	return clean
}

func printableNormalised(list []compare.Normalisation) []compare.Normalisation {
	clean := make([]compare.Normalisation, len(list))
	for n, v := range list {
		clean[n] = compare.Normalisation{Name: printable(v.Name), Why: printable(v.Why), Reference: printable(v.Reference), Test: printable(v.Test)}
	}
	return clean
}

// environmentOf are the settings of both runs, the same name in one line.
func environmentOf(r *compare.Report) (list []htmlFact) {
	line := map[string]int{}
	for n, run := range [...]*compare.Run{&r.Reference, &r.Tested} {
		for _, s := range slices.Concat(run.Settings, facts(run, run.Conversations[0])) {
			at, ok := line[s.Name]
			if !ok {
				at = len(list)
				line[s.Name] = at
				list = append(list, htmlFact{Name: printable(s.Name)})
			}
			f := &list[at]
			to := [...]*string{&f.Reference, &f.Tested}[n]
			if *to != "" {
				*to += "; "
			}
			*to += printable(s.Value)
		}
	}
	return list
}
