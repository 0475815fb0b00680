package handcrafted_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"tcping-cmp/handcrafted"
	"tcping-cmp/tap"
)

// twoHosts are at the ends of a wire in memory, both made by hand.
func twoHosts(t testing.TB) (near, far *handcrafted.Client) {
	t.Helper()
	a, b := tap.MemPair(tap.MemOptions{Block: true})
	open := func(link tap.Link, last byte, four, six string) *handcrafted.Client {
		c, err := handcrafted.Open(handcrafted.Config{
			Link: link, MAC: net.HardwareAddr{2, 0, 0, 0, 0, last},
			Addr4: netip.MustParsePrefix(four + "/24"), Addr6: netip.MustParsePrefix(six + "/64"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	near, far = open(a, 2, ours4, ours6), open(b, 1, kernel4, kernel6)
	t.Cleanup(func() {
		for _, c := range []io.Closer{near, far, a, b} {
			if err := c.Close(); err != nil && !errors.Is(err, tap.ErrLinkDown) {
				t.Errorf("Close: %v", err)
			}
		}
	})
	return near, far
}

func listen(t testing.TB, c *handcrafted.Client, network, address string) *handcrafted.Listener {
	t.Helper()
	l, err := c.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestBothEndsByHand runs the tests that every net.Conn of the Go project
// passes, with our host at both ends: one connects, the other accepts.
func TestBothEndsByHand(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		near, far := twoHosts(t)
		l := listen(t, far, "tcp", net.JoinHostPort(address, "0"))
		nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
			if c1, err = near.DialContext(context.Background(), "tcp", l.Addr().String()); err != nil {
				return nil, nil, nil, err
			}
			if c2, err = l.Accept(); err != nil {
				return nil, nil, nil, err
			}
			return c1, c2, func() { c1.Close(); c2.Close() }, nil
		})
	})
}

func TestListenerServesMany(t *testing.T) {
	near, far := twoHosts(t)
	l := listen(t, far, "tcp", ":7")
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { echo(conn); conn.Close() })
		}
	})
	var calling sync.WaitGroup
	for i := range 20 {
		calling.Go(func() {
			conn, err := near.DialContext(context.Background(), "tcp", net.JoinHostPort([]string{kernel4, kernel6}[i%2], "7"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			if _, err := conn.Write([]byte("hello")); err != nil {
				t.Error(err)
			}
			p := make([]byte, 5)
			if _, err := io.ReadFull(conn, p); err != nil || string(p) != "hello" {
				t.Errorf("%q, %v", p, err)
			}
		})
	}
	calling.Wait()
	l.Close()
	serving.Wait()
}

func TestListenerAddresses(t *testing.T) {
	near, far := twoHosts(t)
	l := listen(t, far, "tcp", kernel4+":80")
	if got := l.Addr().String(); got != kernel4+":80" {
		t.Errorf("address %s", got)
	}
	conn, err := near.DialContext(context.Background(), "tcp", kernel4+":80")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if theirs.RemoteAddr().String() != conn.LocalAddr().String() || theirs.LocalAddr().String() != conn.RemoteAddr().String() {
		t.Errorf("%v to %v, and %v to %v", conn.LocalAddr(), conn.RemoteAddr(), theirs.LocalAddr(), theirs.RemoteAddr())
	}
	for _, c := range []struct {
		network, address string
		want             error // nil: any
	}{
		{"tcp", kernel4 + ":80", syscall.EADDRINUSE},
		{"tcp", ":80", syscall.EADDRINUSE},
		{"tcp4", ":80", syscall.EADDRINUSE},
		{"tcp", ours4 + ":80", syscall.EADDRNOTAVAIL},
		{"udp", ":80", net.UnknownNetworkError("udp")},
		{"udp", kernel4 + ":80", net.UnknownNetworkError("udp")},
		{"tcp", "no port", nil},
		{"tcp", ":no-such-service", nil},
	} {
		_, err := far.Listen(c.network, c.address)
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "listen" || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s %s: %v", c.network, c.address, err)
		}
	}
	six := listen(t, far, "tcp6", ":80") // the other version is free
	if err := six.Close(); err != nil {
		t.Error(err)
	}
}

func TestListenerRefusesAfterClose(t *testing.T) {
	near, far := twoHosts(t)
	l := listen(t, far, "tcp4", ":80")
	waits := make(chan error)
	go func() { _, err := l.Accept(); waits <- err }()
	open, err := near.DialContext(context.Background(), "tcp", kernel4+":80")
	if err != nil {
		t.Fatal(err)
	}
	if err := <-waits; err != nil {
		t.Fatal(err)
	}
	go func() { _, err := l.Accept(); waits <- err }()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waits; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept that waits: %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second Close: %v", err)
	}
	if err := l.SetDeadline(time.Now()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("SetDeadline: %v", err)
	}
	if _, err := near.DialContext(context.Background(), "tcp", kernel4+":80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial: %v", err)
	}
	if _, err := open.Write([]byte("x")); err != nil {
		t.Errorf("the connection that was accepted: %v", err)
	}
}

func TestListenerDeadline(t *testing.T) {
	_, far := twoHosts(t)
	l := listen(t, far, "tcp", ":80")
	l.SetDeadline(time.Now().Add(20 * time.Millisecond))
	_, err := l.Accept()
	var ne net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("%v", err)
	}
	l.SetDeadline(time.Time{})
	waits := make(chan error)
	go func() { _, err := l.Accept(); waits <- err }()
	l.SetDeadline(time.Now())
	if err := <-waits; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a deadline that is set while Accept waits: %v", err)
	}
}

// TestListenerEndsWithItsClient: nobody waits for ever.
func TestListenerEndsWithItsClient(t *testing.T) {
	_, far := twoHosts(t)
	l := listen(t, far, "tcp", ":80")
	waits := make(chan error)
	for range 2 {
		go func() { _, err := l.Accept(); waits <- err }()
	}
	far.Close()
	for range 2 {
		if err := <-waits; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v", err)
		}
	}
	if _, err := far.Listen("tcp", ":81"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Listen: %v", err)
	}
}
