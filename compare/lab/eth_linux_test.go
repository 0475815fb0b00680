package lab

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// cable is two hosts on a virtual cable with the driver's offloads: ours, and
// one with a server. watch sees what reaches the server's interface.
type cable struct {
	near, far netns.NsHandle
	watch     *tap.Recorder
	stopped   chan struct{}
}

var (
	nearAddrs = []string{"198.51.100.2/24", "2001:db8:1::2/64"}
	farAddrs  = []string{"198.51.100.1/24", "2001:db8:1::1/64"}
)

func newCable(t *testing.T, m Manners) *cable {
	t.Helper()
	c := &cable{near: namespace6(t), far: namespace6(t), stopped: make(chan struct{})}
	linktest.Veth(t, c.near, "near", c.far, "far")
	linktest.In(t, c.near, func() error { return linktest.Up("near", nearAddrs...) })
	linktest.In(t, c.far, func() error { return linktest.Up("far", farAddrs...) })
	linktest.In(t, c.far, func() error {
		var acceptors []Acceptor
		for _, a := range []string{"198.51.100.1:7", "[2001:db8:1::1]:7"} {
			l, err := Listen(netip.MustParseAddrPort(a), ListenOptions{Congestion: "reno"})
			if err != nil {
				return err
			}
			acceptors = append(acceptors, l)
		}
		server := NewServer(m, nil, acceptors...)
		t.Cleanup(func() { server.Close() })
		return nil
	})
	link, err := tap.OpenEth("far", tap.EthConfig{Namespace: c.far})
	if err != nil {
		t.Fatal(err)
	}
	c.watch = tap.Record(link)
	go func() {
		defer close(c.stopped)
		buf := make([]byte, link.Info().MaxFrame)
		for {
			if _, _, err := c.watch.ReadFrame(buf); err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		c.watch.Close()
		<-c.stopped
	})
	return c
}

// namespace6 is a private namespace in which IPv6 works.
func namespace6(t *testing.T) netns.NsHandle {
	t.Helper()
	linktest.NeedRoot(t)
	ns, err := NewNamespace(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ns.Close() })
	return ns.Handle()
}

// in runs f on a thread of its own in the near namespace.
func (c *cable) in(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and the thread ends with the goroutine
		if err := netns.Set(c.near); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}

// resets counts the RSTs that reached the server.
func (c *cable) resets() (n int) {
	for _, f := range c.watch.Recording().Frames {
		p := gopacket.NewPacket(f.Data, layers.LayerTypeEthernet, gopacket.NoCopy)
		if t, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP); ok && t.RST {
			n++
		}
	}
	return n
}

func TestEthBothGuards(t *testing.T) {
	for _, mode := range []struct {
		name, target, spare, local string
	}{
		{"own address", "198.51.100.1:7", "", "198.51.100.2"},
		{"spare address", "198.51.100.1:7", "198.51.100.77", "198.51.100.77"},
		{"own IPv6 address", "[2001:db8:1::1]:7", "", "2001:db8:1::2"},
		{"spare IPv6 address", "[2001:db8:1::1]:7", "2001:db8:1::77", "2001:db8:1::77"},
	} {
		t.Run(mode.name, func(t *testing.T) {
			c := newCable(t, Manners{Manner: EchoOnce})
			o := EthOptions{Target: netip.MustParseAddrPort(mode.target), Quiet: 20 * time.Millisecond}
			if mode.spare != "" {
				o.Address = netip.MustParseAddr(mode.spare)
			}
			c.in(t, func() {
				place, err := NewEth(o)
				if err != nil {
					t.Error(err)
					return
				}
				defer place.Close()
				for range 2 {
					r := Converse(context.Background(), Kernel(), place, hello(scenario.PeerFirst))
					if r.Err != nil {
						t.Error(r.Err)
						return
					}
					expectSegments(t, r.Recording, peerFirst, peerFirstJoined)
					if r.Local.Addr().String() != mode.local {
						t.Errorf("dialled from %v", r.Local)
					}
					expectCompleted(t, r.Recording)
				}
			})
			if n := c.resets(); n != 0 {
				t.Errorf("%d RSTs reached the server; the host's kernel was to keep quiet", n)
			}
		})
	}
}

// A veth leaves checksums to hardware that it has not; the link completes them
// and says so.
func expectCompleted(t *testing.T, rec tap.Recording) {
	t.Helper()
	n := 0
	for _, f := range rec.Frames {
		if f.Dir == tap.In && f.Flags&tap.ChecksumCompleted != 0 {
			n++
		}
	}
	if n == 0 {
		t.Error("no received frame is marked as completed, though veth offloads checksums")
	}
}

// The stack must not see the host's other connections to the same target: it
// would reset them.
func TestEthLeavesOtherConnectionsAlone(t *testing.T) {
	c := newCable(t, Manners{Manner: Echo})
	c.in(t, func() {
		other, err := dialHere("198.51.100.1:7")
		if err != nil {
			t.Error(err)
			return
		}
		defer other.Close()
		place, err := NewEth(EthOptions{Target: netip.MustParseAddrPort("198.51.100.1:7"), Quiet: 20 * time.Millisecond})
		if err != nil {
			t.Error(err)
			return
		}
		defer place.Close()
		r := Converse(context.Background(), Kernel(), place, hello(scenario.ClientFirst))
		if r.Err != nil {
			t.Error(r.Err)
			return
		}
		other.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := other.Write([]byte("still here")); err != nil {
			t.Error(err)
		}
		if _, err := other.Read(make([]byte, 10)); err != nil {
			t.Errorf("the host's own connection: %v", err)
		}
		expectSegments(t, r.Recording, clientFirst, clientFirstApart)
	})
}

func TestEthRefusals(t *testing.T) {
	c := newCable(t, Manners{Manner: EchoOnce})
	linktest.In(t, c.near, func() error {
		return netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "sit-down"}, PeerName: "sit-peer"})
	})
	for _, k := range []struct {
		what  string
		o     EthOptions
		cause error
		says  string
	}{
		{"loopback", EthOptions{Target: netip.MustParseAddrPort("127.0.0.1:7")}, ErrOwnTarget, "--link tap"},
		{"own address as target", EthOptions{Target: netip.MustParseAddrPort("198.51.100.2:7")}, ErrOwnTarget, "--link tap"},
		{"no route", EthOptions{Target: netip.MustParseAddrPort("203.0.113.1:7")}, ErrNoRoute, "203.0.113.1"},
		{"no such interface", EthOptions{Target: netip.MustParseAddrPort("198.51.100.1:7"), Interface: "absent"}, tap.ErrNoInterface, "absent"},
		{"interface that is down", EthOptions{Target: netip.MustParseAddrPort("198.51.100.1:7"), Interface: "sit-down"}, tap.ErrLinkDown, "ip link set sit-down up"},
		{"spare address of no subnet", EthOptions{Target: netip.MustParseAddrPort("198.51.100.1:7"), Address: netip.MustParseAddr("10.9.8.7")}, nil, "in no subnet"},
		{"spare address that is the host's", EthOptions{Target: netip.MustParseAddrPort("198.51.100.1:7"), Address: netip.MustParseAddr("198.51.100.2")}, nil, "own address"},
	} {
		c.in(t, func() {
			_, err := NewEth(k.o)
			if err == nil || k.cause != nil && !errors.Is(err, k.cause) || !strings.Contains(err.Error(), k.says) {
				t.Errorf("%s: %v; want %v and %q", k.what, err, k.cause, k.says)
			}
		})
	}
}

func TestEthRefusesTakenAddress(t *testing.T) {
	c := newCable(t, Manners{Manner: EchoOnce})
	linktest.In(t, c.far, func() error { return linktest.Up("far", "198.51.100.50/24") })
	c.in(t, func() {
		place, err := NewEth(EthOptions{Target: netip.MustParseAddrPort("198.51.100.1:7"), Address: netip.MustParseAddr("198.51.100.50")})
		if err != nil {
			t.Error(err)
			return
		}
		defer place.Close()
		r := Converse(context.Background(), Kernel(), place, hello(scenario.PeerFirst))
		if !errors.Is(r.Err, tap.ErrAddressTaken) {
			t.Errorf("%v, want tap.ErrAddressTaken", r.Err)
		}
	})
}

func dialHere(addr string) (net.Conn, error) { return net.DialTimeout("tcp", addr, 5*time.Second) }
