package tcp

import (
	"time"

	"tcping-cmp/handcrafted/wire"
)

// timestamps is the state of RFC 7323 §4 and §5.
type timestamps struct {
	base        uint32   // our clock at Open, in milliseconds
	recent      uint32   // TS.Recent: what we echo
	recentAt    instant  // when it was learnt
	lastAckSent wire.Seq // Last.ACK.sent
}

// pawsIdle is how long TS.Recent is good for: the peer's clock may have
// wrapped after that (RFC 7323 §5.5).
const pawsIdle = 24 * 24 * time.Hour

// open starts the clock: milliseconds, plus the offset of the connection
// (RFC 7323 §5.4). It counts from a common origin so that a later connection of
// the same tuple has later timestamps.
func (t *timestamps) open(now time.Time, offset uint32) {
	t.base = uint32(now.UnixMilli()) + offset
}

// tsval returns our clock.
func (c *Conn) tsval() uint32 { return c.ts.base + uint32(c.now/time.Millisecond) }

// stamp puts our clock and the echo into o. TSecr is zero until there is
// something to echo (RFC 7323 §3.2).
func (c *Conn) stamp(o *wire.Options) {
	o.HasTimestamps, o.TSVal, o.TSEcr = true, c.tsval(), c.ts.recent
}

// tsBefore reports whether timestamp a is older than b.
func tsBefore(a, b uint32) bool { return int32(a-b) < 0 }

// pawsFails is R1 of RFC 7323 §5.3: the segment is older than one we have
// accepted. A RST is exempt (§5.2).
func (c *Conn) pawsFails(seg *wire.Segment) bool {
	return c.opts.timestamps && seg.Options.HasTimestamps && !seg.Flags.Has(wire.RST) &&
		tsBefore(seg.Options.TSVal, c.ts.recent) && !c.tsOutdated()
}

// tsOutdated reports whether TS.Recent is too old to compare anything with. Any
// timestamp takes its place then.
func (c *Conn) tsOutdated() bool { return c.now-c.ts.recentAt >= pawsIdle }

// learnTimestamp is the echo rule of RFC 7323 §4.3: TS.Recent follows the
// segment that the next ACK will be for.
func (c *Conn) learnTimestamp(seg *wire.Segment) {
	o := &seg.Options
	if !c.opts.timestamps || !o.HasTimestamps {
		return
	}
	if (!tsBefore(o.TSVal, c.ts.recent) || c.tsOutdated()) && !seg.Seq.After(c.ts.lastAckSent) {
		c.ts.recent, c.ts.recentAt = o.TSVal, c.now
	}
}
