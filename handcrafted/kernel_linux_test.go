package handcrafted_test

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"

	"github.com/vishvananda/netns"

	"tcping-cmp/handcrafted"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// kernel is a Linux kernel in a namespace of its own, at the other end of a
// TAP device, and our host at this end.
type kernel struct {
	testing.TB
	ns     netns.NsHandle
	link   tap.Link
	client *handcrafted.Client
}

const (
	kernel4, ours4 = "10.9.0.1", "10.9.0.2"
	kernel6, ours6 = "fd09::1", "fd09::2"
)

// newKernel makes both ends. change may alter our configuration.
func newKernel(t testing.TB, change func(*handcrafted.Config)) *kernel {
	t.Helper()
	ns := linktest.Namespace(t)
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "hand0", Namespace: ns, Down: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	linktest.In(t, ns, func() error {
		if err := os.WriteFile("/proc/sys/net/ipv6/conf/hand0/disable_ipv6", []byte("0"), 0); err != nil {
			return err
		}
		return linktest.Up("hand0", kernel4+"/24", kernel6+"/64")
	})
	cfg := handcrafted.Config{
		Link: link, MAC: net.HardwareAddr{2, 0, 0, 0, 0, 2},
		Addr4: netip.MustParsePrefix(ours4 + "/24"), Addr6: netip.MustParsePrefix(ours6 + "/64"),
	}
	if change != nil {
		change(&cfg)
	}
	k := &kernel{TB: t, ns: ns, link: link}
	if k.client, err = handcrafted.Open(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.client.Close(); err != nil {
			t.Errorf("closing the client: %v", err)
		}
	})
	return k
}

// listen opens a socket of the kernel's.
func (k *kernel) listen(address string) net.Listener {
	k.Helper()
	var l net.Listener
	linktest.In(k, k.ns, func() (err error) {
		l, err = net.Listen("tcp", address)
		return err
	})
	k.Cleanup(func() { l.Close() })
	return l
}

// serve has the kernel accept connections and run f on each; the test ends
// when all of them have ended.
func (k *kernel) serve(address string, f func(net.Conn)) netip.AddrPort {
	k.Helper()
	l := k.listen(address)
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Add(1)
			go func() { defer running.Done(); defer conn.Close(); f(conn) }()
		}
	}()
	k.Cleanup(func() { l.Close(); running.Wait() })
	return l.Addr().(*net.TCPAddr).AddrPort()
}

// echo gives back what it gets (RFC 862).
func echo(conn net.Conn) { io.Copy(conn, conn) }

// both runs a test over IPv4 and over IPv6.
func both(t *testing.T, f func(t *testing.T, address string)) {
	t.Run("ipv4", func(t *testing.T) { f(t, kernel4) })
	t.Run("ipv6", func(t *testing.T) { f(t, kernel6) })
}
