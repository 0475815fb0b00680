package tap_test

import (
	"testing"
	"time"

	"tcping-cmp/tap"
)

// told is a link that notes which deadlines it is given.
type told struct {
	tap.Link
	deadlines []time.Time
}

func (l *told) SetReadDeadline(t time.Time) error {
	l.deadlines = append(l.deadlines, t)
	return nil
}

// TestReadDeadlineTellsTheEarlier: the link below is told the earlier of the
// user's deadline and the next held frame, once, but each time the user sets
// one, for only the link knows whether it is closed.
func TestReadDeadlineTellsTheEarlier(t *testing.T) {
	none, early, late := time.Time{}, time.Unix(100, 0), time.Unix(200, 0)
	below := &told{}
	d := tap.NewReadDeadline(below)
	for _, step := range []struct {
		does string
		do   func() error
		want []time.Time
	}{
		{"nothing is held, and nobody waits", func() error { return d.Arm(none) }, nil},
		{"a frame is held", func() error { return d.Arm(late) }, []time.Time{late}},
		{"it is held still", func() error { return d.Arm(late) }, nil},
		{"the user waits less long", func() error { return d.Set(early, late) }, []time.Time{early}},
		{"the user says so again", func() error { return d.Set(early, late) }, []time.Time{early}},
		{"the user waits longer than the frame", func() error { return d.Set(late, early) }, []time.Time{early}},
		{"the frame has come", func() error { return d.Arm(none) }, []time.Time{late}},
		{"the user waits for ever", func() error { return d.Set(none, none) }, []time.Time{none}},
	} {
		below.deadlines = nil
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if len(below.deadlines) != len(step.want) || len(step.want) > 0 && !below.deadlines[0].Equal(step.want[0]) {
			t.Errorf("%s: told %v, want %v", step.does, below.deadlines, step.want)
		}
	}
}

// TestReadDeadlineIsLate: a frame that is due comes before the deadline, also
// where both have passed.
func TestReadDeadlineIsLate(t *testing.T) {
	none, early, now, after := time.Time{}, time.Unix(100, 0), time.Unix(200, 0), time.Unix(300, 0)
	for _, c := range []struct {
		user, next time.Time
		late       bool
	}{
		{none, none, false}, {none, after, false}, {early, none, true}, {now, none, true}, {after, none, false},
		{early, after, true}, {early, early, false}, {early, now, false}, {after, early, false},
	} {
		d := tap.NewReadDeadline(&told{})
		if err := d.Set(c.user, c.next); err != nil {
			t.Fatal(err)
		}
		if got := d.Late(now, c.next); got != c.late {
			t.Errorf("deadline %v, frame %v: late %v", c.user.Unix(), c.next.Unix(), got)
		}
	}
}
