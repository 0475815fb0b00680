package tcp

import (
	"testing"

	"tcping-cmp/handcrafted/wire"
)

// Builders, one for each state a client can be in.

// plain answers a SYN without options, so that sizes are round: MSS 1000 and no
// timestamps.
var plain = mss(1000)

// full answers a SYN with every option.
var full = all(mss(1460), wscale(7), sackOK(true), tsval(5000))

func synSent(t *testing.T, cfg Config) *rig {
	t.Helper()
	r := newRig(t, cfg)
	r.drop(1)
	r.state(SynSent)
	return r
}

// established opens a connection whose SYN,ACK carries the options of answer.
func established(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := synSent(t, cfg)
	r.handshake(answer)
	return r
}

func (r *rig) handshake(answer mod) {
	r.t.Helper()
	r.in(seg("S.", 0, 1, tsecrLast(r), answer))
	r.want("the third ACK", seg(".", 1, 1))
	r.state(Established)
	r.ts = r.c.opts.timestamps
}

// tsecrLast echoes the last TSval, where the segment has timestamps at all.
func tsecrLast(r *rig) mod {
	return func(s *spec) {
		s.with = append(s.with, func(g *wire.Segment) { g.Options.TSEcr = r.ecr })
	}
}

func synReceived(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := synSent(t, cfg)
	r.in(seg("S", 0, 0, answer))
	r.want("SYN,ACK of a simultaneous open", seg("S.", 0, 1))
	r.state(SynReceived)
	r.ts = r.c.opts.timestamps
	return r
}

func finWait1(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := established(t, cfg, answer)
	r.closeWrite()
	r.want("our FIN", seg("F.", 1, 1))
	r.state(FinWait1)
	return r
}

func finWait2(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := finWait1(t, cfg, answer)
	r.in(seg(".", 1, 2))
	r.state(FinWait2)
	return r
}

func closeWait(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := established(t, cfg, answer)
	r.in(seg("F.", 1, 1))
	r.want("ACK of the FIN", seg(".", 1, 2))
	r.state(CloseWait)
	return r
}

func closing(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := finWait1(t, cfg, answer)
	r.in(seg("F.", 1, 1))
	r.want("ACK of the FIN", seg(".", 2, 2))
	r.state(Closing)
	return r
}

func lastAck(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := closeWait(t, cfg, answer)
	r.closeWrite()
	r.want("our FIN", seg("F.", 1, 2))
	r.state(LastAck)
	return r
}

func timeWait(t *testing.T, cfg Config, answer mod) *rig {
	t.Helper()
	r := finWait2(t, cfg, answer)
	r.in(seg("F.", 1, 2))
	r.want("ACK of the FIN", seg(".", 2, 2))
	r.state(TimeWait)
	return r
}
