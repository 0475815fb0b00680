package tap_test

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

func TestHoldPortChoosesAndKeeps(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"} {
		g, err := tap.HoldPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 0))
		if errors.Is(err, tap.ErrNotLocal) && ip == "::1" {
			t.Logf("no IPv6 here: %v", err)
			continue
		}
		needFilters(t, err)
		if g.Addr().Port() < 32768 {
			t.Errorf("chose port %d", g.Addr().Port())
		}
		if _, err := tap.HoldPort(g.Addr()); !errors.Is(err, tap.ErrPortTaken) {
			t.Errorf("holding it twice: %v", err)
		}
		if l, err := net.Listen("tcp", g.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("listening on a held port: %v, %v", l, err)
		}
		g.Close()
		if err := g.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
		l, err := net.Listen("tcp", g.Addr().String())
		if err != nil {
			t.Fatalf("the port is not free after Close: %v", err)
		}
		l.Close()
	}
}

// needFilters skips the test where ordinary users may not filter sockets.
func needFilters(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, tap.ErrPrivilege) {
		linktest.Skip(t, "the right to put a filter on a socket (run as root)")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The listener that a port is held by is deaf: who dials it hears nothing,
// not even a refusal.
func TestHeldPortIsDeaf(t *testing.T) {
	g, err := tap.HoldPort(netip.MustParseAddrPort("127.0.0.1:0"))
	needFilters(t, err)
	defer g.Close()
	if c, err := net.DialTimeout("tcp", g.Addr().String(), 30*time.Millisecond); !timedOut(err) {
		t.Errorf("dialling a held port: %v, %v", c, err)
	}
	g.Close()
	if c, err := net.DialTimeout("tcp", g.Addr().String(), 5*time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling a port that is not held: %v, %v", c, err)
	}
}

func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

func TestHoldPortErrors(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, test := range []struct {
		addr string
		want error
	}{
		{l.Addr().String(), tap.ErrPortTaken},
		{"192.0.2.1:40000", tap.ErrNotLocal},
		{"0.0.0.0:40000", tap.ErrNotLocal},
		{"[fe80::1%no-such-dev]:40000", tap.ErrNoInterface},
	} {
		if _, err := tap.HoldPort(netip.MustParseAddrPort(test.addr)); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.addr, err, test.want)
		}
	}
	if _, err := tap.HoldPort(netip.AddrPort{}); !errors.Is(err, tap.ErrNotLocal) {
		t.Errorf("no address: %v", err)
	}
}
