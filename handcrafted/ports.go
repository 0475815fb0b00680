package handcrafted

import (
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/tcp"
	"tcping-cmp/handcrafted/wire"
)

// crowded is how many connections make the host take ports out of TIME-WAIT
// before their time: half the ephemeral range.
const crowded = (tcp.LastPort - tcp.FirstPort + 1) / 2

// reuseAfter is how long a connection stays in TIME-WAIT at least: a few ticks
// of the timestamp clock, so that every segment of the next connection has a
// later timestamp than any of the last one (RFC 6191 §2 sees it from the
// listener's side).
const reuseAfter = time.Second

// choosePort settles the local port of a new connection, by RFC 6056 if it is
// 0. A connection in TIME-WAIT may have to give way.
func (h *Host) choosePort(now time.Time, t wire.Tuple, e *Effects) (wire.Tuple, error) {
	at := func(port uint16) wire.Tuple {
		return wire.Tuple{Local: netip.AddrPortFrom(t.Local.Addr(), port), Remote: t.Remote}
	}
	if t.Local.Port() == 0 {
		reuse := len(h.flows) >= crowded
		port, ok := h.numbers.Port(t.Local.Addr(), t.Remote, func(port uint16) bool {
			f := h.flows[at(port)]
			return f != nil && !(reuse && f.reusable(now))
		})
		if !ok {
			return t, ErrPortInUse
		}
		t = at(port)
	}
	old := h.flows[t]
	switch {
	case old == nil:
	case old.reusable(now):
		h.apply(now, old, old.tcp.Abort(now), e) // sends nothing: the peer has closed
	default:
		return t, ErrPortInUse
	}
	return t, nil
}

// reusable reports whether the tuple may be used again although 2 MSL are not
// over: the connection has timestamps, which tell its old segments from new
// ones (RFC 7323 §5.8, Appendix B.2 (b)).
func (f *Flow) reusable(now time.Time) bool {
	return f.tcp.State() == tcp.TimeWait && f.timestamps && now.Sub(f.waiting) >= reuseAfter
}
