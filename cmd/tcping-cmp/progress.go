package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress is one line on standard error that is written over and over, for
// people who wait. It is silent where nobody sees it, and until it is worth
// while.
type progress struct {
	w     io.Writer // nil if silent
	width int       // of the terminal, in columns; 0 if not known
	now   func() time.Time

	mu    sync.Mutex
	total int
	begun int
	done  int
	what  string // begun last
	since time.Time
	shown bool
	ended chan struct{}
	pager *pager // may have the terminal; it is written to in aside only
}

// redraw is how often the line is written.
const redraw = 200 * time.Millisecond

func newProgress(w io.Writer, total int, quiet bool) *progress {
	p := &progress{total: total, now: time.Now, since: time.Now(), ended: make(chan struct{})}
	if quiet || !isTerminal(w) {
		return p
	}
	p.w, p.width = w, terminalWidth(w)
	go p.keep()
	return p
}

// progress returns the line of a command: none with --quiet, in CI, or on a
// terminal that cannot go back to the beginning of a line.
func (a *app) progress(total int, quiet bool) *progress {
	unseen := func(env lookupEnv) bool {
		ci, _ := env("CI")
		term, _ := env("TERM")
		return ci != "" || term == "dumb"
	}
	p := newProgress(a.Err, total, quiet || a.env == nil || unseen(a.env))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pager, _ = a.Out.(*pager)
	return p
}

// keep draws the line until it is cleared.
func (p *progress) keep() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.draw()
		case <-p.ended:
			return
		}
	}
}

// of says how many there are, where that is known later.
func (p *progress) of(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = total
}

// step says that the next one begins, and the one before it is done.
func (p *progress) step(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = p.begun
	p.begun++
	p.what = what
}

// finished says that one is done, where several are under way.
func (p *progress) finished(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun++
	p.done = p.begun
	p.what = what
}

// draw writes the line over the old one.
func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil || p.begun == 0 || p.pager != nil && p.pager.program != nil {
		return
	}
	text := []rune(p.text())
	if p.width > 0 && len(text) >= p.width {
		text = text[:p.width-1] // a line that wraps could not be taken back
	}
	p.shown = true
	fmt.Fprintf(p.w, "\r\x1b[K%s", string(text))
}

// text is how far it is, how fast it goes and how long it will take.
func (p *progress) text() string {
	passed := p.now().Sub(p.since)
	if p.done == 0 || passed <= 0 {
		return fmt.Sprintf("%d of %d, %v: %s", p.begun, p.total, passed.Round(time.Second), p.what)
	}
	each := passed / time.Duration(p.done)
	left := each * time.Duration(max(p.total-p.done, 0))
	pace := fmt.Sprintf("%.3g s each", each.Seconds())
	if rate := 1 / each.Seconds(); rate >= 1 {
		pace = fmt.Sprintf("%.3g/s", rate)
	}
	return fmt.Sprintf("%d of %d, %s, %v left: %s", p.begun, p.total, pace, left.Round(time.Second), p.what)
}

// aside takes the line away while something else is printed.
func (p *progress) aside(print func() error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	return print()
}

// clear takes the line away for good.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.w = nil
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
}

func (p *progress) erase() {
	if p.w != nil && p.shown {
		p.shown = false
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
