package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/handcrafted/wire"
	"tcping-cmp/tap"
)

// Run opens the connections and prints the summary, also after a signal.
func (c *pingCommand) Run(a *app) error {
	if err := c.checkPlace(c.Target); err != nil {
		return err
	}
	if err := c.enter(a, c.Target); err != nil {
		return err
	}
	place, err := c.place(a, c.Target)
	if err != nil {
		return err
	}
	defer place.Close()
	app := scenario.Application{
		Send: []byte(c.Send), Expect: len(c.Send), Check: true,
		Close: scenario.Closer(c.Close), Timeout: c.timeout(lab.DefaultTimeout),
	}
	p := newPinger(a, app, place, c)
	err = p.all(a.ctx)
	p.finish()
	if err == nil && p.failed > 0 {
		return errFound
	}
	return err
}

// pinger opens one connection after another.
type pinger struct {
	app     scenario.Application
	place   lab.Place
	flags   *pingCommand
	stack   lab.Stack
	printer *printer
	out     *app

	good, failed    int
	handshake, echo roundTrips
	last            lab.Result
}

func newPinger(a *app, script scenario.Application, place lab.Place, flags *pingCommand) *pinger {
	p := &pinger{
		app: script, place: place, flags: flags, out: a,
		printer:   newPrinter(a.Out),
		handshake: newRoundTrips("handshake"), echo: newRoundTrips("echo"),
	}
	p.stack = watchedStack{newStack(handcraftedName, flags.Profile), p.frame}
	return p
}

// frame prints a frame that has arrived.
func (p *pinger) frame(f tap.Frame) {
	if f.Dir != tap.In || p.flags.Quiet {
		return
	}
	if seg, t := readSegment(f.Data); seg != nil {
		p.printer.line(frameLine(seg, t))
	}
}

// all ends early with an error if no connection can even be tried, or after a
// signal.
func (p *pinger) all(ctx context.Context) error {
	begin := time.NewTimer(0)
	defer begin.Stop()
	for n := 1; p.flags.Count == 0 || n <= p.flags.Count; n++ {
		select {
		case <-begin.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		begin.Reset(p.flags.Interval)
		r := lab.Converse(ctx, p.stack, p.place, p.app)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var failure *lab.Error
		if errors.As(r.Err, &failure) && failure.Stage == lab.StagePrepare {
			return r.Err
		}
		p.count(n, r)
	}
	return nil
}

// count adds a connection to the summary and prints its line.
func (p *pinger) count(n int, r lab.Result) {
	p.last = r
	handshake, echo := timesOf(r)
	p.handshake.add(handshake)
	p.echo.add(echo)
	if r.Err != nil {
		p.failed++
		p.printer.line(fmt.Sprintf("connection %d failed: %v", n, r.Err))
		return
	}
	p.good++
	if !p.flags.Quiet {
		p.printer.line(fmt.Sprintf("connection %d: handshake %s, echo %s, left in %s", n, milliseconds(handshake), milliseconds(echo), r.State))
	}
}

// finish prints the summary.
func (p *pinger) finish() {
	p.printer.close()
	if p.good+p.failed == 0 {
		return
	}
	fmt.Fprintf(p.out.Out, "%s to %v: %d good, %d failed\n", report.Plural(p.good+p.failed, "connection"), p.last.Remote, p.good, p.failed)
	p.handshake.print(p.out.Out)
	p.echo.print(p.out.Out)
}

// watchedStack shows every frame of a stack to seen as it crosses the link.
type watchedStack struct {
	lab.Stack
	seen func(tap.Frame)
}

// Attach implements lab.Stack.
func (s watchedStack) Attach(ctx context.Context, link tap.Link, network lab.Network) (lab.Host, error) {
	return s.Stack.Attach(ctx, tap.Record(link, tap.WithObserver(s.seen), tap.WithLimit(1, 0)), network)
}

// timesOf takes the times of the handshake and of the echo from the recorded
// frames: from the first SYN to the SYN,ACK, and from the first data sent to
// the last octet expected. What did not come to its end is 0.
func timesOf(r lab.Result) (handshake, echo time.Duration) {
	var syn, data time.Time
	received := 0
	for _, f := range r.Recording.Frames {
		seg, t := readSegment(f.Data)
		if seg == nil || t.Local.Port() != r.Local.Port() && t.Remote.Port() != r.Local.Port() {
			continue
		}
		switch {
		case f.Dir == tap.Out && seg.Flags.Has(wire.SYN):
			syn = earlier(syn, f.Time)
		case f.Dir == tap.Out && len(seg.Payload) > 0:
			data = earlier(data, f.Time)
		case f.Dir == tap.In && seg.Flags.Has(wire.SYN|wire.ACK) && handshake == 0:
			handshake = f.Time.Sub(syn)
		case f.Dir == tap.In && len(seg.Payload) > 0 && echo == 0:
			if received += len(seg.Payload); received >= len(r.Received) {
				echo = f.Time.Sub(data)
			}
		}
	}
	return handshake, echo
}

// earlier returns the time that was noted before, if one was.
func earlier(noted, now time.Time) time.Time {
	if noted.IsZero() {
		return now
	}
	return noted
}
