package tcp

import "time"

// pmtuState is the path MTU: RFC 1191 and RFC 8201 by message, RFC 4821 §7.7 by
// silence.
type pmtuState struct {
	mtu   int // bytes of IP packet; 0 means the link's
	stuck int // timeouts in a row of a full-sized segment
}

const (
	minMTU4 = 68   // RFC 791: every path carries it (RFC 1191 §3)
	minMTU6 = 1280 // RFC 8200 §5
	// guessMTU4 is as low as we go by ourselves, without a router that says
	// less: what every host takes in one piece (RFC 791).
	guessMTU4 = 576
	// pmtuRetry is how long a smaller MTU holds (RFC 1191 §6.3: 10 minutes).
	pmtuRetry = 10 * time.Minute
	// stuckLimit timeouts in a row of a full-sized segment look like a black
	// hole (RFC 4821 §7.7, "full-stop timeout").
	stuckLimit = 2
)

// plateaus are the sizes to guess from, largest first (RFC 1191 §7.1).
var plateaus = [...]int{32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 576, 508, 296, 68}

// pathMTU returns the size of the largest packet for this path.
func (c *Conn) pathMTU() int {
	if c.pmtu.mtu == 0 {
		return c.cfg.MTU
	}
	return c.pmtu.mtu
}

// floorMTU is the least a message may bring the path to.
func (c *Conn) floorMTU() int {
	if c.cfg.Tuple.Remote.Addr().Is4() {
		return minMTU4
	}
	return minMTU6
}

// nextPlateau returns the largest plateau below mtu, but not less than floor.
func nextPlateau(mtu, floor int) int {
	for _, p := range plateaus {
		if p < mtu {
			return max(p, floor)
		}
	}
	return floor
}

// packetTooBig takes the next hop's MTU from a message, or guesses when an old
// router gives none (RFC 1191 §5).
func (c *Conn) packetTooBig(mtu int) {
	floor := c.floorMTU()
	if mtu == 0 {
		mtu = nextPlateau(c.pathMTU(), min(guessMTU4, c.pathMTU()))
	}
	c.setPathMTU(max(mtu, floor))
}

// setPathMTU makes segments smaller; a message never makes them larger
// (RFC 1191 §3). What was too big is sent again at once.
func (c *Conn) setPathMTU(mtu int) {
	if mtu >= c.pathMTU() {
		return
	}
	c.pmtu.mtu = mtu
	c.timers.set(timerPMTU, c.now+pmtuRetry)
	c.resizeSegments()
}

// resizeSegments makes the new Eff.snd.MSS known.
func (c *Conn) resizeSegments() {
	c.updateMSS()
	if c.cc != nil {
		c.book.SetMSS(c.payloadMSS())
		c.cc.SetMSS(c.payloadMSS())
	}
}

// pmtuRaise tries the link's MTU again.
func (c *Conn) pmtuRaise() {
	c.pmtu = pmtuState{}
	c.resizeSegments()
}

// blackHole is called for each retransmission timeout: full-sized segments that
// vanish again and again without a message call for smaller ones.
func (c *Conn) blackHole() {
	if !c.state.synchronized() || c.flight() < c.payloadMSS() {
		return
	}
	if c.pmtu.stuck++; c.pmtu.stuck < stuckLimit {
		return
	}
	c.pmtu.stuck = 0
	floor := guessMTU4
	if !c.cfg.Tuple.Remote.Addr().Is4() {
		floor = minMTU6
	}
	if c.pathMTU() > floor {
		c.setPathMTU(nextPlateau(c.pathMTU(), floor))
	}
}
