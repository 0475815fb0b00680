package lab

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"tcping-cmp/tap/linktest"
)

// serving is a server on the loopback of a private namespace.
type serving struct {
	*Server
	t    *testing.T
	ns   *Namespace
	addr netip.AddrPort
	done chan Served
}

func serve(t *testing.T, m Manners) *serving {
	t.Helper()
	linktest.NeedRoot(t)
	ns, err := NewNamespace(false)
	if err != nil {
		t.Fatal(err)
	}
	s := &serving{t: t, ns: ns, addr: netip.MustParseAddrPort("127.0.0.1:7"), done: make(chan Served, 10)}
	err = ns.Do(func() error {
		l, err := Listen(s.addr, ListenOptions{Congestion: "reno"})
		if err != nil {
			return err
		}
		if got := l.Congestion(); got != "reno" {
			t.Errorf("congestion control %q, want the one asked for", got)
		}
		s.Server = NewServer(m, func(served Served) { s.done <- served }, l)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		ns.Close()
	})
	return s
}

func (s *serving) dial() *net.TCPConn {
	s.t.Helper()
	var conn net.Conn
	err := s.ns.Do(func() (err error) {
		conn, err = net.Dial("tcp4", s.addr.String())
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn.(*net.TCPConn)
}

func (s *serving) write(c net.Conn, text string) {
	s.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		s.t.Fatal(err)
	}
}

// rest reads until the server has closed.
func (s *serving) rest(c net.Conn) string {
	s.t.Helper()
	b, err := io.ReadAll(c)
	if err != nil {
		s.t.Fatalf("after %d bytes: %v", len(b), err)
	}
	return string(b)
}

func TestEchoOnceClosesFirst(t *testing.T) {
	s := serve(t, Manners{Manner: EchoOnce})
	c := s.dial()
	s.write(c, "hello")
	if got := s.rest(c); got != "hello" {
		t.Errorf("the server sent %q and closed, want the echo", got)
	}
	if got := <-s.done; got.Err != nil || got.Received != 5 || got.Sent != 5 {
		t.Errorf("served: %v", got)
	}
}

func TestEchoOnceEchoesStatedBytes(t *testing.T) {
	s := serve(t, Manners{Manner: EchoOnce, Bytes: 300_000})
	c := s.dial()
	data := bytes.Repeat([]byte("0123456789"), 30_000)
	go c.Write(data)
	if got := s.rest(c); got != string(data) {
		t.Errorf("the echo has %d bytes, or others than the %d sent", len(got), len(data))
	}
}

func TestEchoOnceNotesClientThatLeaves(t *testing.T) {
	s := serve(t, Manners{Manner: EchoOnce, Bytes: 5})
	c := s.dial()
	s.write(c, "hel")
	c.CloseWrite()
	s.rest(c)
	if got := <-s.done; !errors.Is(got.Err, io.ErrUnexpectedEOF) || s.Err() == nil {
		t.Errorf("served: %v; server: %v; want both to say that the client left early", got, s.Err())
	}
}

func TestEchoEndsWithClient(t *testing.T) {
	s := serve(t, Manners{Manner: Echo})
	c := s.dial()
	for range 3 {
		s.write(c, "again")
		buf := make([]byte, 5)
		if _, err := io.ReadFull(c, buf); err != nil || string(buf) != "again" {
			t.Fatalf("echo %q, %v", buf, err)
		}
	}
	c.CloseWrite()
	if got := s.rest(c); got != "" {
		t.Errorf("after the client's FIN the server sent %q", got)
	}
	if got := <-s.done; got.Err != nil || got.Received != 15 || got.Sent != 15 {
		t.Errorf("served: %v", got)
	}
}

func TestDiscardReadsEverything(t *testing.T) {
	s := serve(t, Manners{Manner: Discard})
	c := s.dial()
	s.write(c, strings.Repeat("x", 1<<20))
	c.CloseWrite()
	if got := s.rest(c); got != "" {
		t.Errorf("a discard server sent %q", got)
	}
	if got := <-s.done; got.Err != nil || got.Received != 1<<20 {
		t.Errorf("served: %v", got)
	}
}

func TestSourceSendsStatedBytes(t *testing.T) {
	s := serve(t, Manners{Manner: Source, Bytes: 1 << 20})
	if got := len(s.rest(s.dial())); got != 1<<20 {
		t.Errorf("%d bytes, want 1 MiB", got)
	}
}

func TestSourceSendsUntilClientLeaves(t *testing.T) {
	s := serve(t, Manners{Manner: Source})
	c := s.dial()
	if _, err := io.CopyN(io.Discard, c, 1<<20); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if got := <-s.done; got.Err != nil || got.Sent < 1<<20 {
		t.Errorf("served: %v", got)
	}
}

func TestHangupClosesAtOnce(t *testing.T) {
	s := serve(t, Manners{Manner: Hangup})
	if got := s.rest(s.dial()); got != "" {
		t.Errorf("the server sent %q", got)
	}
}

func TestResetAnswersWhatComesFirst(t *testing.T) {
	s := serve(t, Manners{Manner: Reset})
	c := s.dial()
	s.write(c, "x")
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read: %v, want a reset", err)
	}
	if got := <-s.done; got.Err != nil || got.Received != 1 {
		t.Errorf("served: %v", got)
	}
}

// A server in turn leaves the second connection to the kernel until the first
// has ended.
func TestServerInTurn(t *testing.T) {
	s := serve(t, Manners{Manner: Echo, InTurn: true})
	echoed := func(c net.Conn, text string) {
		t.Helper()
		got := make([]byte, len(text))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
			t.Fatalf("%q came back (%v), want %q", got, err, text)
		}
	}
	first, second := s.dial(), s.dial()
	s.write(second, "second")
	for _, text := range []string{"once", "and again"} {
		s.write(first, text)
		echoed(first, text)
	}
	s.mu.Lock()
	if len(s.open) != 1 {
		t.Errorf("%d connections are served at a time", len(s.open))
	}
	s.mu.Unlock()
	first.Close()
	if served := <-s.done; served.Remote.String() != first.LocalAddr().String() {
		t.Errorf("%s ended first, want %s", served.Remote, first.LocalAddr())
	}
	echoed(second, "second")
}

func TestServerCloseCutsConnections(t *testing.T) {
	s := serve(t, Manners{Manner: Echo})
	c := s.dial()
	s.write(c, "x")
	io.ReadFull(c, make([]byte, 1))
	s.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection was still open after Close")
	}
	if err := s.Err(); err != nil {
		t.Errorf("closing is no error of the server's: %v", err)
	}
}

// cut makes everything between client and server disappear.
func (s *serving) cut() {
	s.t.Helper()
	err := s.ns.Do(func() error {
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		return netlink.LinkSetDown(lo)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestWriteAckedGivesUp(t *testing.T) {
	s := serve(t, Manners{Manner: Discard})
	c := &kernelServerConn{&plainConn{s.dial()}}
	s.cut()
	const limit = 20 * time.Millisecond
	start := time.Now()
	n, err := c.WriteAcked([]byte("x"), limit)
	if n != 1 || err != nil {
		t.Errorf("WriteAcked to nobody: %d, %v; want it written and no error", n, err)
	}
	if took := time.Since(start); took < limit {
		t.Errorf("it gave up after %v, before the limit of %v", took, limit)
	}
}

func TestAbortEndsWriteAcked(t *testing.T) {
	s := serve(t, Manners{Manner: Discard})
	c := &kernelServerConn{&plainConn{s.dial()}}
	s.cut()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.WriteAcked([]byte("x"), time.Hour)
	}()
	c.Abort()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("WriteAcked still waits after Abort")
	}
}

func TestListenErrorsSayWhatToDo(t *testing.T) {
	s := serve(t, Manners{Manner: Echo})
	err := s.ns.Do(func() error {
		_, err := Listen(s.addr, ListenOptions{})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("port in use: %v", err)
	}
	err = s.ns.Do(func() error {
		_, err := Listen(netip.MustParseAddrPort("192.0.2.99:7"), ListenOptions{})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "not an address of this host") {
		t.Errorf("foreign address: %v", err)
	}
}

func TestListenAllHasBothProtocols(t *testing.T) {
	linktest.NeedRoot(t)
	ns, err := NewNamespace(true)
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	err = ns.Do(func() error {
		listeners, err := ListenAll(7, ListenOptions{})
		if err != nil {
			return err
		}
		var acceptors []Acceptor
		for _, l := range listeners {
			acceptors = append(acceptors, l)
		}
		server := NewServer(Manners{Manner: Hangup}, nil, acceptors...)
		defer server.Close()
		for _, addr := range []string{"127.0.0.1:7", "[::1]:7"} {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				return err
			}
			c.Close()
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
