package tap

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

// RFC 5227 §2.1.1: the sender's IP and the target's MAC are zero.
func TestARPProbeBytes(t *testing.T) {
	want := unhex(t, "ffffffffffff 020000000001 0806 0001 0800 06 04 0001 020000000001 00000000 000000000000 0a000007")
	if got := arpProbe(macA, mustAddr("10.0.0.7")); !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}

// RFC 4861 §4.3 and RFC 4862 §5.4.2: from :: to the solicited-node group, hop
// limit 255, no option. The checksum was worked out by hand.
func TestNDPProbeBytes(t *testing.T) {
	want := unhex(t, "3333ff345678 020000000001 86dd 60000000 0018 3a ff"+
		"00000000000000000000000000000000 ff0200000000000000000001ff345678"+
		"87 00 0000 00000000 fd000000000000000000000012345678")
	sum := uint32(24 + 58)
	for i := 22; i < len(want); i += 2 {
		sum += uint32(want[i])<<8 | uint32(want[i+1])
	}
	sum = ^(sum&0xffff + sum>>16)
	want[56], want[57] = byte(sum>>8), byte(sum)
	if got := ndpProbe(macA, mustAddr("fd00::1234:5678")); !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}

func advertisement(addr string, kind byte, source string, hop byte) []byte {
	f := ndpProbe(macB, mustAddr(addr))
	f[21] = hop
	from := mustAddr(source).As16()
	copy(f[22:38], from[:])
	f[54] = kind
	completeChecksum(f)
	return f
}

func TestConflicts(t *testing.T) {
	arp := func(operation byte, sender net.HardwareAddr, senderIP, targetIP string) []byte {
		f := arpProbe(sender, mustAddr(targetIP))
		f[21] = operation
		from := mustAddr(senderIP).As4()
		copy(f[28:], from[:])
		return f
	}
	bad := advertisement("fd00::7", 136, "fd00::7", 255)
	bad[56] ^= 1
	tagged := append(append(bytes.Clone(arp(2, macB, "10.0.0.7", "0.0.0.0")[:12]), 0x81, 0, 0, 7), arp(2, macB, "10.0.0.7", "0.0.0.0")[12:]...)
	for _, test := range []struct {
		name  string
		frame []byte
		want  bool
	}{
		{"a reply from the address", arp(2, macB, "10.0.0.7", "0.0.0.0"), true},
		{"a request from the address", arp(1, macB, "10.0.0.7", "10.0.0.1"), true},
		{"somebody else's probe for it", arp(1, macB, "0.0.0.0", "10.0.0.7"), true},
		{"behind a VLAN tag", tagged, true},
		{"our own probe", arp(1, macA, "0.0.0.0", "10.0.0.7"), false},
		{"an ordinary request for it", arp(1, macB, "10.0.0.1", "10.0.0.7"), false},
		{"another address's reply", arp(2, macB, "10.0.0.8", "0.0.0.0"), false},
		{"a short frame", arp(2, macB, "10.0.0.7", "0.0.0.0")[:41], false},
	} {
		if got := arpConflict(test.frame, macA, mustAddr("10.0.0.7")); (got != nil) != test.want {
			t.Errorf("ARP: %s: got %v", test.name, got)
		}
	}
	for _, test := range []struct {
		name  string
		frame []byte
		want  bool
	}{
		{"an advertisement", advertisement("fd00::7", 136, "fd00::7", 255), true},
		{"somebody else's detection", advertisement("fd00::7", 135, "::", 255), true},
		{"an ordinary solicitation", advertisement("fd00::7", 135, "fd00::1", 255), false},
		{"another address's advertisement", advertisement("fd00::8", 136, "fd00::8", 255), false},
		{"an advertisement from beyond the link", advertisement("fd00::7", 136, "fd00::7", 254), false},
		{"an advertisement with a wrong checksum", bad, false},
		{"our own probe", ndpProbe(macA, mustAddr("fd00::7")), false},
		{"a short frame", advertisement("fd00::7", 136, "fd00::7", 255)[:77], false},
	} {
		if got := ndpConflict(test.frame, macA, mustAddr("fd00::7")); (got != nil) != test.want {
			t.Errorf("NDP: %s: got %v", test.name, got)
		}
	}
}

// answering runs a peer that answers the n-th probe with answer.
func answering(t *testing.T, n int, answer []byte) Link {
	a, b := MemPair(MemOptions{})
	var wg sync.WaitGroup
	t.Cleanup(func() { a.Close(); b.Close(); wg.Wait() })
	wg.Go(func() {
		buf := make([]byte, 2000)
		for i := 1; ; i++ {
			if _, _, err := b.ReadFrame(buf); err != nil {
				return
			}
			b.WriteFrame(arpProbe(macB, mustAddr("10.0.0.99"))) // noise
			if i == n {
				b.WriteFrame(answer)
			}
		}
	})
	return a
}

func TestProbeAddress(t *testing.T) {
	reply := arpProbe(macB, mustAddr("10.0.0.1"))
	reply[21] = 2
	copy(reply[28:], []byte{10, 0, 0, 7})
	for _, test := range []struct {
		name, addr string
		nth        int
		answer     []byte
		taken      bool
	}{
		{"first", "10.0.0.7", 1, reply, true},
		{"last", "10.0.0.7", 3, reply, true},
		{"nobody", "10.0.0.7", 0, nil, false},
		{"mapped", "::ffff:10.0.0.7", 1, reply, true},
		{"other", "10.0.0.8", 1, reply, false},
		{"v6", "fd00::7", 2, advertisement("fd00::7", 136, "fd00::7", 255), true},
		{"v6 nobody", "fd00::7", 0, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			link := answering(t, test.nth, test.answer)
			wait := 60 * time.Millisecond
			if test.taken {
				wait = time.Second // ends with the answer; a busy machine may take its time
			}
			begin := time.Now()
			err := ProbeAddress(context.Background(), link, macA, mustAddr(test.addr), wait)
			if test.taken && (!errors.Is(err, ErrAddressTaken) || !strings.Contains(err.Error(), macB.String())) {
				t.Errorf("got %v, want one that names %v", err, macB)
			}
			if !test.taken && (err != nil || time.Since(begin) < wait) {
				t.Errorf("got %v after %v", err, time.Since(begin))
			}
		})
	}
}

func TestProbeAddressStopsWithItsContext(t *testing.T) {
	link := answering(t, 0, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	if err := ProbeAddress(ctx, link, macA, mustAddr("10.0.0.7"), time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	// The link is as before: it waits for frames, and the peer answers one.
	if err := link.WriteFrame(arpProbe(macA, mustAddr("10.0.0.1"))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := link.ReadFrame(make([]byte, 2000)); err != nil {
		t.Errorf("reading afterwards: %v", err)
	}
}

func TestProbeAddressRefusesNonsense(t *testing.T) {
	a, _ := MemPair(MemOptions{})
	for _, addr := range []netip.Addr{{}, mustAddr("0.0.0.0"), mustAddr("224.0.0.1"), mustAddr("ff02::1")} {
		if ProbeAddress(context.Background(), a, macA, addr, time.Millisecond) == nil {
			t.Errorf("%v was probed", addr)
		}
	}
	if ProbeAddress(context.Background(), a, nil, mustAddr("10.0.0.7"), time.Millisecond) == nil {
		t.Error("a probe went out from no MAC")
	}
}

func FuzzConflicts(f *testing.F) {
	f.Add(arpProbe(macB, mustAddr("10.0.0.7")))
	f.Add(advertisement("fd00::7", 136, "fd00::7", 255))
	f.Fuzz(func(t *testing.T, frame []byte) {
		before := bytes.Clone(frame)
		arpConflict(frame, macA, mustAddr("10.0.0.7"))
		ndpConflict(frame, macA, mustAddr("fd00::7"))
		if !bytes.Equal(frame, before) {
			t.Fatal("looking at a frame changed it")
		}
	})
}
