package tap

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// ProbeTime is how long ProbeAddress listens unless it is told otherwise. RFC
// 5227 §1.1 spreads three probes over up to seven seconds, for hosts that
// configure themselves; here somebody waits for the answer, and a host on the
// same Ethernet answers within milliseconds.
const ProbeTime = 600 * time.Millisecond

// grace is how long frames that were waiting are looked at.
const grace = 50 * time.Millisecond

// probes is how many are sent, as in RFC 5227 §1.1.
const probes = 3

// ProbeAddress finds out whether a host on the link uses addr, by asking three
// times in the time of wait (0 means ProbeTime) from the address mac: with ARP
// probes (RFC 5227 §2.1.1), or for IPv6 with the neighbour solicitations of
// duplicate address detection (RFC 4862 §5.4). It returns nil if nobody
// answers, an error that unwraps to ErrAddressTaken and names the other host's
// MAC if somebody does, or the context's error.
//
// If mac is not the interface's own, the link has to be promiscuous to hear
// the answers. Nobody else may read the link meanwhile; frames that are not answers are
// thrown away. The read deadline is never when it returns.
//
// # Limitations
//
// A host that is asleep, or that ignores ARP, is not found. For IPv6, whether
// solicitations reach all hosts depends on switches that snoop multicast.
func ProbeAddress(ctx context.Context, link Link, mac net.HardwareAddr, addr netip.Addr, wait time.Duration) error {
	addr = addr.Unmap().WithZone("")
	if len(mac) != 6 || !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() {
		return fmt.Errorf("probing %v from %v: one of them cannot be a host's", addr, mac)
	}
	if wait == 0 {
		wait = ProbeTime
	}
	probe, check := arpProbe(mac, addr), arpConflict
	if addr.Is6() {
		probe, check = ndpProbe(mac, addr), ndpConflict
	}
	defer link.SetReadDeadline(time.Time{})
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		link.SetReadDeadline(time.Unix(1, 0))
		close(woken)
	})
	defer func() {
		if !stop() {
			<-woken // or it would set its deadline after the last one
		}
	}()
	begin := time.Now()
	for i := range probes {
		if err := link.WriteFrame(probe); err != nil {
			return fmt.Errorf("probing %v: %w", addr, err)
		}
		until := begin.Add(wait * time.Duration(i+1) / probes)
		taker, err := listen(ctx, link, until, func(frame []byte) net.HardwareAddr { return check(frame, mac, addr) })
		if err != nil {
			return fmt.Errorf("probing %v: %w", addr, err)
		}
		if taker != nil {
			return fmt.Errorf("%v: %w by the host with MAC %v: choose one that nobody uses", addr, ErrAddressTaken, taker)
		}
	}
	return nil
}

// listen reads frames until one is a conflict or the time is over.
func listen(ctx context.Context, link Link, until time.Time, conflict func([]byte) net.HardwareAddr) (net.HardwareAddr, error) {
	link.SetReadDeadline(until)
	buf := make([]byte, link.Info().MaxFrame)
	for {
		// A deadline set above may have covered the one of the context.
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, _, err := link.ReadFrame(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, ctx.Err()
		case errors.Is(err, ErrFrameTooLong):
		case err != nil:
			return nil, err
		default:
			if taker := conflict(buf[:n]); taker != nil {
				return taker, nil
			}
		}
		// What waits when the time is over is still looked at, but a busy link
		// must not prolong it for ever.
		if time.Now().After(until.Add(grace)) {
			return nil, nil
		}
	}
}

const (
	arpRequest = 1
	arpLen     = 28
)

// arpProbe asks for addr without claiming it: the sender's IP address is zero.
func arpProbe(mac net.HardwareAddr, addr netip.Addr) []byte {
	f := ethernet(net.HardwareAddr{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, mac, typeARP)
	f = append(f, 0, 1, typeIPv4>>8, typeIPv4&0xff, 6, 4, 0, arpRequest) // Ethernet, IPv4, their lengths
	f = append(f, mac...)
	f = append(f, make([]byte, 4+6)...)
	return append(f, addr.AsSlice()...)
}

func ethernet(dst, src net.HardwareAddr, etherType uint16) []byte {
	f := append(bytes.Clone(dst), src...)
	return binary.BigEndian.AppendUint16(f, etherType)
}

// arpConflict returns the MAC of a host that uses addr, or that probes for it
// at the same time (RFC 5227 §2.1.1).
func arpConflict(frame []byte, mac net.HardwareAddr, addr netip.Addr) net.HardwareAddr {
	etherType, offset, ok := network(frame)
	if !ok || etherType != typeARP || len(frame) < offset+arpLen {
		return nil
	}
	p := frame[offset:]
	if !bytes.Equal(p[:6], []byte{0, 1, typeIPv4 >> 8, typeIPv4 & 0xff, 6, 4}) {
		return nil
	}
	sender, senderIP, targetIP := net.HardwareAddr(bytes.Clone(p[8:14])), netip.AddrFrom4([4]byte(p[14:18])), netip.AddrFrom4([4]byte(p[24:28]))
	if bytes.Equal(sender, mac) {
		return nil
	}
	probing := senderIP.IsUnspecified() && targetIP == addr && binary.BigEndian.Uint16(p[6:]) == arpRequest
	if senderIP == addr || probing {
		return sender
	}
	return nil
}

const (
	ndpSolicitation  = 135
	ndpAdvertisement = 136
	ndpHopLimit      = 255
	ndpLen           = 24 // type, code, checksum, flags, target
)

// ndpProbe solicits addr from the unspecified address, so without an option
// that would give ours (RFC 4861 §4.3).
func ndpProbe(mac net.HardwareAddr, addr netip.Addr) []byte {
	target := addr.As16()
	group := netip.MustParseAddr("ff02::1:ff00:0").As16() // solicited-node multicast, RFC 4291 §2.7.1
	copy(group[13:], target[13:])
	f := ethernet(net.HardwareAddr{0x33, 0x33, group[12], group[13], group[14], group[15]}, mac, typeIPv6)
	f = append(f, 0x60, 0, 0, 0, 0, ndpLen, protoICMPv6, ndpHopLimit)
	f = append(f, make([]byte, 16)...)
	f = append(f, group[:]...)
	f = append(f, ndpSolicitation, 0, 0, 0, 0, 0, 0, 0)
	f = append(f, target[:]...)
	completeChecksum(f)
	return f
}

// ndpConflict returns the MAC of a host that advertises addr, or that runs
// duplicate address detection for it at the same time.
func ndpConflict(frame []byte, mac net.HardwareAddr, addr netip.Addr) net.HardwareAddr {
	etherType, offset, ok := network(frame)
	if !ok || etherType != typeIPv6 {
		return nil
	}
	t, ok := transport6(frame, offset)
	if !ok || t.proto != protoICMPv6 || t.end-t.start < ndpLen {
		return nil
	}
	icmp := frame[t.start:t.end]
	sender := net.HardwareAddr(bytes.Clone(frame[6:12]))
	if frame[offset+7] != ndpHopLimit || t.sum(icmp) != 0 || bytes.Equal(sender, mac) || netip.AddrFrom16([16]byte(icmp[8:24])) != addr {
		return nil
	}
	source := netip.AddrFrom16([16]byte(frame[offset+8 : offset+24]))
	if icmp[0] == ndpAdvertisement || icmp[0] == ndpSolicitation && source.IsUnspecified() {
		return sender
	}
	return nil
}
