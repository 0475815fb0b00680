package handcrafted_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

func dial(t testing.TB, k *kernel, to netip.AddrPort) net.Conn {
	t.Helper()
	conn, err := k.client.Dial(context.Background(), netip.AddrPort{}, to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestEchoOfTheKernel(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		k := newKernel(t, nil)
		conn := dial(t, k, k.serve(net.JoinHostPort(address, "0"), echo))
		if _, err := conn.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != "hello" {
			t.Errorf("got %q (%v)", got, err)
		}
	})
}

func TestClosedPortRefuses(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		k := newKernel(t, nil)
		_, err := k.client.Dial(context.Background(), netip.AddrPort{}, netip.AddrPortFrom(netip.MustParseAddr(address), 9))
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want ECONNREFUSED", err)
		}
	})
}

func TestNobodyAtTheAddress(t *testing.T) {
	k := newKernel(t, nil)
	started := time.Now()
	_, err := k.client.Dial(context.Background(), netip.AddrPort{}, netip.MustParseAddrPort("10.9.0.77:7"))
	if !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("got %v, want EHOSTUNREACH", err)
	}
	if d := time.Since(started); d < 2*time.Second || d > 6*time.Second {
		t.Errorf("after %v, want three questions a second apart", d)
	}
}

func TestContextEndsADial(t *testing.T) {
	k := newKernel(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := k.client.Dial(ctx, netip.AddrPort{}, netip.MustParseAddrPort("10.9.0.77:7"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
}

func TestRoundTripDoesNotAllocate(t *testing.T) {
	k := newKernel(t, nil)
	conn := dial(t, k, k.serve(net.JoinHostPort(kernel4, "0"), echo))
	p := make([]byte, 1000)
	n := testing.AllocsPerRun(1000, func() {
		if _, err := conn.Write(p); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, p); err != nil {
			t.Fatal(err)
		}
	})
	if n >= 1 {
		t.Errorf("%v allocations", n)
	}
}
