package fault

import (
	"time"

	"tcping-cmp/tap"
)

// Injector applies one or more faults to the frames of a stack. It is not safe
// for concurrent use.
type Injector struct {
	faults []Fault
	conns  map[flow]*connFaults
	struck int
}

// connFaults are the connection's state, one for each fault.
type connFaults []conn

// flow names a connection by what the stack's own frames carry.
type flow struct {
	addresses    string
	sport, dport uint16
}

// Release is a frame that leaves the injector.
type Release struct {
	Dir   tap.Direction
	Data  []byte        // the injector's or the caller's; to be used before the next Apply, or copied
	After time.Duration // how long it is held before it goes on
}

// maxConns bounds the connections that are followed; others pass.
const maxConns = 1 << 12

// New returns an injector of the faults. With several, each sees what the one
// before has left of a frame.
func New(faults ...Fault) *Injector {
	return &Injector{faults: faults, conns: map[flow]*connFaults{}}
}

// Struck returns how often a fault has struck so far.
func (i *Injector) Struck() int { return i.struck }

// Apply says what becomes of a frame that the stack sends, or that is on its
// way to it: the frame itself, something else, or nothing, now or later. A
// frame that no fault concerns is returned as it is.
func (i *Injector) Apply(now time.Time, dir tap.Direction, frame []byte) []Release {
	p, ok := parse(frame)
	if !ok {
		return []Release{{Dir: dir, Data: frame}}
	}
	state := i.find(dir, p)
	if state == nil {
		return []Release{{Dir: dir, Data: frame}}
	}
	pending, changed := []held{{p, 0}}, false
	var others []Release
	for n := range i.faults {
		c := &(*state)[n]
		c.now = now
		var next []held
		for _, h := range pending {
			o := i.strike(&i.faults[n], c, dir, h.p)
			changed = changed || o.changed
			if !o.drop {
				next = append(next, held{h.p, h.after + o.delay})
			}
			for _, e := range o.extra {
				others = append(others, Release{Dir: e.dir, Data: e.p.encode(), After: h.after + e.after})
			}
		}
		pending = next
	}
	var out []Release
	for _, h := range pending {
		data := frame
		if changed {
			data = h.p.encode()
		}
		out = append(out, Release{Dir: dir, Data: data, After: h.after})
	}
	return append(out, others...)
}

// held is a packet with how long it is to be held.
type held struct {
	p     *packet
	after time.Duration
}

// find returns the connection of a packet; nil if there are too many.
func (i *Injector) find(dir tap.Direction, p *packet) *connFaults {
	from, to := p.ip[12:16], p.ip[16:20]
	if p.v6() {
		from, to = p.ip[8:24], p.ip[24:40]
	}
	key := flow{string(from) + string(to), p.sport, p.dport}
	if dir == tap.In {
		key = flow{string(to) + string(from), p.dport, p.sport}
	}
	state := i.conns[key]
	if state == nil && len(i.conns) < maxConns {
		s := make(connFaults, len(i.faults))
		state = &s
		i.conns[key] = state
	}
	return state
}

// strike lets one fault see a packet.
func (i *Injector) strike(f *Fault, c *conn, dir tap.Direction, p *packet) *outcome {
	o := &outcome{}
	before := p.clone()
	if f.watch != nil {
		f.watch(c, dir, before)
	}
	if dir == f.dir && (f.Times == 0 || c.hits < f.Times) && f.when(c, p) {
		if c.hits == 0 {
			c.first = c.now
		}
		f.do(c, p, o)
		if o.missed {
			o = &outcome{}
			*p = *before.clone()
		} else {
			c.hits++
			i.struck++
			o.changed = true
		}
	}
	c.see(dir, before)
	return o
}

// outcome is what a fault does beside changing the packet.
type outcome struct {
	changed bool
	missed  bool // it has not struck after all
	drop    bool
	delay   time.Duration
	extra   []extra
}

// extra is a packet that nobody sent.
type extra struct {
	dir   tap.Direction
	p     *packet
	after time.Duration
}

// send adds a packet of the stack's.
func (o *outcome) send(p *packet, after time.Duration) {
	o.extra = append(o.extra, extra{tap.Out, p, after})
}

// tell adds a packet that only the stack gets to see.
func (o *outcome) tell(p *packet, after time.Duration) {
	o.extra = append(o.extra, extra{tap.In, p, after})
}
