package lab

import (
	"bytes"
	"fmt"
	"syscall"

	"tcping-cmp/compare/scenario"
)

// application is the program above the stack: it connects, sends, reads until
// it has what it expects, and closes.
type application struct {
	script   scenario.Application
	sent     int
	received []byte
	atEnd    bool // the peer has closed
	shut     bool // our FIN is under way
	closed   bool
	err      error
}

// act does what can be done now, and reports whether that was anything.
func (a *application) act(s VirtualSocket, buf []byte) (moved bool) {
	if a.closed {
		return false
	}
	for a.sent < len(a.script.Send) {
		n, err := s.Send(a.script.Send[a.sent:], SendFlags{})
		a.sent += n
		moved = moved || n > 0
		if err != nil {
			if err != syscall.EAGAIN {
				return a.end(s, err)
			}
			break
		}
	}
	for !a.atEnd {
		n, err := s.Receive(buf, false)
		if err == syscall.EAGAIN || err == syscall.ENOTCONN && a.sent == 0 {
			break
		}
		if err != nil {
			return a.end(s, err)
		}
		moved = true
		a.received = append(a.received, buf[:n]...)
		a.atEnd = n == 0
	}
	return a.finish(s) || moved
}

// finish closes when it is time: first, when all that is expected is there, or
// after the peer.
func (a *application) finish(s VirtualSocket) bool {
	have := len(a.received) >= a.script.Expect
	switch {
	case a.sent < len(a.script.Send):
		return false
	case a.atEnd:
		a.closed = true
		s.Close()
		return true
	case a.script.Close == scenario.ClientFirst && have && !a.shut:
		a.shut = true
		a.err = s.Shutdown(false, true)
		return true
	}
	return false
}

func (a *application) end(s VirtualSocket, err error) bool {
	a.err, a.closed = err, true
	s.Close()
	return true
}

// verdict says what the application did not get; empty if nothing.
func (a *application) verdict() string {
	switch {
	case a.err != nil:
		return fmt.Sprintf("the application was told: %v", a.err)
	case a.script.Check && !bytes.Equal(a.received, a.script.Send):
		return fmt.Sprintf("%d bytes came back, and they are not the %d that were sent", len(a.received), len(a.script.Send))
	case len(a.received) < a.script.Expect:
		return fmt.Sprintf("%d bytes came back, %d were expected", len(a.received), a.script.Expect)
	}
	return ""
}

// echoServer is the program above the peer.
type echoServer struct {
	closeFirst bool // after expect bytes
	expect     int
	conn       VirtualSocket // nil before there is a connection
	pending    []byte        // received and not sent yet
	sent       int
	atEnd      bool
	closed     bool
}

func (e *echoServer) state() string {
	if e.conn == nil {
		return "LISTEN"
	}
	return e.conn.State()
}

// maxPending bounds what a server holds; beyond it, it stops reading.
const maxPending = 1 << 20

// act echoes what can be echoed now.
func (e *echoServer) act(buf []byte) (moved bool) {
	if e.closed {
		return false
	}
	for !e.atEnd && len(e.pending) < maxPending {
		n, err := e.conn.Receive(buf, false)
		if err == syscall.EAGAIN {
			break
		}
		if err != nil {
			return e.close()
		}
		moved = true
		e.pending = append(e.pending, buf[:n]...)
		e.atEnd = n == 0
	}
	for len(e.pending) > 0 {
		n, err := e.conn.Send(e.pending, SendFlags{})
		e.pending = e.pending[n:]
		e.sent += n
		moved = moved || n > 0
		if err == syscall.EAGAIN {
			break
		}
		if err != nil {
			return e.close()
		}
	}
	if len(e.pending) == 0 && (e.atEnd || e.closeFirst && e.sent >= e.expect) {
		return e.close()
	}
	return moved
}

func (e *echoServer) close() bool {
	e.closed = true
	e.conn.Close()
	return true
}
