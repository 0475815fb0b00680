package tcp

import "tcping-cmp/handcrafted/wire"

// peerWindow is the window that the peer offers us.
type peerWindow struct {
	wnd   int      // SND.WND, octets from SND.UNA
	max   int      // the largest there was: MAX.SND.WND
	wl1   wire.Seq // SND.WL1: SEG.SEQ of the last update
	wl2   wire.Seq // SND.WL2: SEG.ACK of it
	shift uint8    // the peer's window scale
}

// set takes a window from a segment, as it stands there.
func (p *peerWindow) set(seg *wire.Segment, shift uint8) {
	p.wnd = int(seg.Window) << shift
	p.max = max(p.max, p.wnd)
	p.wl1, p.wl2 = seg.Seq, seg.Ack
}

// update takes the window of an acceptable ACK unless a newer segment has set
// it already (RFC 9293 §3.10.7.4, fifth step), and reports whether SND.WND
// changed.
func (p *peerWindow) update(seg *wire.Segment) bool {
	newer := p.wl1.Before(seg.Seq) || p.wl1 == seg.Seq && !seg.Ack.Before(p.wl2)
	if !newer {
		return false
	}
	old := p.wnd
	p.set(seg, p.shift)
	return p.wnd != old
}

// sndEdge returns the first sequence number the peer does not allow.
func (c *Conn) sndEdge() wire.Seq { return c.sndUna.Add(c.peer.wnd) }

// flight returns the octets of sequence space sent and not acknowledged.
func (c *Conn) flight() int { return c.sndNxt.Sub(c.sndUna) }
