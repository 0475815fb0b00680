package handcrafted

import (
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/tcp"
)

// OpenWith is Open for a connection that is configured otherwise than those of
// Config.TCP. Tuple, MTU, ISS and TSOffset are filled in.
func (h *Host) OpenWith(now time.Time, cfg tcp.Config, local, remote netip.AddrPort, e *Effects) (*Flow, error) {
	common := h.cfg.TCP
	defer func() { h.cfg.TCP = common }()
	h.cfg.TCP = cfg
	return h.Open(now, local, remote, e)
}
