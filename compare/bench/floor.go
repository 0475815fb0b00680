package bench

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"tcping-cmp/tap"
)

// headerOctets are what a full-sized TCP segment has beside its text: IPv4 and
// TCP headers and the timestamp option.
const headerOctets = 20 + 20 + 12

// text is how many bytes TCP would carry in so many full-sized frames.
func (t *turn) text(frames int) int64 {
	return int64(frames) * int64(t.site.Network.MTU-headerOctets)
}

// floorWrite returns how fast full-sized frames can be written to a kernel
// that looks at their destination, which is not its own, and drops them.
func floorWrite(t *turn) (float64, error) {
	frame := make([]byte, 14+t.site.Network.MTU)
	copy(frame, []byte{2, 0, 0, 0, 0, 0xff})
	copy(frame[6:], t.site.Network.MAC)
	frame[12] = 0x08
	if _, _, err := writeFor(t, frame, t.duration/warmShare); err != nil {
		return 0, err
	}
	n, took, err := writeFor(t, frame, t.duration)
	return rate(t.text(n), took), err
}

// framesBetween is how many frames are written between two looks at the
// clock.
const framesBetween = 64

func writeFor(t *turn, frame []byte, limit time.Duration) (n int, took time.Duration, err error) {
	for began := time.Now(); n == 0 || took < limit; took = time.Since(began) {
		for range framesBetween {
			if err := t.site.Link.WriteFrame(frame); err != nil {
				return n, took, err
			}
		}
		n += framesBetween
		if err := t.ctx.Err(); err != nil {
			return n, took, err
		}
	}
	return n, took, nil
}

// floorRead returns how fast full-sized frames that are waiting can be read.
// They are the kernel's answers to echo requests; writing those does not
// count.
func floorRead(t *turn) (float64, error) {
	link := t.site.Link
	peer, err := introduce(t)
	if err != nil {
		return 0, err
	}
	request, err := pingFrame(t, peer)
	if err != nil {
		return 0, err
	}
	buf := make([]byte, link.Info().MaxFrame)
	var frames int
	var took, warm time.Duration
	for warm < t.duration/warmShare || took < t.duration {
		if err := t.ctx.Err(); err != nil {
			return 0, err
		}
		for range batch {
			if err := link.WriteFrame(request); err != nil {
				return 0, err
			}
		}
		n, d, err := drain(link, buf, len(request))
		switch {
		case err != nil:
			return 0, err
		case n == 0:
			return 0, errors.New("the kernel does not answer echo requests: is net.ipv4.icmp_echo_ignore_all set?")
		case warm < t.duration/warmShare:
			warm += d
		default:
			frames, took = frames+n, took+d
		}
	}
	return rate(t.text(frames), took), nil
}

// batch is how many frames wait before they are read: half of a TAP's queue.
const batch = 500

// drain reads what is waiting and counts what is full-sized.
func drain(link tap.Link, buf []byte, full int) (n int, took time.Duration, err error) {
	if err := link.SetReadDeadline(time.Unix(1, 0)); err != nil {
		return 0, 0, err
	}
	began := time.Now()
	for {
		length, _, err := link.ReadFrame(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return n, time.Since(began), nil
		}
		if err != nil {
			return n, 0, err
		}
		if length == full {
			n++
		}
	}
}

// introduce asks for the kernel's Ethernet address, as ARP does, from which the
// kernel learns ours.
func introduce(t *turn) (peer net.HardwareAddr, err error) {
	frame, err := arpFrame(t)
	if err != nil {
		return nil, err
	}
	link := t.site.Link
	if err := link.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		return nil, err
	}
	if err := link.WriteFrame(frame); err != nil {
		return nil, err
	}
	buf := make([]byte, link.Info().MaxFrame)
	for {
		n, _, err := link.ReadFrame(buf)
		if err != nil {
			return nil, fmt.Errorf("the kernel behind the link does not answer ARP: %w", err)
		}
		p := gopacket.NewPacket(buf[:n], layers.LayerTypeEthernet, gopacket.Default)
		if a, ok := p.Layer(layers.LayerTypeARP).(*layers.ARP); ok && a.Operation == layers.ARPReply {
			return a.SourceHwAddress, nil
		}
	}
}

func arpFrame(t *turn) ([]byte, error) {
	own, mac := t.site.Network.Addr4.Addr(), t.site.Network.MAC
	return serialize(
		&layers.Ethernet{SrcMAC: mac, DstMAC: layers.EthernetBroadcast, EthernetType: layers.EthernetTypeARP},
		&layers.ARP{
			AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
			Operation: layers.ARPRequest, SourceHwAddress: mac, SourceProtAddress: own.AsSlice(),
			DstHwAddress: make([]byte, 6), DstProtAddress: t.site.Remote.Addr().AsSlice(),
		})
}

// pingFrame is an echo request that fills a frame.
func pingFrame(t *turn, peer net.HardwareAddr) ([]byte, error) {
	const icmpHeader, ipHeader = 8, 20
	return serialize(
		&layers.Ethernet{SrcMAC: t.site.Network.MAC, DstMAC: peer, EthernetType: layers.EthernetTypeIPv4},
		&layers.IPv4{
			Version: 4, TTL: 64, Protocol: layers.IPProtocolICMPv4,
			SrcIP: t.site.Network.Addr4.Addr().AsSlice(), DstIP: t.site.Remote.Addr().AsSlice(),
		},
		&layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(layers.ICMPv4TypeEchoRequest, 0)},
		gopacket.Payload(make([]byte, t.site.Network.MTU-ipHeader-icmpHeader)))
}

func serialize(list ...gopacket.SerializableLayer) ([]byte, error) {
	b := gopacket.NewSerializeBuffer()
	err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, list...)
	return b.Bytes(), err
}
