package lab

import (
	"errors"
	"sync"
	"time"

	"tcping-cmp/tap"
)

// pump carries frames between two links, one goroutine a direction.
type pump struct {
	a, b    tap.Link
	running sync.WaitGroup
}

func startPump(a, b tap.Link) *pump {
	p := &pump{a: a, b: b}
	p.running.Go(func() { p.carry(a, b) })
	p.running.Go(func() { p.carry(b, a) })
	return p
}

// carry copies frames until the link that they come from is closed, or until
// the pump is being stopped and no more are waiting. A frame that the other
// side refuses is lost, as on a cable.
func (p *pump) carry(from, to tap.Link) {
	buf := make([]byte, from.Info().MaxFrame)
	for {
		n, _, err := from.ReadFrame(buf)
		switch {
		case err == nil:
			to.WriteFrame(buf[:n])
		case errors.Is(err, tap.ErrFrameTooLong):
		default:
			return
		}
	}
}

// stop carries what is waiting and ends both goroutines. Both links stay open.
func (p *pump) stop() {
	for _, l := range []tap.Link{p.a, p.b} {
		l.SetReadDeadline(time.Unix(0, 1))
	}
	p.running.Wait()
	for _, l := range []tap.Link{p.a, p.b} {
		l.SetReadDeadline(time.Time{})
	}
}
