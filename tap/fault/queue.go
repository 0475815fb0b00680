package fault

import (
	"slices"
	"time"

	"tcping-cmp/tap"
)

// Queue holds released frames until they are due. The zero value is empty.
type Queue struct{ list []queued }

type queued struct {
	due  time.Time
	dir  tap.Direction
	data []byte
	meta tap.Meta
}

// Add takes a frame that was released at now. It keeps the frame's bytes.
func (q *Queue) Add(now time.Time, r Release, m tap.Meta) {
	due := now.Add(r.After)
	at := len(q.list)
	for at > 0 && q.list[at-1].due.After(due) {
		at--
	}
	q.list = slices.Insert(q.list, at, queued{due, r.Dir, r.Data, m})
}

// Take removes and returns the first frame of a direction that is due by now.
func (q *Queue) Take(now time.Time, dir tap.Direction) (frame []byte, m tap.Meta, ok bool) {
	for i, f := range q.list {
		if f.due.After(now) {
			break
		}
		if f.dir == dir {
			q.list = slices.Delete(q.list, i, i+1)
			return f.data, f.meta, true
		}
	}
	return nil, tap.Meta{}, false
}

// Next returns when the next frame of a direction is due; the zero time means
// never.
func (q *Queue) Next(dir tap.Direction) time.Time {
	for _, f := range q.list {
		if f.dir == dir {
			return f.due
		}
	}
	return time.Time{}
}
