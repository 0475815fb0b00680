package arp

import (
	"net/netip"
	"slices"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// The pace of asking. The numbers are RFC 4861 §10's, and they keep the limit
// of one ARP request a second and neighbour that RFC 1122 §2.3.2.1 sets.
const (
	retryInterval = time.Second      // RETRANS_TIMER
	maxTries      = 3                // MAX_MULTICAST_SOLICIT, MAX_UNICAST_SOLICIT
	reachableTime = 30 * time.Second // REACHABLE_TIME
	probeDelay    = 5 * time.Second  // DELAY_FIRST_PROBE_TIME
	maxQueued     = 3                // packets that wait for one neighbour
)

// Config says who we are.
type Config struct {
	MAC          wire.MAC
	Addr4, Addr6 netip.Addr // own addresses; invalid if the version is not used
}

// Table knows the neighbours on one link.
type Table struct {
	cfg       Config
	neighbors map[netip.Addr]*Neighbor
	order     []*Neighbor // as they came, so that the same run gives the same frames
	defended  time.Time   // when we last defended an address
	conflicts int
}

// New returns an empty table.
func New(cfg Config) *Table {
	return &Table{cfg: cfg, neighbors: make(map[netip.Addr]*Neighbor)}
}

// Effects are what a call wants done.
type Effects struct {
	Out    [][]byte     // whole frames, to send in this order
	Failed []netip.Addr // neighbours that did not answer
	Lost   int          // packets thrown away because nobody answered or too many waited
}

func (e *Effects) send(frame []byte) { e.Out = append(e.Out, frame) }

// state is a neighbour's place in RFC 4861 §7.3.2, which serves for ARP too.
type state uint8

const (
	idle       state = iota // nothing is known and nobody asks
	incomplete              // asked everybody; packets wait
	reachable               // answered; stale when the confirmation is old
	delay                   // in use although stale: somebody may confirm it yet
	probe                   // in use although stale: asked the address it had
)

// Neighbor is one address on the link.
type Neighbor struct {
	addr      netip.Addr
	state     state
	mac       wire.MAC
	confirmed time.Time // when we last knew that it is there
	deadline  time.Time // of incomplete, delay and probe
	asked     time.Time // when we last asked
	tries     int
	queue     [][]byte
	users     int // Hold without Release
}

// Addr returns the neighbour's IP address.
func (n *Neighbor) Addr() netip.Addr { return n.addr }

// maxUnused is how many neighbours the table keeps before it forgets those that
// nobody uses: strangers must not fill it.
const maxUnused = 256

// Hold is Neighbor for somebody who keeps the entry until Release.
func (t *Table) Hold(addr netip.Addr) *Neighbor {
	n := t.Neighbor(addr)
	n.users++
	return n
}

// Release ends a use of an entry. In a large table the last one forgets it.
func (t *Table) Release(n *Neighbor) {
	n.users--
	if n.users > 0 || len(t.order) <= maxUnused || t.neighbors[n.addr] != n {
		return
	}
	delete(t.neighbors, n.addr)
	t.order = slices.DeleteFunc(t.order, func(other *Neighbor) bool { return other == n })
}

// Neighbor returns the entry of an address, a new one if need be. It stays the
// same for as long as somebody holds it.
func (t *Table) Neighbor(addr netip.Addr) *Neighbor {
	n := t.neighbors[addr]
	if n == nil {
		n = &Neighbor{addr: addr}
		t.neighbors[addr] = n
		t.order = append(t.order, n)
	}
	return n
}

// Send gives frame, whole but for its destination, to a neighbour. If the
// address is known, Send fills it in and returns true, and the caller sends
// the frame. Otherwise Send keeps a copy, asks, and returns false; the copy
// comes out of a later call. Of several waiting frames the oldest is dropped
// (RFC 1122 §2.3.2.2).
func (t *Table) Send(now time.Time, n *Neighbor, frame []byte) (ready bool, e Effects) {
	switch n.state {
	case reachable:
		if now.Sub(n.confirmed) > reachableTime {
			n.state, n.deadline = delay, now.Add(probeDelay)
		}
		fallthrough
	case delay, probe:
		copy(frame, n.mac[:])
		return true, e
	}
	if len(n.queue) == maxQueued {
		n.queue = append(n.queue[:0], n.queue[1:]...)
		e.Lost++
	}
	n.queue = append(n.queue, append([]byte(nil), frame...))
	if n.state == idle {
		n.state, n.tries = incomplete, 0
		if now.Sub(n.asked) < retryInterval {
			n.deadline = n.asked.Add(retryInterval)
		} else {
			t.ask(now, n, &e)
		}
	}
	return false, e
}

// Confirm says that the neighbour was just heard of: what we sent got through
// (RFC 4861 §7.3.1).
func (n *Neighbor) Confirm(now time.Time) {
	switch n.state {
	case delay, probe:
		n.state = reachable
		fallthrough
	case reachable:
		n.confirmed = now
	}
}

// Next returns when Tick wants to be called; the zero time means never.
func (t *Table) Next() (next time.Time) {
	for _, n := range t.order {
		if n.waiting() && (next.IsZero() || n.deadline.Before(next)) {
			next = n.deadline
		}
	}
	return next
}

func (n *Neighbor) waiting() bool {
	return n.state == incomplete || n.state == delay || n.state == probe
}

// Tick asks again where an answer is due, and gives up after three questions.
func (t *Table) Tick(now time.Time) (e Effects) {
	for _, n := range t.order {
		if !n.waiting() || now.Before(n.deadline) {
			continue
		}
		switch {
		case n.state == delay:
			n.state, n.tries = probe, 0
			t.ask(now, n, &e)
		case n.tries < maxTries:
			t.ask(now, n, &e)
		default:
			e.Failed = append(e.Failed, n.addr)
			e.Lost += len(n.queue)
			n.state, n.queue = idle, nil
		}
	}
	return e
}

// ask sends a question to everybody, or to the address that the neighbour had.
func (t *Table) ask(now time.Time, n *Neighbor, e *Effects) {
	n.tries++
	n.asked, n.deadline = now, now.Add(retryInterval)
	to := wire.Broadcast
	if n.addr.Is6() {
		to = wire.MulticastMAC6(wire.SolicitedNode(n.addr))
	}
	if n.state == probe {
		to = n.mac
	}
	if n.addr.Is4() {
		e.send(t.arpFrame(to, wire.ARP{Op: wire.ARPRequest, SenderIP: t.cfg.Addr4, TargetIP: n.addr}))
		return
	}
	dst := wire.SolicitedNode(n.addr)
	if n.state == probe {
		dst = n.addr
	}
	e.send(t.ndpFrame(to, t.cfg.Addr6, dst, wire.Neighbor{Target: n.addr, LinkMAC: t.cfg.MAC, HasMAC: true}))
}

// learn takes an answer: what waited can go.
func (n *Neighbor) learn(now time.Time, mac wire.MAC, e *Effects) {
	n.state, n.mac, n.confirmed = reachable, mac, now
	for _, frame := range n.queue {
		copy(frame, mac[:])
		e.send(frame)
	}
	n.queue = nil
}

// Doubt makes a neighbour stale: it is used, and asked soon. It is for whoever
// finds that what he sends is not answered (RFC 4861 §7.3.3, RFC 1122 §2.3.2.1).
func (n *Neighbor) Doubt() {
	if n.state == reachable {
		n.confirmed = time.Time{}
	}
}

// Conflicts returns how often somebody else used an address of ours.
func (t *Table) Conflicts() int { return t.conflicts }

// Len returns how many neighbours the table remembers.
func (t *Table) Len() int { return len(t.order) }
