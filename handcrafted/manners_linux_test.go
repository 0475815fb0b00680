package handcrafted_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"tcping-cmp/handcrafted"
	"tcping-cmp/tap/linktest"
)

// pair connects our host to a socket of the kernel's and returns both ends.
func pair(t testing.TB, k *kernel) (ours *handcrafted.Conn, theirs *net.TCPConn) {
	t.Helper()
	l := k.listen(net.JoinHostPort(kernel4, "0"))
	ours = dial(t, k, l.Addr().(*net.TCPAddr).AddrPort()).(*handcrafted.Conn)
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return ours, conn.(*net.TCPConn)
}

// state waits until the connection is in a state; the last segments of a
// conversation arrive after the calls that caused them have returned.
func state(t testing.TB, conn *handcrafted.Conn, want string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); conn.State() != want; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("state %s, want %s", conn.State(), want)
		}
	}
}

func TestWeCloseFirst(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil))
	if err := ours.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	state(t, ours, "FIN-WAIT-2")
	if n, err := theirs.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the kernel reads %d, %v after our FIN", n, err)
	}
	if _, err := theirs.Write([]byte("late")); err != nil {
		t.Error(err)
	}
	p := make([]byte, 10)
	if n, err := ours.Read(p); string(p[:n]) != "late" || err != nil {
		t.Errorf("got %q (%v) after our FIN: receiving goes on", p[:n], err)
	}
	if _, err := ours.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing after CloseWrite: %v, want EPIPE", err)
	}
	theirs.Close()
	if n, err := ours.Read(p); n != 0 || err != io.EOF {
		t.Errorf("%d, %v after the kernel's FIN", n, err)
	}
	state(t, ours, "TIME-WAIT")
	if err := ours.Close(); err != nil {
		t.Error(err)
	}
	if got := ours.State(); got != "TIME-WAIT" {
		t.Errorf("state %s after Close", got)
	}
}

func TestTheyCloseFirst(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil))
	theirs.Close()
	if n, err := ours.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("%d, %v after the kernel's FIN", n, err)
	}
	state(t, ours, "CLOSE-WAIT")
	ours.Close()
	state(t, ours, "CLOSED")
}

func TestUnreadDataDrawsARSTOnClose(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil))
	if _, err := theirs.Write([]byte("nobody reads this")); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	ours.Close()
	if _, err := theirs.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the kernel reads %v, want ECONNRESET (SHLD-3)", err)
	}
	state(t, ours, "CLOSED")
}

func TestTheirResetReachesBothCalls(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil))
	theirs.SetLinger(0)
	theirs.Close()
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reading: %v, want ECONNRESET", err)
	}
	var op *net.OpError
	_, err := ours.Write([]byte("x"))
	if !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &op) || op.Op != "write" || op.Source == nil || op.Addr == nil {
		t.Errorf("writing: %#v, want a *net.OpError with ECONNRESET and both addresses", err)
	}
}

func TestLinger(t *testing.T) {
	k := newKernel(t, nil)
	ours, theirs := pair(t, k)
	ours.SetLinger(0)
	ours.Close()
	if _, err := theirs.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("linger 0: the kernel reads %v, want ECONNRESET", err)
	}

	ours, theirs = pair(t, k)
	ours.SetLinger(5)
	go io.Copy(io.Discard, theirs)
	if _, err := ours.Write(make([]byte, 4<<20)); err != nil {
		t.Fatal(err)
	}
	ours.Close()
	if got := ours.State(); got != "FIN-WAIT-2" && got != "TIME-WAIT" {
		t.Errorf("linger 5: state %s when Close returned, want our FIN acknowledged", got)
	}

	ours, theirs = pair(t, k) // nobody reads: the kernel's window closes
	theirs.SetReadBuffer(64 << 10)
	ours.SetLinger(1)
	ours.SetWriteBuffer(1 << 20) // more of it than the kernel has room for
	for written := 0; written < 1<<20; {
		n, err := ours.Write(make([]byte, 64<<10))
		if written += n; err != nil {
			t.Fatal(err)
		}
	}
	started := time.Now()
	ours.Close()
	if d := time.Since(started); d < 900*time.Millisecond || d > 3*time.Second {
		t.Errorf("linger 1: Close took %v", d)
	}
}

func TestCloseReadThrowsAwayWhatComes(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil))
	ended := make(chan error, 1)
	go func() { _, err := ours.Read(make([]byte, 1)); ended <- err }()
	if err := ours.CloseRead(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != io.EOF {
		t.Errorf("a read that waits ends with %v, want io.EOF", err)
	}
	if _, err := theirs.Write(make([]byte, 8<<20)); err != nil {
		t.Errorf("the kernel could not send: %v", err)
	}
	if _, err := ours.Write([]byte("still here")); err != nil {
		t.Error(err)
	}
	p := make([]byte, 10)
	if _, err := io.ReadFull(theirs, p); err != nil {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	k := newKernel(t, nil)
	l := k.listen(net.JoinHostPort(kernel4, "0"))
	remote := l.Addr().(*net.TCPAddr).AddrPort()
	conn, err := k.client.Dial(context.Background(), netip.MustParseAddrPort("10.9.0.2:12345"), remote)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	if conn.LocalAddr().String() != "10.9.0.2:12345" || theirs.RemoteAddr().String() != "10.9.0.2:12345" {
		t.Errorf("from %v, the kernel sees %v", conn.LocalAddr(), theirs.RemoteAddr())
	}
	if conn.RemoteAddr().String() != remote.String() {
		t.Errorf("to %v, want %v", conn.RemoteAddr(), remote)
	}
	if _, err := k.client.Dial(context.Background(), netip.MustParseAddrPort("10.9.0.2:12345"), remote); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("the same tuple again: %v, want EADDRINUSE", err)
	}
}

func TestPeerThatVanishes(t *testing.T) {
	k := newKernel(t, nil)
	ours, _ := pair(t, k)
	linktest.In(t, k.ns, func() error {
		link, err := netlink.LinkByName("hand0")
		if err != nil {
			return err
		}
		return netlink.LinkSetDown(link)
	})
	if err := ours.SetUserTimeout(500 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Write([]byte("hello?")); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	_, err := ours.Read(make([]byte, 1))
	if d := time.Since(started); !errors.Is(err, syscall.ETIMEDOUT) || d < 400*time.Millisecond || d > 3*time.Second {
		t.Errorf("%v after %v, want ETIMEDOUT after the user timeout", err, d)
	}
	if k.client.Counters().Dropped[handcrafted.DropLink] == 0 {
		t.Error("frames that the link refused were not counted")
	}
}

func TestKeepAliveProbesTheKernel(t *testing.T) {
	k := newKernel(t, nil)
	ours, _ := pair(t, k)
	before := k.client.Counters()
	err := ours.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: 100 * time.Millisecond, Interval: time.Second, Count: 3})
	if err != nil {
		t.Fatal(err)
	}
	ours.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
	if _, err := ours.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v: the kernel answers probes, so the connection lives", err)
	}
	after := k.client.Counters()
	// Linux answers one probe in 500 ms (tcp_invalid_ratelimit).
	if sent, got := after.Sent-before.Sent, after.Segments-before.Segments; sent < 1 || got < 1 {
		t.Errorf("%d probes and %d answers in 400 ms", sent, got)
	}
}

func TestSettersOfAConn(t *testing.T) {
	ours, _ := pair(t, newKernel(t, nil))
	for name, err := range map[string]error{
		"SetNoDelay":         ours.SetNoDelay(true),
		"SetKeepAlive":       ours.SetKeepAlive(false),
		"SetKeepAlivePeriod": ours.SetKeepAlivePeriod(time.Hour),
		"SetLinger":          ours.SetLinger(-1),
		"SetDSCP":            ours.SetDSCP(46),
		"SetTTL":             ours.SetTTL(63),
		"SetReadBuffer":      ours.SetReadBuffer(1 << 20),
		"SetWriteBuffer":     ours.SetWriteBuffer(1 << 20),
		"SetDeadline":        ours.SetDeadline(time.Time{}),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := ours.SetReadBuffer(0); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("a buffer of nothing: %v, want EINVAL", err)
	}
	ours.Close()
	if err := ours.SetNoDelay(true); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v, want net.ErrClosed", err)
	}
}

func TestDialContextUnderstandsAddresses(t *testing.T) {
	k := newKernel(t, nil)
	l := k.listen(net.JoinHostPort(kernel6, "0"))
	port := l.Addr().(*net.TCPAddr).AddrPort().Port()
	conn, err := k.client.DialContext(context.Background(), "tcp6", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for _, c := range []struct{ network, address, why string }{
		{"udp", l.Addr().String(), "another network"},
		{"tcp4", l.Addr().String(), "an address of the other version"},
		{"tcp", kernel4, "no port"},
		{"tcp", kernel4 + ":nonsense", "no such service"},
		{"tcp", netip.AddrPortFrom(netip.MustParseAddr(kernel4), port).String(), "nobody listens over IPv4"},
	} {
		_, err := k.client.DialContext(context.Background(), c.network, c.address)
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "dial" {
			t.Errorf("%s: got %v, want a *net.OpError", c.why, err)
		}
	}
}

func TestUrgentDataToTheKernel(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil))
	if _, err := ours.WriteUrgent([]byte("hurry")); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Write([]byte(" up")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 7)
	// Linux takes the last urgent octet out of the stream unless it is told not to.
	if _, err := io.ReadFull(theirs, p); err != nil || string(p) != "hurr up" {
		t.Errorf("the kernel reads %q (%v), want the urgent octet out of band", p, err)
	}
	if n := ours.Urgent(); n != 0 || ours.SoftError() != nil {
		t.Errorf("%d urgent octets, soft error %v, the kernel sent neither", n, ours.SoftError())
	}
}

func TestWriteBufferBoundsWhatIsQueued(t *testing.T) {
	ours, theirs := pair(t, newKernel(t, nil)) // nobody reads: the kernel's window closes
	const buffer = 64 << 10
	if err := ours.SetWriteBuffer(buffer); err != nil {
		t.Fatal(err)
	}
	ours.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
	wrote, err := ours.Write(make([]byte, 64<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal(err)
	}
	ours.SetLinger(0)
	ours.Close() // what is queued is lost, what the kernel has can be read
	got, _ := io.Copy(io.Discard, theirs)
	if lost := int64(wrote) - got; lost > buffer {
		t.Errorf("%d bytes were queued, the buffer takes %d", lost, buffer)
	}
}
