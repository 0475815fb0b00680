package tap_test

import (
	"testing"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// openTAP pairs a TAP device with the kernel's side of it, read and written
// through AF_PACKET.
func openTAP(t testing.TB) (tap.Link, tap.Link) {
	ns := linktest.Namespace(t)
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "test0", Namespace: ns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	peer, err := tap.OpenEth("test0", tap.EthConfig{Namespace: ns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return link, peer
}

// openVeth opens both ends of a virtual cable through AF_PACKET.
func openVeth(t testing.TB) (tap.Link, tap.Link) {
	nsA, nsB := linktest.Namespace(t), linktest.Namespace(t)
	linktest.Veth(t, nsA, "veth-a", nsB, "veth-b")
	a, err := tap.OpenEth("veth-a", tap.EthConfig{Namespace: nsA})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	b, err := tap.OpenEth("veth-b", tap.EthConfig{Namespace: nsB})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return a, b
}

func TestTAPIsALink(t *testing.T) { linktest.Run(t, openTAP) }

func TestEthIsALink(t *testing.T) { linktest.Run(t, openVeth) }

func TestRecorderIsALink(t *testing.T) {
	linktest.Run(t, func(t testing.TB) (tap.Link, tap.Link) {
		link, peer := openTAP(t)
		return tap.Record(link), peer
	})
}
