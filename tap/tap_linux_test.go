package tap_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// descriptors counts what this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestOpenTAPLeaksNothing(t *testing.T) {
	ns := linktest.Namespace(t)
	first, err := tap.OpenTAP(tap.TAPConfig{Name: "taken", Namespace: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	// Somebody else's descriptor without a device must survive.
	other, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	gone := netns.NsHandle(1 << 20)
	for _, test := range []struct {
		name string
		cfg  tap.TAPConfig
		want error
	}{
		{"taken", tap.TAPConfig{Name: "taken", Namespace: ns}, tap.ErrNameTaken},
		{"not a TAP", tap.TAPConfig{Name: "lo", Namespace: ns}, tap.ErrNameTaken},
		{"no name", tap.TAPConfig{Name: "sixteen-bytes-16", Namespace: ns}, tap.ErrName},
		{"MTU refused", tap.TAPConfig{MTU: 10, Namespace: ns}, nil},
		{"MAC refused", tap.TAPConfig{HostMAC: net.HardwareAddr{1, 0, 0, 0, 0, 1}, Namespace: ns}, nil},
		{"no namespace", tap.TAPConfig{Namespace: gone}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := descriptors(t)
			for range 5 {
				_, err := tap.OpenTAP(test.cfg)
				if err == nil || test.want != nil && !errors.Is(err, test.want) {
					t.Fatalf("got %v, want %v", err, test.want)
				}
			}
			if after := descriptors(t); after != before {
				t.Errorf("%d descriptors before, %d after", before, after)
			}
		})
	}
	if _, err := other.Stat(); err != nil {
		t.Errorf("the other descriptor was closed: %v", err)
	}
	linktest.In(t, ns, func() error {
		links, err := netlink.LinkList()
		for _, l := range links {
			if l.Type() == "tuntap" && l.Attrs().Name != "taken" {
				t.Errorf("%s was left behind", l.Attrs().Name)
			}
		}
		return err
	})
}

func TestOpenTAPAsConfigured(t *testing.T) {
	ns := linktest.Namespace(t)
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 7}
	before := descriptors(t)
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "conf0", Namespace: ns, HostMAC: mac, MTU: 9000})
	if err != nil {
		t.Fatal(err)
	}
	info := link.Info()
	if info.Kind != tap.KindTAP || info.Name != "conf0" || info.MTU != 9000 || info.MaxFrame < 9018 || info.MAC != nil {
		t.Errorf("info %+v", info)
	}
	// A TAP without a vnet header leaves nothing to hardware that is not
	// there, so captures show what a cable would.
	if len(info.Offloads) == 0 {
		t.Error("no offloads were read")
	}
	for _, o := range info.Offloads {
		if o.On && (o.Name == "tx-checksum-ip-generic" || o.Name == "tx-tcp-segmentation") {
			t.Errorf("%s is on", o.Name)
		}
	}
	linktest.In(t, ns, func() error {
		dev, err := netlink.LinkByName("conf0")
		if err != nil {
			return err
		}
		if a := dev.Attrs(); a.MTU != 9000 || !bytes.Equal(a.HardwareAddr, mac) || a.Flags&net.FlagUp == 0 {
			t.Errorf("MTU %d, address %v, flags %v", a.MTU, a.HardwareAddr, a.Flags)
		}
		return nil
	})
	if err := link.Close(); err != nil {
		t.Fatal(err)
	}
	linktest.In(t, ns, func() error {
		if _, err := netlink.LinkByName("conf0"); err == nil {
			t.Error("the device is still there after Close")
		}
		return nil
	})
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestTAPDown(t *testing.T) {
	ns := linktest.Namespace(t)
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "down0", Namespace: ns, Down: true})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if err := link.WriteFrame(numbered(60, 1)); !errors.Is(err, tap.ErrLinkDown) {
		t.Errorf("writing: %v", err)
	}
	if _, err := tap.OpenEth("down0", tap.EthConfig{Namespace: ns}); !errors.Is(err, tap.ErrLinkDown) {
		t.Errorf("opening it as an interface: %v", err)
	}
	linktest.In(t, ns, func() error { return linktest.Up("down0") })
	if err := link.WriteFrame(numbered(60, 1)); err != nil {
		t.Errorf("writing when it is up: %v", err)
	}
}

// A child process must not keep the device alive.
func TestTAPIsNotInherited(t *testing.T) {
	ns := linktest.Namespace(t)
	link, err := tap.OpenTAP(tap.TAPConfig{Namespace: ns})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	for _, fd := range tunDescriptors(t) {
		if !closesOnExec(t, fd) {
			t.Errorf("descriptor %d goes to child processes", fd)
		}
	}
}
