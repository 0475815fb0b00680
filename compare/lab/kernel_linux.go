package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/vishvananda/netlink"

	"tcping-cmp/tap"
)

// Kernel returns the Linux kernel's own TCP client as a stack. It lives in a
// private namespace with a TAP device; frames are carried between the device
// and the link that it is attached to. What Go changes on the sockets that it
// opens is undone: Nagle is on, keep-alive is off.
//
// # Limitations
//
// The frames take a second TAP device and a goroutine's hop each way, so
// times are longer than those of a kernel on its own interface.
func Kernel() Stack { return kernelStack{} }

// KernelName is what reports call the kernel as a stack.
const KernelName = "kernel"

type kernelStack struct{}

func (kernelStack) Name() string { return KernelName }

// Settings are those that a new namespace starts with, but for the congestion
// control, which is not the host's choice.
func (kernelStack) Settings() []Setting { return kernelStackSettings() }

var kernelStackSettings = sync.OnceValue(func() []Setting {
	ns, err := NewNamespace(false)
	if err != nil {
		return []Setting{{"kernel", "unknown: " + err.Error()}}
	}
	defer ns.Close()
	var list []Setting
	congestion, err := chooseCongestion(ns, "")
	if err != nil {
		congestion = "unknown: " + err.Error()
	}
	ns.Do(func() error {
		list = kernelSettings("")
		return nil
	})
	return append(list, Setting{"congestion control", congestion},
		Setting{"Nagle", "on"}, Setting{"keep-alive", "off"}, Setting{"MPTCP", "off"})
})

// Attach implements Stack.
func (kernelStack) Attach(ctx context.Context, link tap.Link, network Network) (Host, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !network.Addr4.IsValid() && !network.Addr6.IsValid() {
		return nil, errors.New("kernel: the network names no address; give it one")
	}
	ns, err := NewNamespace(network.Addr6.IsValid())
	if err != nil {
		return nil, err
	}
	h := &kernelHost{ns: ns}
	if err := h.setup(link, network); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// kernelHost is the kernel in a namespace of its own.
type kernelHost struct {
	ns         *Namespace
	congestion string
	tap        tap.Link
	pump       *pump
	once       sync.Once
}

func (h *kernelHost) setup(link tap.Link, network Network) (err error) {
	if h.congestion, err = chooseCongestion(h.ns, ""); err != nil {
		return err
	}
	mac, mtu := network.MAC, network.MTU
	if mac == nil {
		mac = link.Info().MAC
	}
	if mtu == 0 {
		mtu = link.Info().MTU
	}
	if h.tap, err = h.ns.openTAP(mac, mtu, network.Addr4, network.Addr6); err != nil {
		return err
	}
	for _, gateway := range []netip.Addr{network.Gateway4, network.Gateway6} {
		if gateway.IsValid() {
			if err := h.ns.addGateway(h.tap.Info().Name, gateway); err != nil {
				return err
			}
		}
	}
	h.pump = startPump(h.tap, link)
	return nil
}

// addGateway sends everything that is not on the link to the gateway.
func (n *Namespace) addGateway(device string, gateway netip.Addr) error {
	dev, err := n.routes.LinkByName(device)
	if err == nil {
		err = n.routes.RouteAdd(&netlink.Route{
			LinkIndex: dev.Attrs().Index,
			Gw:        gateway.AsSlice(),
			Flags:     int(netlink.FLAG_ONLINK),
		})
	}
	if err != nil {
		return fmt.Errorf("route through %s: %w", gateway, err)
	}
	return nil
}

// Dial implements Host. Calls wait for each other.
func (h *kernelHost) Dial(ctx context.Context, local, remote netip.AddrPort) (Conn, error) {
	dialer := net.Dialer{
		LocalAddr: net.TCPAddrFromAddrPort(local),
		KeepAlive: -1,
		Control:   setCongestion(h.congestion),
	}
	dialer.SetMultipathTCP(false)
	c := &kernelConn{ns: h.ns, local: local, remote: remote}
	err := h.ns.Do(func() error {
		conn, err := dialer.DialContext(ctx, "tcp", remote.String())
		if err != nil {
			return err
		}
		c.plainConn = &plainConn{conn.(*net.TCPConn)}
		return c.undoGo()
	})
	if err != nil {
		if c.plainConn != nil {
			c.Close()
		}
		return nil, err
	}
	return c, nil
}

// Close resets the connections that are not over yet and frees the namespace.
func (h *kernelHost) Close() error {
	h.once.Do(func() {
		if h.pump != nil {
			h.ns.Do(func() error {
				destroySockets()
				return nil
			})
			h.pump.stop()
		}
		if h.tap != nil {
			h.tap.Close()
		}
		h.ns.Close()
	})
	return nil
}

// kernelConn is a connection of the kernel.
type kernelConn struct {
	*plainConn
	ns            *Namespace
	local, remote netip.AddrPort
	last          string // state when the namespace was still there
	mu            sync.Mutex
}

// State implements Conn. The kernel is asked for the connection, not for the
// socket: that one says CLOSED as soon as TIME-WAIT begins.
func (c *kernelConn) State() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ns.Do(func() error {
		c.last = tcpState(c.local, c.remote)
		return nil
	})
	return c.last
}
