package tcp

import "tcping-cmp/handcrafted/wire"

// negotiated is what the two SYNs agreed on.
type negotiated struct {
	peerMSS    int  // from the peer's SYN, or the default
	sendMSS    int  // Eff.snd.MSS before options: RFC 9293 §3.7.1
	timestamps bool // RFC 7323 §3.2
	sack       bool // RFC 2018 §2
	scale      bool // RFC 7323 §2.2
	tsLen      int  // octets of options on every segment
}

// timestampsLen is what the timestamps option takes, padded to whole words.
const timestampsLen = 12

func (o *negotiated) open(cfg *Config) {
	o.peerMSS = cfg.defaultMSS()
	o.sendMSS = min(o.peerMSS, cfg.MTU-cfg.headerLen())
}

// offeredMSS is the MSS of our SYN: what the MTU leaves after the headers,
// without regard to options (RFC 9293 §3.7.1).
func (c *Conn) offeredMSS() int { return c.cfg.MTU - c.cfg.headerLen() }

// learnMSS takes the peer's MSS, or the default when it sent none (MUST-15),
// and works out Eff.snd.MSS (MUST-16). An MSS of 0 says nothing; any other is
// obeyed, however small.
func (c *Conn) learnMSS(o *wire.Options) {
	c.opts.peerMSS = c.cfg.defaultMSS()
	if o.HasMSS && o.MSS > 0 {
		c.opts.peerMSS = int(o.MSS)
	}
	c.updateMSS()
}

// updateMSS works out Eff.snd.MSS from the peer's MSS and the path.
func (c *Conn) updateMSS() {
	c.opts.sendMSS = min(c.opts.peerMSS, c.pathMTU()-c.cfg.headerLen())
}

// payloadMSS is what a data segment without SACK blocks carries at most.
func (c *Conn) payloadMSS() int { return max(1, c.opts.sendMSS-c.opts.tsLen) }

// synOptions fills in what our SYN offers; a SYN,ACK carries only what the
// peer's SYN offered too.
func (c *Conn) synOptions(o *wire.Options) {
	p := &c.cfg.Profile
	answer := c.state != SynSent
	if p.MSS {
		o.HasMSS, o.MSS = true, uint16(min(c.offeredMSS(), 0xffff))
	}
	if p.SACK && (!answer || c.opts.sack) {
		o.SACKPermitted = true
	}
	if p.WindowScale && (!answer || c.opts.scale) {
		o.HasWindowScale, o.WindowScale = true, scaleFor(c.cfg.MaxRecvBuffer)
	}
	if p.Timestamps && (!answer || c.opts.timestamps) {
		c.stamp(o)
	}
}

// learnOptions takes what the peer's SYN offers and we offered too.
func (c *Conn) learnOptions(seg *wire.Segment) {
	o, p := &seg.Options, &c.cfg.Profile
	c.learnMSS(o)
	if p.WindowScale && o.HasWindowScale {
		c.opts.scale = true
		c.peer.shift = min(o.WindowScale, 14) // RFC 7323 §2.3
		c.window.shift = scaleFor(c.cfg.MaxRecvBuffer)
	}
	if p.Timestamps && o.HasTimestamps {
		c.opts.timestamps = true
		c.opts.tsLen = timestampsLen
		c.ts.recent, c.ts.recentAt = o.TSVal, c.now
	}
	c.opts.sack = p.SACK && o.SACKPermitted
	c.book.Negotiated(c.payloadMSS(), c.opts.sack)
}
