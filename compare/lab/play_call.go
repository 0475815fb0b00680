package lab

import (
	"errors"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"tcping-cmp/compare/scenario"
)

// socket is a socket of the application.
type socket struct {
	VirtualSocket
	fd          int64
	nonblocking bool
	bound       bool
	port        uint16 // that it is bound to
	listening   bool
	closed      bool
}

// outcome is what a call returns.
type outcome struct {
	result int64
	err    error // syscall.Errno, or errIgnored
	text   string
}

// errIgnored is the outcome of a call that has no meaning for the stack. It
// is told, and whatever the script expects of it is accepted.
var errIgnored = errors.New("the call has no meaning here")

func failed(err error) outcome { return outcome{result: -1, err: err} }

// blocked is a call that waits.
type blocked struct {
	step     *scenario.Step
	sock     *socket
	try      func() outcome
	deadline time.Time // when the script wants it back
}

// call plays a system call. A blocking one is expected to return at a time of
// its own.
func (p *player) call(s *scenario.Step, returns time.Time) {
	p.await()
	try, sock := p.caller(s.Call)
	if try == nil {
		return
	}
	p.waiting = &blocked{step: s, sock: sock, try: try, deadline: p.now}
	if s.Call.Blocking {
		p.waiting.deadline = returns
	} else if timeout, ok := scenario.IntOf(s.Call.Arg(2)); ok && s.Call.Name == "poll" && timeout > 0 {
		p.waiting.deadline = p.now.Add(min(time.Duration(timeout)*time.Millisecond, anyTime))
	}
	if p.retry(); p.waiting != nil && !s.Call.Blocking {
		p.await() // it should have returned at once
	}
}

// retry asks the call that waits once more. It reports whether it has
// returned.
func (p *player) retry() bool {
	w := p.waiting
	if w == nil {
		return false
	}
	p.waiting = nil // what the call does may ask again
	out := w.try()
	if p.waits(w, out) {
		p.waiting = w
		return false
	}
	p.returned(w, out)
	return true
}

// waits says whether a call with this outcome blocks.
func (p *player) waits(w *blocked, out outcome) bool {
	wouldBlock := out.err == syscall.EAGAIN || out.err == syscall.EINPROGRESS || out.err == syscall.EALREADY && w.step.Call.Name == "connect"
	if !wouldBlock || w.sock != nil && w.sock.nonblocking && !w.step.Call.Blocking {
		return false
	}
	return w.step.Call.Errno == "" || w.step.Call.Blocking
}

// await lets time pass until the call that waits has returned, but not longer
// than the script allows.
func (p *player) await() {
	w := p.waiting
	if w == nil {
		return
	}
	pos := p.pos
	defer func() { p.pos = pos }()
	late := w.deadline.Add(p.script.Config.Tolerance)
	if p.runUntil(late, func() bool { return p.waiting != w }) {
		return
	}
	if p.options.Patient && p.runTimers(late.Add(patience), func() bool { return p.waiting != w }) {
		return
	}
	p.waiting, p.pos = nil, w.step.Pos
	p.find(nil, true, "%s does not return; the script expects it back at %s", w.step.Call.Name, stamp(w.deadline))
}

// returned holds what a call returned against the script.
func (p *player) returned(w *blocked, out outcome) {
	k := w.step.Call
	pos := p.pos
	p.pos = w.step.Pos
	defer func() { p.pos = pos }()
	switch {
	case out.err == syscall.EOPNOTSUPP:
		p.ignore(k.Pos, k.Name, p.stack.Name()+" cannot do that")
		return
	case out.err == errIgnored:
		p.ignore(k.Pos, k.Name, out.text)
		return
	case out.err == ErrNoPassiveOpen:
		p.play.NotRun = p.stack.Name() + " has no passive open"
		return
	}
	r := CallResult{Pos: k.Pos, Call: k.Name, Result: out.result, Errno: errnoName(out.err), At: p.now.Sub(playStart)}
	p.play.Calls = append(p.play.Calls, r)
	switch {
	case out.text != "":
		p.find(nil, true, "%s: %s", k.Name, out.text)
	case !k.Accepts(out.result):
		p.find(nil, true, "%s returned %s, the script expects %s", k.Name, r, expectedResult(k))
	case out.result < 0 && k.Errno != "" && !sameErrno(k.Errno, out.err):
		p.find(nil, true, "%s failed with %s, the script expects %s", k.Name, r.Errno, k.Errno)
	case k.Blocking && p.now.Sub(w.deadline).Abs() > p.script.Config.Tolerance:
		p.find(nil, false, "%s returned at %s, the script expects it at %s", k.Name, stamp(p.now), stamp(w.deadline))
	}
}

// String writes the result as scripts do.
func (r CallResult) String() string {
	text := strconv.FormatInt(r.Result, 10)
	if r.Errno != "" {
		text += " " + r.Errno
	}
	return text
}

func expectedResult(k *scenario.Call) string {
	text := "anything"
	switch r := k.Result.(type) {
	case scenario.Int:
		text = r.String()
	case scenario.Range:
		text = r.Low.String() + " to " + r.High.String()
	}
	if k.Errno != "" {
		text += " " + k.Errno
	}
	return text
}

func errnoName(err error) string {
	if e, ok := err.(syscall.Errno); ok {
		return unix.ErrnoName(e)
	}
	return ""
}

// sameErrno compares by number, for some have two names.
func sameErrno(name string, err error) bool {
	e, ok := err.(syscall.Errno)
	switch {
	case !ok:
		return false
	case name == "EWOULDBLOCK":
		return e == syscall.EAGAIN
	}
	return strings.EqualFold(unix.ErrnoName(e), name)
}

// listenPort is the port that the stack's application listens on.
func (p *player) listenPort() uint16 {
	for _, s := range p.sockets {
		if s.listening {
			return s.port
		}
	}
	return p.bindPort()
}

func (p *player) bindPort() uint16 {
	if p.script.Config.BindPort != 0 {
		return p.script.Config.BindPort
	}
	return playPeerPort
}
