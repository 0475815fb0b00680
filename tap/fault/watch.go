package fault

import "tcping-cmp/tap"

// What faults keep in mind of the packets that pass.

// keepArrived keeps the last segment of the peer's.
func keepArrived(c *conn, dir tap.Direction, p *packet) {
	if dir == in && p.sumOK {
		c.kept = p
	}
}

// keepGap keeps the last segment of the peer's if it left a gap.
func keepGap(c *conn, dir tap.Direction, p *packet) {
	if dir == in && p.sumOK {
		if c.kept = nil; isGap(c, p) && after(c.edge(out), p.seq) {
			c.kept = p
		}
	}
}

// keepFirstData keeps the first data segment of the stack's, as it was sent
// first.
func keepFirstData(c *conn, dir tap.Direction, p *packet) {
	if dir == out && c.kept == nil && isNewData(c, p) {
		c.kept = p
	}
}

// keepFIN keeps the stack's FIN.
func keepFIN(c *conn, dir tap.Direction, p *packet) {
	if dir == out && isFIN(c, p) {
		c.kept = p
	}
}

// keepFlight keeps the data that is in flight.
func keepFlight(c *conn, dir tap.Direction, p *packet) {
	if dir == out && isNewData(c, p) {
		c.queue = append(c.queue, p)
	}
	for dir == in && p.flags&ack != 0 && len(c.queue) > 0 && !after(c.queue[0].end(), p.ack) {
		c.queue = c.queue[1:]
	}
}

// answersGap selects an acknowledgement that follows data behind a gap;
// keepGap keeps that.
func answersGap(c *conn, p *packet) bool { return isPureACK(c, p) && c.kept != nil }

// answers selects an acknowledgement that follows a segment of the peer's of
// which something is known; keepArrived keeps it.
func answers(arrived func(*conn, *packet) bool) func(*conn, *packet) bool {
	return func(c *conn, p *packet) bool { return isPureACK(c, p) && c.kept != nil && arrived(c, c.kept) }
}
