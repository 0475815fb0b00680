package main

import (
	"fmt"
	"io"
)

// progress is one line on standard error that is written over and over, for
// people who wait. It is silent where nobody sees it.
type progress struct {
	w     io.Writer // nil if silent
	total int
	done  int
}

func newProgress(w io.Writer, total int, quiet bool) *progress {
	if quiet || !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, total: total}
}

// step says that the next one begins.
func (p *progress) step(what string) {
	p.done++
	if p.w != nil {
		fmt.Fprintf(p.w, "\r\x1b[K%d of %d: %s", p.done, p.total, what)
	}
}

// clear takes the line away.
func (p *progress) clear() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
