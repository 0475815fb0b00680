package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"tcping-cmp/compare/scenario"
)

// caller returns what asks the stack for a call, and the socket that it is
// about, nil if there is none. Without a function the call was told as a
// finding already.
func (p *player) caller(k *scenario.Call) (func() outcome, *socket) {
	if k.Name == "socket" {
		return func() outcome { return p.open(k) }, nil
	}
	if k.Name == "poll" {
		return p.poll(k), nil
	}
	fd, ok := scenario.IntOf(k.Arg(0))
	s := p.sockets[fd]
	if !ok || s == nil {
		return func() outcome { return failed(syscall.EBADF) }, nil
	}
	ask, ok := calls[k.Name]
	if !ok {
		return func() outcome { return outcome{err: errIgnored, text: "the call is not known to the player"} }, s
	}
	return ask(p, k, s), s
}

// calls has what each call does to a socket.
var calls = map[string]func(p *player, k *scenario.Call, s *socket) func() outcome{
	"bind": (*player).bind, "listen": (*player).listen, "accept": (*player).accept, "connect": (*player).connect,
	"close": (*player).close, "shutdown": (*player).shutdown, "fcntl": (*player).fcntl, "ioctl": (*player).ioctl,
	"getsockopt": (*player).getsockopt, "setsockopt": (*player).setsockopt,
	"read": (*player).read, "readv": (*player).read, "recv": (*player).read, "recvfrom": (*player).read, "recvmsg": (*player).read,
	"write": (*player).write, "writev": (*player).write, "send": (*player).write, "sendto": (*player).write, "sendmsg": (*player).write,
}

// done is the outcome of a call that gives 0 or an error.
func done(err error) outcome {
	if err != nil {
		return failed(err)
	}
	return outcome{}
}

// words are the symbols of an argument; nil if it is something else.
func words(e scenario.Expr) []string {
	w, _ := scenario.WordsOf(e)
	return w
}

func has(e scenario.Expr, word string) bool {
	for _, w := range words(e) {
		if w == word {
			return true
		}
	}
	return false
}

// open is socket(). The socket gets the number that the script expects.
func (p *player) open(k *scenario.Call) outcome {
	v6 := p.local.Is6()
	switch {
	case has(k.Arg(0), "AF_INET"), has(k.Arg(0), "PF_INET"):
		v6 = false
	case has(k.Arg(0), "AF_INET6"), has(k.Arg(0), "PF_INET6"):
		v6 = p.local.Is6()
	}
	if has(k.Arg(1), "SOCK_DGRAM") || has(k.Arg(1), "SOCK_RAW") || has(k.Arg(2), "IPPROTO_MPTCP") {
		p.play.NotRun = fmt.Sprintf("%v: only TCP sockets are played", k.Pos)
		return outcome{err: errIgnored}
	}
	v, err := p.host.Socket(v6)
	if err != nil {
		return failed(err)
	}
	return outcome{result: p.register(k, v, has(k.Arg(1), "SOCK_NONBLOCK")).fd}
}

// register gives a new socket the descriptor that the script expects, or the
// next free one.
func (p *player) register(k *scenario.Call, v VirtualSocket, nonblocking bool) *socket {
	fd, ok := scenario.IntOf(k.Result)
	if !ok || fd < 0 || p.sockets[fd] != nil && !p.sockets[fd].closed {
		for fd = 3; p.sockets[fd] != nil; fd++ {
		}
	}
	s := &socket{VirtualSocket: v, fd: fd, nonblocking: nonblocking}
	p.sockets[fd], p.latest = s, s
	return s
}

// endpoint reads an address argument; what it leaves open is as given.
func (p *player) endpoint(e scenario.Expr, addr netip.Addr, port uint16) netip.AddrPort {
	if fields, ok := e.(scenario.Struct); ok {
		for _, field := range fields {
			a, ok := field.(scenario.Assign)
			if !ok {
				continue
			}
			switch name, _ := a.Target.(scenario.Word); name {
			case "sin_port", "sin6_port":
				if n, ok := numberIn(a.Value); ok {
					port = uint16(n)
				}
			case "sin_addr", "sin6_addr":
				if ip, err := netip.ParseAddr(textIn(a.Value)); err == nil && ip.Is4() == addr.Is4() {
					addr = ip
				}
			}
		}
	}
	return netip.AddrPortFrom(addr, port)
}

// numberIn gives a number, also inside htons() and the like.
func numberIn(e scenario.Expr) (int64, bool) {
	if f, ok := e.(scenario.Func); ok && len(f.Args) == 1 {
		return numberIn(f.Args[0])
	}
	return scenario.IntOf(e)
}

// textIn gives a string, also inside inet_addr() and the like.
func textIn(e scenario.Expr) string {
	switch e := e.(type) {
	case scenario.Text:
		return e.S
	case scenario.Func:
		if len(e.Args) > 0 {
			return textIn(e.Args[len(e.Args)-1])
		}
	}
	return ""
}

func (p *player) bind(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		at := p.endpoint(k.Arg(1), p.local, p.bindPort())
		err := s.Bind(at)
		if err == nil {
			s.bound, s.port = true, at.Port()
		}
		return done(err)
	}
}

// maxBacklog is Linux's net.core.somaxconn; a negative backlog counts as large.
const maxBacklog = 4096

func (p *player) listen(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		n, _ := scenario.IntOf(k.Arg(1))
		err := s.Listen(int(min(uint32(n), maxBacklog)))
		if err == ErrNoPassiveOpen {
			return outcome{err: err}
		}
		s.listening = err == nil
		return done(err)
	}
}

func (p *player) accept(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		v, _, err := s.Accept()
		switch {
		case err == ErrNoPassiveOpen:
			return outcome{err: err}
		case err != nil:
			return failed(err)
		}
		accepted := p.register(k, v, has(k.Arg(3), "SOCK_NONBLOCK"))
		accepted.bound, accepted.port = true, s.port
		return outcome{result: accepted.fd}
	}
}

// connect binds first, so that all stacks dial from the same port. A blocking
// connect asks for the outcome until there is one.
func (p *player) connect(k *scenario.Call, s *socket) func() outcome {
	started := false
	return func() outcome {
		if started {
			return s.connected()
		}
		if has(k.Arg(1), "AF_UNSPEC") {
			return outcome{err: errIgnored, text: "a connection cannot be dissolved"}
		}
		if !s.bound {
			s.bound, s.port = true, p.localPort
			p.localPort++
			if err := s.Bind(netip.AddrPortFrom(p.local, s.port)); err != nil {
				return failed(err)
			}
		}
		err := s.Connect(p.endpoint(k.Arg(1), p.remote, p.remotePort))
		started = err == syscall.EINPROGRESS && !s.nonblocking
		return done(err)
	}
}

// connected is the outcome of a connection that is being opened.
func (s *socket) connected() outcome {
	switch s.State() {
	case "SYN-SENT", "SYN-RECEIVED":
		return failed(syscall.EINPROGRESS)
	case stateClosed:
		if v, err := s.Option("SO_ERROR"); err == nil && v.N[0] != 0 {
			return failed(syscall.Errno(v.N[0]))
		}
	}
	return outcome{}
}

func (p *player) close(_ *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		if s.closed {
			return failed(syscall.EBADF)
		}
		s.closed, s.listening = true, false
		return done(s.Close())
	}
}

func (p *player) shutdown(k *scenario.Call, s *socket) func() outcome {
	how := k.Arg(1)
	n, isNumber := scenario.IntOf(how)
	read := has(how, "SHUT_RD") || has(how, "SHUT_RDWR") || isNumber && n != 1
	write := has(how, "SHUT_WR") || has(how, "SHUT_RDWR") || isNumber && n != 0
	return func() outcome { return done(s.Shutdown(read, write)) }
}

// The values of Linux for what fcntl gives back.
const (
	oRDWR     = 0x2
	oNonblock = 0x800
)

func (p *player) fcntl(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		switch {
		case has(k.Arg(1), "F_GETFL"):
			if s.nonblocking {
				return outcome{result: oRDWR | oNonblock}
			}
			return outcome{result: oRDWR}
		case has(k.Arg(1), "F_SETFL"):
			n, isNumber := scenario.IntOf(k.Arg(2))
			s.nonblocking = has(k.Arg(2), "O_NONBLOCK") || isNumber && n&oNonblock != 0
			return outcome{}
		}
		return outcome{err: errIgnored, text: "fcntl of this kind has no meaning here"}
	}
}

func (p *player) ioctl(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		if !has(k.Arg(1), "SIOCINQ") && !has(k.Arg(1), "FIONREAD") {
			return outcome{err: errIgnored, text: "ioctl of this kind has no meaning here"}
		}
		out := outcome{}
		if want, ok := scenario.IntOf(k.Arg(2)); ok && want != int64(s.Unread()) {
			out.text = fmt.Sprintf("%d bytes are unread, the script expects %d", s.Unread(), want)
		}
		return out
	}
}

// sizeOf is how many bytes a call is to move: the sum of its vectors, or its
// third argument.
func sizeOf(k *scenario.Call) (n int, ok bool) {
	vector := k.Arg(1)
	if msg, isStruct := vector.(scenario.Struct); isStruct {
		for _, field := range msg {
			if a, ok := field.(scenario.Assign); ok {
				if f, ok := a.Target.(scenario.Func); ok && f.Name == "msg_iov" {
					vector = a.Value
				}
			}
		}
	}
	if list, isList := vector.(scenario.List); isList {
		for _, e := range list {
			if pair, isStruct := e.(scenario.Struct); isStruct && len(pair) == 2 {
				v, isNumber := scenario.IntOf(pair[1])
				n, ok = n+int(v), ok || isNumber
			}
		}
		return n, ok
	}
	v, ok := scenario.IntOf(k.Arg(2))
	return int(v), ok
}

// maxTransfer bounds what one call moves.
const maxTransfer = 1 << 26

func (p *player) read(k *scenario.Call, s *socket) func() outcome {
	n, ok := sizeOf(k)
	flags := k.Arg(3)
	if k.Name == "recvmsg" {
		flags = k.Arg(2)
	}
	return func() outcome {
		if !ok || n < 0 || n > maxTransfer {
			return outcome{err: errIgnored, text: "how much is to be read is not said"}
		}
		b := make([]byte, n)
		got := 0
		for {
			m, err := s.Receive(b[got:], has(flags, "MSG_PEEK"))
			got += m
			if m == 0 || err != nil || has(flags, "MSG_PEEK") || got == n {
				if got == 0 && err != nil {
					return failed(err)
				}
				break
			}
		}
		out := outcome{result: int64(got)}
		if text, isText := k.Arg(1).(scenario.Text); isText && !strings.HasPrefix(string(b[:got]), text.S) {
			out.text = fmt.Sprintf("read %q, the script expects %q", clipped(b[:got]), text.S)
		}
		return out
	}
}

func clipped(b []byte) string {
	if len(b) > 32 {
		return string(b[:32]) + "…"
	}
	return string(b)
}

func (p *player) write(k *scenario.Call, s *socket) func() outcome {
	n, ok := sizeOf(k)
	flags := k.Arg(3)
	if k.Name == "sendmsg" {
		flags = k.Arg(2)
	}
	var sent int
	return func() outcome {
		if !ok || n < 0 || n > maxTransfer || has(flags, "MSG_FASTOPEN") || has(k.Arg(1), "NULL") {
			return outcome{err: errIgnored, text: "this kind of sending has no meaning here"}
		}
		t := p.talkOfSocket(s)
		for {
			b := p.content(k, t, sent, n-sent)
			m, err := s.Send(b, SendFlags{More: has(flags, "MSG_MORE"), Urgent: has(flags, "MSG_OOB")})
			if m > 0 {
				if t != nil {
					t.written = append(t.written, b[:m]...)
				}
				sent += m
			}
			p.collect()
			switch {
			case sent == n:
				return outcome{result: int64(n)}
			case err != nil && (sent == 0 || err == syscall.EAGAIN && !s.nonblocking):
				return failed(err)
			case err != nil || m == 0:
				return outcome{result: int64(sent)}
			}
		}
	}
}

// content is what a call writes: the text of the script, or letters of the
// stream.
func (p *player) content(k *scenario.Call, t *talk, sent, n int) []byte {
	b := make([]byte, n)
	at := uint32(sent)
	if t != nil {
		at = uint32(len(t.written))
	}
	for i := range b {
		b[i] = 'A' + byte((at+uint32(i))%26)
	}
	if text, ok := k.Arg(1).(scenario.Text); ok && sent < len(text.S) {
		copy(b, text.S[sent:])
	}
	return b
}

// talkOfSocket is the connection of a socket; nil if it has none yet.
func (p *player) talkOfSocket(s *socket) *talk {
	for i := len(p.talks) - 1; i >= 0; i-- {
		if p.talks[i].local == s.port {
			return p.talks[i]
		}
	}
	return nil
}

// poll is poll() of any number of sockets. What it is about is in an array of
// structs.
func (p *player) poll(k *scenario.Call) func() outcome {
	list, _ := k.Arg(0).(scenario.List)
	timeout, _ := scenario.IntOf(k.Arg(2))
	until := p.now.Add(time.Duration(timeout) * time.Millisecond)
	return func() outcome {
		out := outcome{}
		for _, e := range list {
			fields, _ := e.(scenario.Struct)
			ready, want := p.pollOne(fields)
			if len(ready) > 0 {
				out.result++
			}
			if want != "" && want != strings.Join(ready, "|") {
				out.text = fmt.Sprintf("the socket is ready for %q, the script expects %s", strings.Join(ready, "|"), want)
			}
		}
		if out.result == 0 && timeout != 0 && (timeout < 0 || p.now.Before(until)) {
			return outcome{result: -1, err: syscall.EAGAIN}
		}
		return out
	}
}
