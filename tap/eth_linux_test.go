package tap_test

import (
	"errors"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/net/bpf"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

func TestOpenEthErrors(t *testing.T) {
	ns := linktest.Namespace(t)
	linktest.In(t, ns, func() error {
		veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "pulled0"}, PeerName: "down0"}
		if err := netlink.LinkAdd(veth); err != nil {
			return err
		}
		if err := linktest.Up("pulled0"); err != nil {
			return err
		}
		return netlink.LinkAdd(&netlink.Tuntap{LinkAttrs: netlink.LinkAttrs{Name: "tun0"}, Mode: netlink.TUNTAP_MODE_TUN})
	})
	before := descriptors(t)
	for _, test := range []struct {
		name string
		want error
	}{
		{"absent0", tap.ErrNoInterface},
		{"down0", tap.ErrLinkDown},
		{"pulled0", tap.ErrLinkDown}, // up, but the other end of the cable is not
		{"tun0", tap.ErrNotEthernet},
		{"lo", tap.ErrNotEthernet},
		{"sixteen-bytes-16", tap.ErrName},
	} {
		if _, err := tap.OpenEth(test.name, tap.EthConfig{Namespace: ns}); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func TestEthGoesDown(t *testing.T) {
	nsA, nsB := linktest.Namespace(t), linktest.Namespace(t)
	linktest.Veth(t, nsA, "veth-a", nsB, "veth-b")
	link, err := tap.OpenEth("veth-a", tap.EthConfig{Namespace: nsA})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	down := func(set func(netlink.Link) error) {
		linktest.In(t, nsA, func() error {
			dev, err := netlink.LinkByName("veth-a")
			if err != nil {
				return err
			}
			return set(dev)
		})
	}
	down(netlink.LinkSetDown)
	if _, _, err := link.ReadFrame(make([]byte, 2000)); !errors.Is(err, tap.ErrLinkDown) {
		t.Errorf("reading from an interface that was set down: %v", err)
	}
	if err := link.WriteFrame(numbered(60, 1)); !errors.Is(err, tap.ErrLinkDown) {
		t.Errorf("writing to an interface that was set down: %v", err)
	}
	down(netlink.LinkDel)
	if err := link.WriteFrame(numbered(60, 1)); !errors.Is(err, tap.ErrLinkDown) {
		t.Errorf("writing to an interface that was deleted: %v", err)
	}
}

func TestEthDoesNotReadWhatItSends(t *testing.T) {
	link, peer := openVeth(t)
	for i := range 10 {
		if err := link.WriteFrame(numbered(60, i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := peer.WriteFrame(numbered(60, 99)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, link.Info().MaxFrame)
	if n, _, err := link.ReadFrame(buf); err != nil || buf[15] != 99 {
		t.Errorf("read %d bytes of frame %d, %v", n, buf[15], err)
	}
}

func TestEthFilter(t *testing.T) {
	nsA, nsB := linktest.Namespace(t), linktest.Namespace(t)
	linktest.Veth(t, nsA, "veth-a", nsB, "veth-b")
	only7, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 15, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 7, SkipFalse: 1},
		bpf.RetConstant{Val: 1 << 18},
		bpf.RetConstant{Val: 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	link, err := tap.OpenEth("veth-a", tap.EthConfig{Namespace: nsA, Filter: only7, Promiscuous: true})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	peer, err := tap.OpenEth("veth-b", tap.EthConfig{Namespace: nsB})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	for i := range 10 {
		peer.WriteFrame(numbered(60, i))
	}
	buf := make([]byte, 2000)
	if _, _, err := link.ReadFrame(buf); err != nil || buf[15] != 7 {
		t.Errorf("read frame %d, %v", buf[15], err)
	}
}

func TestEthCountsDrops(t *testing.T) {
	nsA, nsB := linktest.Namespace(t), linktest.Namespace(t)
	linktest.Veth(t, nsA, "veth-a", nsB, "veth-b")
	link, err := tap.OpenEth("veth-a", tap.EthConfig{Namespace: nsA, Buffer: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	peer, err := tap.OpenEth("veth-b", tap.EthConfig{Namespace: nsB})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	r := tap.Record(link)
	for i := range 200 {
		peer.WriteFrame(numbered(1000, i))
	}
	// The kernel's receive path for the last frames may run on another CPU.
	readAll(t, r)
	dropped := r.Recording().Dropped
	if got := len(r.Recording().Frames); dropped == 0 || got == 0 || got+int(dropped) != 200 {
		t.Errorf("%d frames read and %d dropped of 200", got, dropped)
	}
	r.Close()
	if after := r.Recording().Dropped; after != dropped {
		t.Errorf("%d dropped after Close, %d before", after, dropped)
	}
}
