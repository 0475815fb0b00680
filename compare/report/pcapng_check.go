package report

import (
	"fmt"
	"io"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/tap"
)

// PcapngChecked writes the conversations that were checked to one file, in the
// order of their times, with what breaks a rule as comments on its packets.
// The capture they come from must still be open.
func PcapngChecked(w io.Writer, list []*compare.Checked) error {
	m := newMerge()
	for n, c := range list {
		iface := m.iface(fmt.Sprintf("conversation %d", n+1), ends(c))
		from := len(m.frames)
		for _, e := range c.Conversation.Events {
			m.frames = append(m.frames, merged{iface: iface, frame: tap.Frame{Time: time.Unix(0, e.Time), Dir: e.Dir}, c: c.Conversation, e: e})
		}
		for i := range c.Broken {
			b := &c.Broken[i]
			for k, place := range b.Places {
				f := &m.frames[from+place.Event]
				f.comments = append(f.comments, fmt.Sprintf("%s: %s: %s (%s)", b.Verdict, brokenTitle(b), b.Says(k), b.Rule.Clause))
			}
		}
	}
	return m.write(w)
}
