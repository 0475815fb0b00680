package wire

import (
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

// Frames as Linux 6.18 sends them over a TAP device, by their names.
var golden = map[string]string{
	"syn4": "020000000001 020000000002 0800" +
		"4500003c7194400040 06b5250a0000020a000001" +
		"a2a60007 5cc9c770 00000000 a002faf0 88db0000" +
		"020405b4 0402 080a41b8a78e00000000 01 03030a",
	"syn6": "020000000001 020000000002 86dd" +
		"6002578500280640 fd000000000000000000000000000002 fd000000000000000000000000000001" +
		"9ec60007 00f7e33b 00000000 a002fd20 bef60000" +
		"020405a0 0402 080a5917b5dd00000000 01 03030a",
	"arp-request": "ffffffffffff 020000000002 0806" +
		"0001080006040001 020000000002 0a000002 000000000000 0a000001",
	"arp-reply": "020000000001 020000000002 0806" +
		"0001080006040002 020000000002 0a000002 020000000001 0a000001",
	"neighbor-solicitation": "3333ff000001 020000000002 86dd" +
		"6000000000203aff fd000000000000000000000000000002 ff0200000000000000000001ff000001" +
		"87007d9700000000 fd000000000000000000000000000001 0101020000000002",
	// A report to multicast listeners: a hop-by-hop header with a router alert.
	"mld-report": "333300000016 020000000002 86dd" +
		"6000000000240001 fe80000000000000000000fffe000002 ff020000000000000000000000000016" +
		"3a00050200000100 8f0072050000000104000000ff0200000000000000000001ff000002",
}

// unhex decodes hexadecimal digits with spaces between them.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// packet returns the payload of a golden frame's Ethernet header.
func packet(t testing.TB, name string) []byte {
	t.Helper()
	_, p, err := ParseEthernet(unhex(t, golden[name]))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// everyTruncation calls parse with each proper prefix of b, and wants an error
// each time.
func everyTruncation(t *testing.T, b []byte, parse func([]byte) error) {
	t.Helper()
	if err := parse(b); err != nil {
		t.Fatalf("whole: %v", err)
	}
	for n := range b {
		if parse(b[:n:n]) == nil {
			t.Errorf("no error after %d of %d bytes", n, len(b))
		}
	}
}

// everyBitFlip calls parse with b changed in one bit at a time, and wants an
// error each time.
func everyBitFlip(t *testing.T, b []byte, parse func([]byte) error) {
	t.Helper()
	for i := range len(b) * 8 {
		changed := append([]byte(nil), b...)
		changed[i/8] ^= 1 << (i % 8)
		if parse(changed) == nil {
			t.Errorf("bit %d of byte %d flipped and nobody noticed", i%8, i/8)
		}
	}
}

var (
	mac1 = MAC{2, 0, 0, 0, 0, 1}
	mac2 = MAC{2, 0, 0, 0, 0, 2}
	ip1  = netip.MustParseAddr("10.0.0.1")
	ip2  = netip.MustParseAddr("10.0.0.2")
	ip61 = netip.MustParseAddr("fd00::1")
	ip62 = netip.MustParseAddr("fd00::2")
)
