package lab

import (
	"fmt"
	"strings"
	"time"

	"tcping-cmp/compare/scenario"
)

const (
	// anyTime is how long a line with a wildcard waits for its packet:
	// longer than any timer but keep-alive's.
	anyTime = time.Hour
	// patience is how long after its time a packet may come and still be the
	// one that a line expects: longer than a back-off at its limit.
	patience = 130 * time.Second
)

// expect plays a line that expects a packet.
func (p *player) expect(s *scenario.Step) {
	early, late := p.window(s)
	match := func() *seen { return p.first(s.Packet) }
	found := match()
	switch {
	case found != nil:
	case late.Sub(p.now) >= anyTime:
		p.runTimers(late, func() bool { found = match(); return found != nil })
	default:
		p.runUntil(late, func() bool { found = match(); return found != nil })
		if n := len(p.queue); found == nil && p.options.Patient {
			p.runTimers(late.Add(patience), func() bool { found = match(); return found != nil || len(p.queue) > n })
		}
	}
	if found == nil {
		p.missing(s, early)
		return
	}
	p.take(s, found, early, late)
}

// window gives the times within which a line expects its packet.
func (p *player) window(s *scenario.Step) (early, late time.Time) {
	tolerance := p.script.Config.Tolerance
	switch t := s.Time; t.Kind {
	case scenario.AnyTime, scenario.NoTime:
		return p.last, p.now.Add(anyTime)
	case scenario.AbsoluteRange, scenario.RelativeRange:
		early = p.from(t, t.At)
		if t.Until == scenario.Forever {
			return early.Add(-tolerance), early.Add(anyTime)
		}
		return early.Add(-tolerance), p.from(t, t.Until).Add(tolerance)
	default:
		at := p.from(t, t.At)
		return at.Add(-tolerance), at.Add(tolerance)
	}
}

// first returns the oldest packet that no line has taken and that has the
// shape of the line; or the last of a train that has it together.
func (p *player) first(k *scenario.Packet) *seen {
	for _, s := range p.queue {
		if !s.taken && p.shape(k, s) {
			return s
		}
	}
	return p.train(k)
}

// train finds segments one behind the other that carry together what a line
// expects in one: scripts that were recorded on Linux have several segments in
// a line where the kernel leaves cutting them to the device. All but the last,
// which it returns, are taken.
func (p *player) train(k *scenario.Packet) *seen {
	if k.TCP == nil || k.TCP.Seq.Kind == scenario.Any || k.TCP.Seq.Len < 2 {
		return nil
	}
	var cars []*seen
	part := *k.TCP
	for _, s := range p.queue {
		if s.taken || !s.tcp || len(s.payload) == 0 || len(s.payload) > part.Seq.Len {
			continue
		}
		last := len(s.payload) == part.Seq.Len
		one := part
		one.Seq.Len = len(s.payload)
		if !last {
			one.Flags &^= scenario.FIN
		}
		if !p.shape(&scenario.Packet{TCP: &one}, s) {
			continue
		}
		cars = append(cars, s)
		part.Seq.Start += uint32(len(s.payload))
		if part.Seq.Len -= len(s.payload); last {
			for _, car := range cars[:len(cars)-1] {
				car.taken = true
			}
			return s
		}
	}
	return nil
}

// missing tells of a packet that did not come.
func (p *player) missing(s *scenario.Step, early time.Time) {
	text := "the stack did not send what this line expects"
	for _, other := range p.queue {
		if !other.taken {
			text += "; instead it sent " + p.describe(other)
			break
		}
	}
	p.find(nil, true, "%s", text)
	switch {
	case p.options.Patient:
		p.last = p.now
	case s.Time.Kind != scenario.AnyTime:
		p.last = p.from(s.Time, s.Time.At)
	}
}

// take holds a packet of the right shape against the rest of its line.
func (p *player) take(s *scenario.Step, found *seen, early, late time.Time) {
	found.taken = true
	if found.frame < p.order {
		p.find(found, true, "%s came before the packet of the line before", p.describe(found))
	}
	p.order = max(p.order, found.frame)
	if s.Time.Kind != scenario.AnyTime && (found.at.Before(early) || found.at.After(late)) {
		p.find(found, false, "%s at %s, expected %s", p.describe(found), stamp(found.at), p.expectedTime(s, early, late))
	}
	p.strictly(s.Packet, found)
	switch s.Time.Kind {
	case scenario.AnyTime, scenario.NoTime, scenario.AbsoluteRange, scenario.RelativeRange:
		p.last = found.at
	default:
		p.last = p.from(s.Time, s.Time.At)
		if p.options.Patient && found.at.After(p.last) {
			p.last = found.at
		}
	}
	p.compact()
}

func (p *player) expectedTime(s *scenario.Step, early, late time.Time) string {
	switch s.Time.Kind {
	case scenario.AbsoluteRange, scenario.RelativeRange:
		return fmt.Sprintf("from %s to %s", stamp(early), stamp(late))
	}
	return fmt.Sprintf("at %s, give or take %v", stamp(p.from(s.Time, s.Time.At)), p.script.Config.Tolerance)
}

// stamp writes an instant as scripts do: seconds after the beginning.
func stamp(t time.Time) string { return fmt.Sprintf("%.6f", t.Sub(playStart).Seconds()) }

// compact drops what is taken from the front of the queue.
func (p *player) compact() {
	for len(p.queue) > 0 && p.queue[0].taken {
		p.queue = p.queue[1:]
	}
}

// talkOfFrame is the connection of a packet; a segment of none has one whose
// numbers are those on the wire.
func (p *player) talkOfFrame(s *seen) *talk {
	for i := len(p.talks) - 1; i >= 0; i-- {
		if t := p.talks[i]; t.local == s.sport && t.remote == s.dport {
			return t
		}
	}
	return &talk{local: s.sport, remote: s.dport}
}

// relative gives the numbers of a segment as a script counts them. In a SYN
// they are counted as its sender's script has them.
func (t *talk) relative(s *seen) (seq, ack uint32) {
	seq, ack = s.seq-t.localISN, s.ack-t.remoteISN
	if s.flags&flagSYN != 0 {
		seq, ack = seq+t.localBase, s.ack
	}
	return seq, ack
}

// describe writes a packet as a line of a script.
func (p *player) describe(s *seen) string {
	switch {
	case s.icmp:
		return fmt.Sprintf("frame %d, > icmp type %d code %d", s.frame+1, s.payload[0], s.payload[1])
	case !s.tcp:
		return fmt.Sprintf("frame %d, > a packet of IP protocol %d", s.frame+1, s.protocol)
	}
	seq, ack := p.talkOfFrame(s).relative(s)
	var b strings.Builder
	fmt.Fprintf(&b, "frame %d, > %s %d:%d(%d)", s.frame+1, flagLetters(s.flags), seq, seq+uint32(len(s.payload)), len(s.payload))
	if s.flags&flagACK != 0 {
		fmt.Fprintf(&b, " ack %d", ack)
	}
	return b.String()
}

func flagLetters(flags uint16) string {
	var b strings.Builder
	for i, letter := range "FSRP.UEWA" {
		if flags&(1<<i) != 0 {
			b.WriteRune(letter)
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}
