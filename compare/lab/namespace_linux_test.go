package lab

import (
	"errors"
	"net"
	"os"
	"testing"

	"github.com/vishvananda/netlink"

	"tcping-cmp/tap/linktest"
)

func netInode(t *testing.T) string {
	t.Helper()
	s, err := os.Readlink("/proc/thread-self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNamespaceIsPrivateAndQuiet(t *testing.T) {
	linktest.NeedRoot(t)
	for _, ipv6 := range []bool{false, true} {
		ns, err := NewNamespace(ipv6)
		if err != nil {
			t.Fatal(err)
		}
		defer ns.Close()
		outside := netInode(t)
		err = ns.Do(func() error {
			if netInode(t) == outside {
				t.Error("Do did not run in a namespace of its own")
			}
			links, err := netlink.LinkList()
			if err != nil {
				return err
			}
			if len(links) != 1 || links[0].Attrs().Name != "lo" || links[0].Attrs().Flags&net.FlagUp == 0 {
				t.Errorf("the namespace has %v, want loopback alone, and up", links)
			}
			wantOff := map[bool]string{true: "0", false: "1"}[ipv6]
			if got := sysctl("net/ipv6/conf/default/disable_ipv6"); got != wantOff {
				t.Errorf("with IPv6 %v, disable_ipv6 is %q", ipv6, got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if netInode(t) != outside {
			t.Error("the test's thread was moved")
		}
	}
}

func TestNamespaceCloseEndsCalls(t *testing.T) {
	linktest.NeedRoot(t)
	ns, err := NewNamespace(false)
	if err != nil {
		t.Fatal(err)
	}
	if err := ns.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := ns.Close(); err != nil {
		t.Errorf("a second Close: %v, want nothing", err)
	}
	if err := ns.Do(func() error { return nil }); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Do after Close: %v, want net.ErrClosed", err)
	}
}

func TestNamespacesLeaveNothing(t *testing.T) {
	linktest.NeedRoot(t)
	expectNoLeak(t, 20, func(int) {
		ns, err := NewNamespace(true)
		if err != nil {
			t.Fatal(err)
		}
		ns.Close()
	})
}

func TestOnOwnThreadSparesTheFirst(t *testing.T) {
	// The test's own goroutine may be on the first thread; many calls make it
	// likely that a new goroutine is, too.
	ids := make(chan bool)
	for range 100 {
		onOwnThread(func() { ids <- isFirstThread() })
		if <-ids {
			t.Fatal("f ran on the process's first thread, which cannot end")
		}
	}
}
