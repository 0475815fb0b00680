package main

import (
	"fmt"
	"io"
	"time"
)

// printer writes lines on a goroutine of its own, so that whoever has one to
// print does not wait for the terminal.
type printer struct {
	lines chan string
	done  chan struct{}
}

func newPrinter(w io.Writer) *printer {
	p := &printer{lines: make(chan string, 1024), done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for l := range p.lines {
			fmt.Fprintln(w, l)
		}
	}()
	return p
}

func (p *printer) line(text string) { p.lines <- text }

// close returns when every line has been written.
func (p *printer) close() {
	close(p.lines)
	<-p.done
}

// milliseconds writes a duration, or a dash if it was not measured.
func milliseconds(d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.3f ms", float64(d.Nanoseconds())/1e6)
}
