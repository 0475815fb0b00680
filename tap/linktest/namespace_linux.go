package linktest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// The capabilities' numbers in capability.h.
const (
	capNetAdmin = 12
	capNetRaw   = 13
	capSysAdmin = 21
)

// NeedRoot skips the test unless the process may create network namespaces,
// TAP devices and raw sockets.
func NeedRoot(t testing.TB) {
	t.Helper()
	have, err := effective()
	if err != nil {
		t.Fatalf("reading the process's capabilities: %v", err)
	}
	for name, bit := range map[string]int{"CAP_NET_ADMIN": capNetAdmin, "CAP_NET_RAW": capNetRaw, "CAP_SYS_ADMIN": capSysAdmin} {
		if have>>bit&1 == 0 {
			Skip(t, name+" (run as root)")
		}
	}
	if f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0); err != nil {
		Skip(t, fmt.Sprintf("/dev/net/tun (%v)", err))
	} else {
		f.Close()
	}
}

func effective() (uint64, error) {
	var data [2]unix.CapUserData
	err := unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &data[0])
	return uint64(data[0].Effective) | uint64(data[1].Effective)<<32, err
}

// Namespace makes a network namespace for the test and removes it afterwards:
// loopback is up, and IPv6 is off so that the kernel sends nothing of itself.
func Namespace(t testing.TB) netns.NsHandle {
	t.Helper()
	NeedRoot(t)
	var ns netns.NsHandle
	err := onThread(func() (err error) {
		if ns, err = netns.New(); err != nil {
			return err
		}
		// The sysctls that a thread sees are those of its namespace.
		for _, which := range []string{"all", "default"} {
			path := filepath.Join("/proc/sys/net/ipv6/conf", which, "disable_ipv6")
			if err := os.WriteFile(path, []byte("1"), 0); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return err
		}
		return netlink.LinkSetUp(lo)
	})
	if err != nil {
		t.Fatalf("making a network namespace: %v", err)
	}
	t.Cleanup(func() { ns.Close() })
	return ns
}

// In runs f on a thread inside the namespace and fails the test if f does.
// Sockets that f makes stay in the namespace. f must not use t.
func In(t testing.TB, ns netns.NsHandle, f func() error) {
	t.Helper()
	err := onThread(func() error {
		if err := netns.Set(ns); err != nil {
			return err
		}
		return f()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// onThread runs f on a thread that ends with it, whatever namespace it is in
// by then.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		done <- f()
	}()
	return <-done
}

// Veth puts the two ends of a virtual cable into two namespaces and sets them
// up. Offloads are the driver's defaults.
func Veth(t testing.TB, nsA netns.NsHandle, nameA string, nsB netns.NsHandle, nameB string) {
	t.Helper()
	In(t, nsA, func() error {
		veth := &netlink.Veth{
			LinkAttrs:     netlink.LinkAttrs{Name: nameA},
			PeerName:      nameB,
			PeerNamespace: netlink.NsFd(nsB),
		}
		if err := netlink.LinkAdd(veth); err != nil {
			return fmt.Errorf("adding a veth: %w", err)
		}
		return Up(nameA)
	})
	In(t, nsB, func() error { return Up(nameB) })
}

// Up sets an interface of the thread's namespace up and gives it addresses,
// written like 10.0.0.1/24.
func Up(name string, addrs ...string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, a := range addrs {
		addr, err := netlink.ParseAddr(a)
		if err != nil {
			return fmt.Errorf("%s: %w", a, err)
		}
		addr.Flags = unix.IFA_F_NODAD // an IPv6 address is usable at once
		if addr.IP.To4() != nil {
			addr.Flags = 0
		}
		if err := netlink.AddrAdd(link, addr); err != nil {
			return fmt.Errorf("adding %s to %s: %w", a, name, err)
		}
	}
	return netlink.LinkSetUp(link)
}
