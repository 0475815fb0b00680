package lab

import (
	"fmt"
	"net/netip"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// playStart is what the clocks of stacks show when a script begins: any time
// does, as long as it is always the same.
var playStart = time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)

// The ports of a script that names none: those of packetdrill for the peer,
// and for the stack the first of a range that no stack chooses from itself.
const (
	playPeerPort  = 8080
	playLocalPort = 40000
)

// PlayScript plays a script that has events to a stack. It never blocks and
// never fails: what went wrong is in the result.
func PlayScript(stack VirtualStack, s *scenario.Script, o PlayOptions) *Play {
	wall := time.Now()
	p := newPlayer(stack, s, o)
	defer func() { p.play.Wall = time.Since(wall) }()
	if p.play.NotRun = p.unplayable(); p.play.NotRun != "" {
		return p.play
	}
	if err := p.begin(); err != nil {
		p.play.NotRun = err.Error()
		return p.play
	}
	defer p.host.Close()
	for i := range s.Steps {
		if p.play.NotRun != "" {
			break
		}
		p.step(&s.Steps[i])
	}
	p.finish()
	return p.play
}

// player plays one script: it is the peer, the application and the wire.
type player struct {
	stack   VirtualStack
	script  *scenario.Script
	options PlayOptions
	play    *Play
	host    VirtualHost

	local, remote         netip.Addr
	localPort, remotePort uint16
	ipID                  uint16 // of the peer's packets

	now  time.Time
	last time.Time    // when the step before happened, from which relative times count
	pos  scenario.Pos // of the step that is played

	frames  []tap.Frame
	arena   []byte
	queue   []*seen // what the stack sent, oldest first; the taken ones are dropped from the front
	talks   []*talk
	sockets map[int64]*socket
	latest  *socket // opened last
	waiting *blocked
	ids     map[uint16]time.Time // IP IDs of packets that may be fragmented
	order   int                  // frame of the last packet that a line took
}

func newPlayer(stack VirtualStack, s *scenario.Script, o PlayOptions) *player {
	p := &player{
		stack: stack, script: s, options: o, now: playStart, last: playStart,
		play:      &Play{Stack: stack.Name(), Settings: stack.Settings(), Script: s},
		localPort: playLocalPort, remotePort: playPeerPort,
		sockets: map[int64]*socket{}, ids: map[uint16]time.Time{}, order: -1,
	}
	c := &s.Config
	p.local, p.remote = labClient4.Addr(), labServer4.Addr()
	if c.IPVersion == 6 {
		p.local, p.remote = labClient6.Addr(), labServer6.Addr()
	}
	if c.Local.IsValid() && c.Local.Is4() == p.local.Is4() {
		p.local = c.Local
	}
	if c.Remote.IsValid() && c.Remote.Is4() == p.remote.Is4() {
		p.remote = c.Remote
	}
	if c.ConnectPort != 0 {
		p.remotePort = c.ConnectPort
	}
	return p
}

// unplayable says why a script cannot be played; empty if it can.
func (p *player) unplayable() string {
	s := p.script
	switch {
	case s.Conversation:
		return "the script is a conversation, not a list of events"
	case len(s.Unsupported) > 0:
		return fmt.Sprintf("%s: %s", s.Unsupported[0].Text, s.Unsupported[0].Why)
	case p.local == p.remote:
		return fmt.Sprintf("stack and peer have the same address, %v", p.local)
	}
	for i := range s.Steps {
		k := s.Steps[i].Packet
		if k != nil && k.ICMP != nil {
			if _, _, ok := p.icmpTypeCode(k.ICMP); !ok {
				return fmt.Sprintf("%v: icmp %s %s is not known for IPv%d", k.Pos, k.ICMP.Type, k.ICMP.Code, s.Config.IPVersion)
			}
		}
	}
	return ""
}

// begin starts the stack's host with what the script asks of it.
func (p *player) begin() error {
	n := Network{MAC: labClientMAC, MTU: p.mtu()}
	own := netip.PrefixFrom(p.local, 24)
	if p.local.Is6() {
		own = netip.PrefixFrom(p.local, 64)
	}
	gateway := netip.Addr{}
	if !own.Masked().Contains(p.remote) {
		gateway = own.Masked().Addr().Next()
		if gateway == p.local {
			gateway = gateway.Next()
		}
	}
	if p.local.Is6() {
		n.Addr6, n.Gateway6 = own, gateway
	} else {
		n.Addr4, n.Gateway4 = own, gateway
	}
	host, err := p.stack.Start(VirtualConfig{Network: n, Now: p.now, Seed: p.options.Seed})
	if err != nil {
		return fmt.Errorf("%s cannot start: %w", p.stack.Name(), err)
	}
	p.host = host
	p.play.Recording.Link = tap.Info{Kind: tap.KindMem, Name: p.stack.Name(), MAC: labClientMAC, MTU: n.MTU, MaxFrame: n.MTU + etherHeader}
	for i := range p.script.Settings {
		p.set(&p.script.Settings[i])
	}
	p.collect()
	return nil
}

// mtu is that of the link: of a command of the script, or of its option.
func (p *player) mtu() int {
	mtu := p.script.Config.MTU
	for _, s := range p.script.Settings {
		if n, ok := s.Int(); ok && s.Name == "mtu" && n >= 68 && n <= 65535 {
			mtu = int(n)
		}
	}
	return mtu
}

// set asks the stack for a setting.
func (p *player) set(s *scenario.Setting) {
	if s.Name == "mtu" {
		return
	}
	if !p.host.Set(s.Name, s.Value) {
		p.ignore(s.Pos, s.From, p.stack.Name()+" has no such setting, or not this value")
	}
}

func (p *player) ignore(pos scenario.Pos, text, why string) {
	p.play.Ignored = append(p.play.Ignored, scenario.Remark{Pos: pos, Text: text, Why: why})
}

// step plays one step.
func (p *player) step(s *scenario.Step) {
	p.pos = s.Pos
	if s.Packet != nil && s.Packet.Dir == scenario.Expect {
		p.expect(s)
		return
	}
	at, returns := p.from(s.Time, s.Time.At), time.Time{}
	if s.Call != nil && s.Call.Blocking {
		returns = p.from(s.Time, s.Call.End)
	}
	p.runUntil(at, nil)
	p.last = at
	if p.options.Patient {
		p.last = p.now
	}
	switch {
	case s.Packet != nil:
		p.deliver(p.inject(s.Packet))
	case s.Setting != nil:
		p.set(s.Setting)
	case s.Call != nil:
		p.call(s, returns)
	}
	p.collect()
}

// from gives the instant that a time of the script means.
func (p *player) from(t scenario.Time, d time.Duration) time.Time {
	switch t.Kind {
	case scenario.Absolute, scenario.AbsoluteRange:
		return playStart.Add(d)
	case scenario.Relative, scenario.RelativeRange:
		return p.last.Add(d)
	}
	return p.last
}

// runUntil lets time pass. It ends early when done, asked after everything
// that happens, says so.
func (p *player) runUntil(until time.Time, done func() bool) bool {
	if p.runTimers(until, done) {
		return true
	}
	p.moveTo(until)
	return done != nil && done()
}

// runTimers lets time pass from one timer of the stack to the next, and leaves
// the clock at the last that is due by then.
func (p *player) runTimers(until time.Time, done func() bool) bool {
	for {
		if done != nil && done() {
			return true
		}
		next := p.host.Next()
		if next.IsZero() || next.After(until) {
			return false
		}
		if !next.After(p.now) { // it is late: run it now
			next = p.now
		}
		p.moveTo(next)
	}
}

// moveTo moves the clock, not back, and lets everything happen that is due.
func (p *player) moveTo(t time.Time) {
	if t.After(p.now) {
		p.now = t
	}
	p.host.Advance(p.now)
	p.collect()
}

// deliver sends a frame to the stack.
func (p *player) deliver(frame []byte) {
	p.record(tap.In, frame)
	p.host.Receive(frame)
}

// collect takes what the stack has sent, answers what is for the link, and
// asks a blocked call again.
func (p *player) collect() {
	for {
		from := len(p.frames)
		p.host.Sent(func(frame []byte) { p.record(tap.Out, frame) })
		sent := p.frames[from:]
		for i := range sent {
			p.look(from+i, sent[i].Data)
		}
		if len(sent) == 0 && !p.retry() {
			return
		}
	}
}

// record keeps a copy of a frame.
func (p *player) record(dir tap.Direction, frame []byte) {
	if cap(p.arena)-len(p.arena) < len(frame) {
		p.arena = make([]byte, 0, max(16<<10, len(frame)))
	}
	at := len(p.arena)
	p.arena = append(p.arena, frame...)
	data := p.arena[at:len(p.arena):len(p.arena)]
	p.frames = append(p.frames, tap.Frame{Time: p.now, Dir: dir, Data: data})
}

// look reads a frame of the stack's.
func (p *player) look(index int, frame []byte) {
	if reply := neighborReply(frame, labServerMAC, func(a netip.Addr) bool { return a == p.local }); reply != nil {
		p.deliver(reply)
		return
	}
	s, ok := readFrame(frame)
	if !ok || s.icmp && s.protocol == protocolICMP6 && isNeighborDiscovery(s.payload) {
		return
	}
	s.frame, s.at = index, p.now
	p.inspect(s)
	if s.tcp {
		p.follow(s)
	}
	p.queue = append(p.queue, s)
}

// follow finds the connection of a segment of the stack's.
func (p *player) follow(s *seen) {
	for i := len(p.talks) - 1; i >= 0; i-- {
		if t := p.talks[i]; t.local == s.sport && t.remote == s.dport {
			t.sent(s)
			return
		}
	}
	if s.flags&flagSYN != 0 {
		p.newTalk(s.sport, s.dport).sent(s)
	}
}

// finish lets what is late by no more than the tolerance come, and tells of
// what nobody expected.
func (p *player) finish() {
	p.await()
	p.runUntil(p.now.Add(p.script.Config.Tolerance), nil)
	for _, s := range p.queue {
		if !s.taken {
			p.play.Findings = append(p.play.Findings, Finding{
				Pos: p.pos, Frame: s.frame, At: s.at.Sub(playStart), Shape: true,
				Text: "no line expects " + p.describe(s),
			})
		}
	}
	r := &p.play.Recording
	r.Frames = p.frames
	p.play.Virtual = p.now.Sub(playStart)
	if p.latest != nil {
		p.play.State = p.latest.State()
	}
	if len(p.talks) > 0 {
		t := p.talks[len(p.talks)-1]
		p.play.Local, p.play.Remote = netip.AddrPortFrom(p.local, t.local), p.remoteAddr(t)
	}
}

// find adds a finding about a frame; seen may be nil.
func (p *player) find(s *seen, shape bool, format string, args ...any) {
	f := Finding{Pos: p.pos, Frame: -1, At: p.now.Sub(playStart), Shape: shape, Text: fmt.Sprintf(format, args...)}
	if s != nil {
		f.Frame, f.At = s.frame, s.at.Sub(playStart)
	}
	p.play.Findings = append(p.play.Findings, f)
}

// lifetime is how long an IP ID must not come again (RFC 6864 §4.1 refers to
// the maximum datagram lifetime of RFC 791, in practice two minutes).
const lifetime = 2 * time.Minute

// inspect holds a frame against what holds for each, whatever the script.
func (p *player) inspect(s *seen) {
	for _, problem := range s.problems {
		p.find(s, true, "frame %d: %s", s.frame+1, problem)
	}
	if s.df || !s.dst.Is4() {
		return
	}
	if before, ok := p.ids[s.id]; ok && s.at.Sub(before) < lifetime {
		p.find(s, true, "frame %d: IP ID %#04x comes again after %v in a packet that may be fragmented (RFC 6864 §4.3)", s.frame+1, s.id, s.at.Sub(before))
	}
	p.ids[s.id] = s.at
}
