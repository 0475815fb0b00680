// Package capturetest builds conversations byte by byte for the tests of the
// judge. It shares no code with what decodes them; Capture and CaptureFile write them as
// the judge does.
package capturetest

import (
	"encoding/binary"
	"net/netip"
	"time"

	"tcping-cmp/tap"
)

// Talk is a conversation under construction. Its numbers are relative: the
// initial sequence numbers are added on the way out.
type Talk struct {
	Client, Server netip.AddrPort
	ISS, IRS       uint32
	Now            time.Time
	Step           time.Duration // how far apart two frames are
	TTL            uint8         // of the client's packets
	MTU            int
	DF             bool   // of the client's packets
	ID             uint16 // of the client's next packet
	IDStep         uint16
	Flags          tap.FrameFlags // of every frame
	Frames         []tap.Frame
}

// New begins a conversation over IPv4: client 192.0.2.1:40000, server
// 192.0.2.2:7, a millisecond between frames.
func New() *Talk {
	return &Talk{
		Client: netip.MustParseAddrPort("192.0.2.1:40000"), Server: netip.MustParseAddrPort("192.0.2.2:7"),
		ISS: 1_000_000, IRS: 0xffff_fff0, // the server's numbers wrap around soon
		Now: time.Unix(1_700_000_000, 0), Step: time.Millisecond, TTL: 64, MTU: 1500, DF: true, ID: 100, IDStep: 1,
	}
}

// New6 begins one over IPv6.
func New6() *Talk {
	t := New()
	t.Client = netip.MustParseAddrPort("[2001:db8::1]:40000")
	t.Server = netip.MustParseAddrPort("[2001:db8::2]:7")
	return t
}

// Seg is a segment with relative numbers.
type Seg struct {
	Flags     uint16 // bits 0 to 7 as in byte 13, 8 to 11 reserved
	Seq, Ack  int64
	Window    uint16
	Urgent    uint16
	Options   []byte // padded to a multiple of four with zeros
	Payload   string
	IPOptions []byte // of IPv4, a multiple of four
	TOS       uint8
	TTL       uint8 // 0: the default of the side
	NoDF      bool
	Pad       int                 // bytes after the IP packet
	Mangle    func(packet []byte) // changes the IP packet after the checksums are right
	Partial   bool                // only the pseudo-header's sum is in the checksum field
}

// The control bits, so that tests need no other package for them.
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Out adds a segment of the client's.
func (t *Talk) Out(s Seg) *Talk { return t.add(tap.Out, s) }

// In adds a segment of the server's.
func (t *Talk) In(s Seg) *Talk { return t.add(tap.In, s) }

// Wait lets time pass.
func (t *Talk) Wait(d time.Duration) *Talk {
	t.Now = t.Now.Add(d)
	return t
}

// Raw adds a frame as it is.
func (t *Talk) Raw(dir tap.Direction, frame []byte) *Talk {
	t.Frames = append(t.Frames, tap.Frame{Time: t.Now, Dir: dir, Flags: t.Flags, Data: frame})
	return t.Wait(t.Step)
}

// Recording is what was built so far, as from a TAP device.
func (t *Talk) Recording() tap.Recording {
	return tap.Recording{Link: tap.Info{Kind: tap.KindTAP, Name: "test0", MTU: t.MTU, MaxFrame: t.MTU + 18}, Frames: t.Frames}
}

func (t *Talk) add(dir tap.Direction, s Seg) *Talk {
	src, dst, iss, irs, ttl := t.Client, t.Server, t.ISS, t.IRS, t.TTL
	id, df := t.ID, t.DF && !s.NoDF
	if dir == tap.In {
		src, dst, iss, irs, ttl = t.Server, t.Client, t.IRS, t.ISS, 64
		id, df = 0, true
	} else {
		t.ID += t.IDStep
	}
	if s.TTL != 0 {
		ttl = s.TTL
	}
	segment := tcp(src, dst, iss, irs, s)
	packet := ip(src.Addr(), dst.Addr(), ttl, s.TOS, id, df, segment)
	if len(s.IPOptions) > 0 {
		packet = withOptions(packet, s.IPOptions)
	}
	if s.Mangle != nil {
		s.Mangle(packet)
	}
	return t.Raw(dir, append(ethernet(dir, src.Addr().Is4()), append(packet, make([]byte, s.Pad)...)...))
}

func ethernet(dir tap.Direction, v4 bool) []byte {
	client, server := []byte{2, 0, 0, 0, 0, 1}, []byte{2, 0, 0, 0, 0, 2}
	if dir == tap.In {
		client, server = server, client
	}
	kind := []byte{0x08, 0x00}
	if !v4 {
		kind = []byte{0x86, 0xdd}
	}
	return append(append(append([]byte{}, server...), client...), kind...)
}

func tcp(src, dst netip.AddrPort, iss, irs uint32, s Seg) []byte {
	for len(s.Options)%4 != 0 {
		s.Options = append(s.Options[:len(s.Options):len(s.Options)], 0)
	}
	b := make([]byte, 20, 20+len(s.Options)+len(s.Payload))
	binary.BigEndian.PutUint16(b[0:], src.Port())
	binary.BigEndian.PutUint16(b[2:], dst.Port())
	binary.BigEndian.PutUint32(b[4:], iss+uint32(s.Seq))
	if s.Flags&ACK != 0 {
		binary.BigEndian.PutUint32(b[8:], irs+uint32(s.Ack))
	}
	b[12] = byte((20+len(s.Options))/4)<<4 | byte(s.Flags>>8&15)
	b[13] = byte(s.Flags)
	binary.BigEndian.PutUint16(b[14:], s.Window)
	binary.BigEndian.PutUint16(b[18:], s.Urgent)
	b = append(append(b, s.Options...), s.Payload...)
	pseudo := append(append(src.Addr().AsSlice(), dst.Addr().AsSlice()...), 0, 6, byte(len(b)>>8), byte(len(b)))
	if s.Partial {
		binary.BigEndian.PutUint16(b[16:], ^Checksum(pseudo))
	} else {
		binary.BigEndian.PutUint16(b[16:], Checksum(append(pseudo, b...)))
	}
	return b
}

func ip(src, dst netip.Addr, ttl, tos uint8, id uint16, df bool, payload []byte) []byte {
	if src.Is6() {
		b := make([]byte, 8, 40+len(payload))
		b[0], b[1] = 0x60|tos>>4, tos<<4
		binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
		b[6], b[7] = 6, ttl
		return append(append(append(b, src.AsSlice()...), dst.AsSlice()...), payload...)
	}
	b := make([]byte, 12, 20+len(payload))
	b[0], b[1] = 0x45, tos
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(b[4:], id)
	if df {
		b[6] = 0x40
	}
	b[8], b[9] = ttl, 6
	b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
	binary.BigEndian.PutUint16(b[10:], Checksum(b))
	return append(b, payload...)
}

// Checksum is the Internet checksum, word by word as RFC 1071 §1 tells it.
func Checksum(b []byte) uint16 {
	var total uint32
	for i := 0; i < len(b); i += 2 {
		word := uint32(b[i]) << 8
		if i+1 < len(b) {
			word |= uint32(b[i+1])
		}
		total += word
		if total > 0xffff {
			total -= 0xffff
		}
	}
	return ^uint16(total)
}

// withOptions puts options behind the IPv4 header.
func withOptions(packet, options []byte) []byte {
	b := append(append(append([]byte{}, packet[:20]...), options...), packet[20:]...)
	b[0] += byte(len(options) / 4)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:], Checksum(b[:20+len(options)]))
	return b
}

// Message adds an ICMP error of the server's that quotes a packet of the
// client's whose first octet has the relative number seq. The last four bytes
// of the ICMP header are rest. Over IPv6 kind and code are those of ICMPv6.
func (t *Talk) Message(kind, code uint8, rest uint32, seq int64) *Talk {
	inner := ip(t.Client.Addr(), t.Server.Addr(), 64, 0, 1, true, tcp(t.Client, t.Server, t.ISS, t.IRS, Seg{Flags: ACK, Seq: seq}))
	b := binary.BigEndian.AppendUint32([]byte{kind, code, 0, 0}, rest)
	b = append(b, inner...)
	src, dst := t.Server.Addr(), t.Client.Addr()
	sum := Checksum(b)
	if src.Is6() {
		sum = Checksum(append(append(append(src.AsSlice(), dst.AsSlice()...), 0, 0, byte(len(b)>>8), byte(len(b)), 0, 0, 0, 58), b...))
	}
	b[2], b[3] = byte(sum>>8), byte(sum)
	packet := ip(src, dst, 64, 0, 0, true, b)
	if src.Is6() {
		packet[6] = 58
		return t.Raw(tap.In, append(ethernet(tap.In, false), packet...))
	}
	packet[9], packet[10], packet[11] = 1, 0, 0
	binary.BigEndian.PutUint16(packet[10:], Checksum(packet[:20]))
	return t.Raw(tap.In, append(ethernet(tap.In, true), packet...))
}
