package lab

import (
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// PlayConversation lets a stack hold the conversation of a script with a peer
// that echoes, over a wire with the script's impairments. Both are in the same
// virtual time. The recording is what crossed at the stack's end of the wire:
// what it sent, whatever became of it, and what reached it.
func PlayConversation(stack, peer VirtualStack, s *scenario.Script, o PlayOptions) *Play {
	wall := time.Now()
	c := &virtualTalk{
		play: &Play{Stack: stack.Name(), Settings: stack.Settings(), Script: s},
		now:  playStart, wire: newWire(s.Impairments),
	}
	defer func() { c.play.Wall = time.Since(wall) }()
	if !s.Conversation {
		c.play.NotRun = "the script is a list of events, not a conversation"
		return c.play
	}
	if err := c.begin(stack, peer, o.Seed); err != nil {
		c.play.NotRun = err.Error()
		return c.play
	}
	defer c.near.Close()
	defer c.far.Close()
	c.hold()
	c.result()
	return c.play
}

// defaultTimeout is how long a conversation may last if the script does not
// say, in virtual time: beyond every timer that could still save it.
const defaultTimeout = 20 * time.Minute

// maxIdle is how many frames may arrive while no application does anything:
// far more than a window holds. Two ends that answer each other's answers
// would go on for ever.
const maxIdle = 1 << 15

// virtualTalk is the state of a conversation: the application, the server behind the
// peer, and the wire between.
type virtualTalk struct {
	play      *Play
	now       time.Time
	near, far VirtualHost
	wire      *wire
	frames    []tap.Frame
	idle      int // frames that have arrived since an application did anything

	local, remote netip.AddrPort
	client        VirtualSocket
	app           application
	listener      VirtualSocket
	server        echoServer
	buf           [64 << 10]byte
}

func (c *virtualTalk) begin(stack, peer VirtualStack, seed uint64) (err error) {
	cfg := &c.play.Script.Config
	near, far := Network{MAC: labClientMAC, MTU: cfg.MTU}, Network{MAC: labServerMAC, MTU: cfg.MTU}
	if cfg.IPVersion == 6 {
		near.Addr6, far.Addr6 = labClient6, labServer6
		c.local = netip.AddrPortFrom(labClient6.Addr(), playLocalPort)
		c.remote = netip.AddrPortFrom(labServer6.Addr(), EchoPort)
	} else {
		near.Addr4, far.Addr4 = labClient4, labServer4
		c.local = netip.AddrPortFrom(labClient4.Addr(), playLocalPort)
		c.remote = netip.AddrPortFrom(labServer4.Addr(), EchoPort)
	}
	if c.near, err = stack.Start(VirtualConfig{Network: near, Now: c.now, Seed: seed}); err != nil {
		return fmt.Errorf("%s cannot start: %w", stack.Name(), err)
	}
	if c.far, err = peer.Start(VirtualConfig{Network: far, Now: c.now, Seed: seed + 1}); err != nil {
		c.near.Close()
		return fmt.Errorf("the peer cannot start: %w", err)
	}
	c.play.Recording.Link = tap.Info{Kind: tap.KindMem, Name: stack.Name(), MAC: labClientMAC, MTU: cfg.MTU, MaxFrame: cfg.MTU + etherHeader}
	for _, s := range c.play.Script.Settings {
		if s.Name != "mtu" && !c.near.Set(s.Name, s.Value) {
			c.play.Ignored = append(c.play.Ignored, scenario.Remark{Pos: s.Pos, Text: s.From, Why: stack.Name() + " has no such setting, or not this value"})
		}
	}
	if err := c.open(); err != nil {
		c.near.Close()
		c.far.Close()
		return err
	}
	return nil
}

// open makes the sockets of both ends. The server listens.
func (c *virtualTalk) open() (err error) {
	v6 := c.local.Addr().Is6()
	if c.listener, err = c.far.Socket(v6); err == nil {
		if err = c.listener.Bind(c.remote); err == nil {
			err = c.listener.Listen(1)
		}
	}
	if err != nil {
		return fmt.Errorf("the peer cannot listen: %w", err)
	}
	c.app = application{script: c.play.Script.Application}
	c.server = echoServer{closeFirst: c.app.script.Close == scenario.PeerFirst, expect: len(c.app.script.Send)}
	if c.client, err = c.near.Socket(v6); err == nil {
		if err = c.client.Bind(c.local); err == nil {
			err = c.client.Connect(c.remote)
		}
	}
	if err != nil && err != syscall.EINPROGRESS {
		return fmt.Errorf("%s cannot connect: %w", c.play.Stack, err)
	}
	return nil
}

// hold lets time pass until both ends are done and the wire is empty, or the
// script's time is up.
func (c *virtualTalk) hold() {
	limit := defaultTimeout
	if t := c.play.Script.Application.Timeout; t > 0 {
		limit = t
	}
	end := c.now.Add(limit)
	for {
		c.settle()
		if c.over() {
			return
		}
		if c.idle > maxIdle {
			c.fail("the ends answer each other without end, %d segments and no octet for an application: stack in %s, peer in %s", c.idle, c.client.State(), c.server.state())
			return
		}
		next := earliest(c.near.Next(), c.far.Next(), c.wire.next())
		switch {
		case next.IsZero():
			c.fail("nothing happens any more: stack in %s, peer in %s", c.client.State(), c.server.state())
			return
		case next.After(end):
			c.fail("it is not over after %v: stack in %s, peer in %s", limit, c.client.State(), c.server.state())
			return
		}
		if next.After(c.now) {
			c.now = next
		}
		c.near.Advance(c.now)
		c.far.Advance(c.now)
	}
}

func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// settle moves frames and bytes until nothing moves at this instant.
func (c *virtualTalk) settle() {
	for moved := true; moved && c.idle <= maxIdle; {
		moved = c.send(tap.Out, c.near)
		moved = c.send(tap.In, c.far) || moved
		moved = c.arrive() || moved
		moved = c.applications() || moved
	}
}

// send puts what a host has sent on the wire.
func (c *virtualTalk) send(dir tap.Direction, from VirtualHost) (moved bool) {
	from.Sent(func(frame []byte) {
		moved = true
		data := slices.Clone(frame)
		if dir == tap.Out {
			c.frames = append(c.frames, tap.Frame{Time: c.now, Dir: dir, Data: data})
		}
		c.wire.enter(c.now, dir, data)
	})
	return moved
}

// arrive delivers what has come out of the wire, frame by frame, with what the
// host has to say to each before the next: the recording shows what it knew.
func (c *virtualTalk) arrive() (moved bool) {
	for ; c.idle <= maxIdle; c.idle++ {
		f, ok := c.wire.leave(c.now)
		if !ok {
			return moved
		}
		moved = true
		if f.dir == tap.Out {
			c.far.Receive(f.data)
			c.send(tap.In, c.far)
			continue
		}
		c.frames = append(c.frames, tap.Frame{Time: c.now, Dir: tap.In, Data: f.data})
		c.near.Receive(f.data)
		c.send(tap.Out, c.near)
	}
	return moved
}

// applications lets client and server do what they can.
func (c *virtualTalk) applications() (moved bool) {
	if c.server.conn == nil {
		if conn, _, err := c.listener.Accept(); err == nil {
			c.server.conn, moved = conn, true
		}
	}
	moved = c.app.act(c.client, c.buf[:]) || moved
	if c.server.conn != nil {
		moved = c.server.act(c.buf[:]) || moved
	}
	if moved {
		c.idle = 0
	}
	return moved
}

// over says whether nothing more can happen that matters: both ends have
// closed, and no end waits for the other.
func (c *virtualTalk) over() bool {
	return c.app.closed && final(c.client.State()) && !c.wire.busy() &&
		(c.server.conn == nil || c.server.closed && final(c.server.conn.State()))
}

func (c *virtualTalk) fail(format string, args ...any) {
	c.play.Findings = append(c.play.Findings, Finding{
		Frame: -1, At: c.now.Sub(playStart), Shape: true, Text: fmt.Sprintf(format, args...),
		Pos: scenario.Pos{File: c.play.Script.Name, Line: 1, Col: 1},
	})
}

func (c *virtualTalk) result() {
	p := c.play
	p.Recording.Frames, p.Local, p.Remote = c.frames, c.local, c.remote
	p.State, p.Virtual = c.client.State(), c.now.Sub(playStart)
	if why := c.app.verdict(); why != "" {
		c.fail("%s", why)
	}
	for i := range c.frames {
		if c.frames[i].Dir != tap.Out {
			continue
		}
		if s, ok := readFrame(c.frames[i].Data); ok {
			for _, problem := range s.problems {
				c.fail("frame %d: %s", i+1, problem)
			}
		}
	}
}
