package tap

import "time"

// ReadDeadline is the read deadline of a link that holds frames back. The link
// below is told the earlier of two times: the user's deadline, and when the
// next held frame is due for the user. It is guarded by the mutex of what has
// it.
type ReadDeadline struct {
	link  Link
	user  time.Time
	armed time.Time // what the link below was told
}

// NewReadDeadline returns the deadline of a link that stands before another.
func NewReadDeadline(below Link) ReadDeadline { return ReadDeadline{link: below} }

// Set takes the user's deadline; zero is none. next is when a held frame is due,
// zero if none is. The error is that of the link below.
func (d *ReadDeadline) Set(user, next time.Time) error {
	d.user = user
	d.armed = time.Unix(0, 0) // the link may be closed: ask it
	return d.Arm(next)
}

// Arm tells the link below when there will be something to do, if it does not
// know.
func (d *ReadDeadline) Arm(next time.Time) error {
	until := d.user
	if !next.IsZero() && (until.IsZero() || next.Before(until)) {
		until = next
	}
	if until.Equal(d.armed) {
		return nil
	}
	d.armed = until
	return d.link.SetReadDeadline(until)
}

// Late reports whether the user's deadline has passed and no held frame is due.
func (d *ReadDeadline) Late(now, next time.Time) bool {
	if !next.IsZero() && !next.After(now) {
		return false
	}
	return !d.user.IsZero() && !d.user.After(now)
}
