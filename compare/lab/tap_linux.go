package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// tapPlace is the lab: a Linux server behind a TAP, new for every
// conversation.
type tapPlace struct{ options LabOptions }

// NewTAP returns the lab in which every conversation gets a private network
// namespace with a TAP device and, behind it, the kernel's TCP with a server.
// Nothing of one conversation is there for the next to find: no TCP metrics,
// no TIME-WAIT, no path MTU, no neighbours.
func NewTAP(options LabOptions) Place { return &tapPlace{options} }

func (p *tapPlace) Close() error { return nil }

// Open implements Place.
func (p *tapPlace) Open(ctx context.Context, app scenario.Application) (*Site, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := p.options.withDefaults(app)
	site := o.site()
	if err := buildTAP(site, o); err != nil {
		site.Close()
		return nil, err
	}
	return site, nil
}

// buildTAP makes the namespace, the device in it, and the server.
func buildTAP(site *Site, o LabOptions) error {
	ns, err := NewNamespace(o.IPv6)
	if err != nil {
		return err
	}
	site.owns(ns)
	congestion, err := chooseCongestion(ns, o.Congestion)
	if err != nil {
		return err
	}
	server := o.serverNetwork()
	link, err := ns.openTAP(server.MAC, o.MTU, server.Addr4, server.Addr6)
	if err != nil {
		return err
	}
	site.owns(link)
	site.Link = o.filter(link)
	return startServer(site, ns, *o.Manners, congestion)
}

// startServer puts the kernel's server into the namespace.
func startServer(site *Site, ns *Namespace, m Manners, congestion string) error {
	var server *Server
	err := ns.Do(func() error {
		listener, err := Listen(site.Remote, ListenOptions{Congestion: congestion})
		if err != nil {
			return err
		}
		site.Environment = append(kernelSettings("server "),
			Setting{"server congestion control", listener.Congestion()},
			Setting{"server manners", m.String()})
		server = NewServer(m, nil, listener)
		return nil
	})
	if err != nil {
		return err
	}
	site.owns(server)
	site.PeerErr = server.Err
	site.PeerState = func() string {
		state := "unknown"
		ns.Do(func() error {
			state = tcpState(site.Remote, site.Local)
			return nil
		})
		return state
	}
	return nil
}

// openTAP creates a TAP in the namespace, gives the kernel's end those of the
// addresses that are valid, and returns the other end when the kernel has
// nothing more to say of itself.
func (n *Namespace) openTAP(mac net.HardwareAddr, mtu int, addrs ...netip.Prefix) (tap.Link, error) {
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "tap0", Namespace: n.handle, HostMAC: mac, MTU: mtu, Down: true})
	if err != nil {
		return nil, err
	}
	if err = n.configure(link.Info().Name, addrs); err == nil {
		err = n.awaitIPv6(link, addrs)
	}
	if err != nil {
		link.Close()
		return nil, err
	}
	return link, nil
}

func is6(p netip.Prefix) bool { return p.Addr().Is6() }

// configure gives the device its addresses and sets it up.
func (n *Namespace) configure(device string, addrs []netip.Prefix) error {
	dev, err := n.routes.LinkByName(device)
	if err != nil {
		return fmt.Errorf("device %s: %w", device, err)
	}
	for _, addr := range addrs {
		if !addr.IsValid() {
			continue
		}
		a := &netlink.Addr{IPNet: &net.IPNet{IP: addr.Addr().AsSlice(), Mask: net.CIDRMask(addr.Bits(), addr.Addr().BitLen())}}
		if is6(addr) {
			a.Flags = unix.IFA_F_NODAD // usable at once
		}
		if err := n.routes.AddrAdd(dev, a); err != nil {
			return fmt.Errorf("giving %s the address %s: %w", device, addr, err)
		}
	}
	if err := n.routes.LinkSetUp(dev); err != nil {
		return fmt.Errorf("setting %s up: %w", device, err)
	}
	return nil
}

// reportsEach is how many reports the kernel sends for an address: it repeats
// each once, within a tick of its clock.
const reportsEach = 2

// readyWait bounds the wait for an IPv6 address. It is usable within a
// millisecond, but the kernel does that in the background and behind whatever
// else happens to interfaces anywhere on the machine.
const readyWait = 2 * time.Second

// awaitIPv6 waits until the IPv6 addresses are in use and the multicast
// listener reports, which an interface sends when it gets one and which
// nothing turns off, have been read. They belong to no conversation; this way
// they are over before one begins.
func (n *Namespace) awaitIPv6(link tap.Link, addrs []netip.Prefix) error {
	defer link.SetReadDeadline(time.Time{})
	until := time.Now().Add(readyWait)
	if err := link.SetReadDeadline(until); err != nil {
		return err
	}
	for _, addr := range addrs {
		if !is6(addr) {
			continue
		}
		if err := awaitReports(link); err != nil {
			return err
		}
		for !n.local(addr.Addr()) {
			if time.Now().After(until) {
				return fmt.Errorf("the address %s was not in use after %v: the machine is very busy, or it is taken; try again", addr, readyWait)
			}
			runtime.Gosched()
		}
	}
	return nil
}

// local reports whether the kernel takes packets for the address.
func (n *Namespace) local(addr netip.Addr) bool {
	found, err := n.routes.RouteGet(addr.AsSlice())
	return err == nil && len(found) == 1 && found[0].Type == unix.RTN_LOCAL
}

// awaitReports reads one address's reports, or until the link's deadline.
func awaitReports(link tap.Link) error {
	buf := make([]byte, link.Info().MaxFrame)
	for seen := 0; seen < reportsEach; {
		n, _, err := link.ReadFrame(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		if isReport(buf[:n]) {
			seen++
		}
	}
	return nil
}

// isReport recognises a multicast listener report of version 1 (RFC 2710 §3):
// the ICMPv6 header is behind an Ethernet, an IPv6 and a hop-by-hop header.
func isReport(frame []byte) bool {
	const etherIPv6, hopByHop, icmpv6, report = 0x86dd, 0, 58, 131
	return len(frame) > 62 && binary.BigEndian.Uint16(frame[12:]) == etherIPv6 &&
		frame[20] == hopByHop && frame[54] == icmpv6 && frame[62] == report
}

// chooseCongestion returns the name that the server is to use. The host's
// default, which a new namespace inherits, says more about the host than about
// TCP, so it is not it.
func chooseCongestion(ns *Namespace, wanted string) (string, error) {
	var available []string
	ns.Do(func() error {
		available = strings.Fields(sysctl("net/ipv4/tcp_available_congestion_control"))
		return nil
	})
	if wanted == "" {
		wanted = "cubic"
		if !slices.Contains(available, wanted) {
			wanted = "reno"
		}
	}
	if !slices.Contains(available, wanted) {
		return "", fmt.Errorf("the kernel has no congestion control %q: choose one of %s, or load its module", wanted, strings.Join(available, ", "))
	}
	return wanted, nil
}

// kernelSettings reads what the kernel's TCP does in the calling thread's
// namespace. Each name begins with prefix.
func kernelSettings(prefix string) []Setting {
	var u unix.Utsname
	unix.Uname(&u)
	list := []Setting{{prefix + "kernel", "Linux " + unix.ByteSliceToString(u.Release[:])}}
	for _, name := range []string{"tcp_rmem", "tcp_wmem", "tcp_sack", "tcp_timestamps", "tcp_window_scaling", "tcp_ecn", "tcp_recovery"} {
		if v := sysctl("net/ipv4/" + name); v != "" {
			list = append(list, Setting{prefix + name, v})
		}
	}
	return list
}
