package lab

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"tcping-cmp/compare/scenario"
)

// talk is one TCP connection as the scripted peer sees it: what it takes to
// turn the numbers of a script into those on the wire and back.
type talk struct {
	local, remote uint16 // ports of the stack and of the peer

	hasLocal  bool   // the stack has sent a SYN
	localISN  uint32 // of it, on the wire
	localBase uint32 // its number in the script
	next      uint32 // after all that the stack has sent

	hasRemote bool   // the peer has sent a SYN
	remoteISN uint32 // of it; the script's number goes on the wire as it is

	lastTSval uint32            // of the stack
	stamps    map[uint32]uint32 // the script's TSval to the stack's
	firstTS   tsPoint           // by which later timestamps are checked

	written []byte // by the application, in the order of the stream
}

// tsPoint is a timestamp that the script names and the stack sent.
type tsPoint struct {
	set            bool
	script, onWire uint32
}

// sent takes note of a segment of the stack.
func (t *talk) sent(s *seen) {
	if s.flags&flagSYN != 0 && (!t.hasLocal || s.seq != t.localISN) {
		t.hasLocal, t.localISN, t.next = true, s.seq, s.seq+1
	}
	if end := s.end(); s.flags&flagRST == 0 && int32(end-t.next) > 0 {
		t.next = end
	}
	if val, _, ok := s.timestamps(); ok {
		t.lastTSval = val
	}
}

// inject builds the frame that a line of the script sends.
func (p *player) inject(k *scenario.Packet) []byte {
	h := p.header(&k.IP)
	f := faulty{}
	switch {
	case k.TCP != nil:
		h.protocol = protocolTCP
		s := p.segment(k.TCP)
		body := appendSegment(nil, &s)
		f = faulty{b: append(appendIP(nil, h, len(body)), body...), transport: protocolTCP, checksum: 16}
	case k.ICMP != nil:
		h.protocol = protocolICMP4
		if h.dst.Is6() {
			h.protocol = protocolICMP6
		}
		body := p.icmp(k.ICMP)
		f = faulty{b: append(appendIP(nil, h, len(body)), body...), transport: h.protocol, checksum: 2}
	default:
		return p.frame(k.Raw)
	}
	f.ipLen = 40
	if h.dst.Is4() {
		f.ipLen = 20
	}
	return p.frame(f.finish(h, k.Faults))
}

// frame puts an IP packet of the peer's into a frame.
func (p *player) frame(packet []byte) []byte {
	etherType := uint16(etherIPv4)
	if p.local.Is6() {
		etherType = etherIPv6
	}
	return append(appendEther(make([]byte, 0, etherHeader+len(packet)), labClientMAC, labServerMAC, etherType), packet...)
}

// header takes the IP fields of a script.
func (p *player) header(m *scenario.IPMarks) header {
	p.ipID++
	h := header{src: p.remote, dst: p.local, ttl: 64, id: p.ipID, flowLabel: m.FlowLabel.N}
	if m.TOS.Set() {
		h.tos = uint8(m.TOS.N)
	}
	if m.DSCP.Set() {
		h.tos = h.tos&3 | uint8(m.DSCP.N)<<2
	}
	switch m.ECN {
	case scenario.ECT0:
		h.tos = h.tos&^3 | 2
	case scenario.ECT1:
		h.tos = h.tos&^3 | 1
	case scenario.CE:
		h.tos |= 3
	}
	if m.TTL.Set() {
		h.ttl = uint8(m.TTL.N)
	}
	if m.ID.Set() {
		h.id = uint16(m.ID.N)
	}
	if m.DontFragment.N != 0 {
		h.fragment = dontFragment
	}
	return h
}

// talkOf finds the connection that a line is about, and makes it if the
// peer begins it.
func (p *player) talkOf(ports *scenario.Ports) *talk {
	if ports == nil {
		if len(p.talks) > 0 {
			return p.talks[len(p.talks)-1]
		}
		return p.newTalk(p.listenPort(), p.remotePort)
	}
	for _, t := range slices.Backward(p.talks) {
		if t.remote == ports.Src && t.local == ports.Dst {
			return t
		}
	}
	return p.newTalk(ports.Dst, ports.Src)
}

func (p *player) newTalk(local, remote uint16) *talk {
	t := &talk{local: local, remote: remote, stamps: map[uint32]uint32{}}
	p.talks = append(p.talks, t)
	return t
}

// segment turns a line of the script into numbers on the wire.
func (p *player) segment(l *scenario.TCP) peerSegment {
	t := p.talkOf(l.Ports)
	syn := l.Flags&scenario.SYN != 0
	if syn && !t.hasRemote {
		t.hasRemote, t.remoteISN = true, l.Seq.Start
	}
	s := peerSegment{
		src: t.remote, dst: t.local, seq: l.Seq.Start, flags: uint16(l.Flags), window: 65535,
		payload: make([]byte, l.Seq.Len),
	}
	if !syn && l.Seq.Kind != scenario.Literal {
		s.seq += t.remoteISN
	}
	if l.ACE.Kind == scenario.Exact {
		s.flags = s.flags&^(flagAE|flagCWR|flagECE) | aceFlags(l.ACE.N)
	}
	switch l.Ack.Kind {
	case scenario.Exact:
		s.ack = l.Ack.N + t.localISN
		if syn {
			s.ack -= t.localBase
		}
	case scenario.Literal:
		s.ack = l.Ack.N
	case scenario.Auto:
		s.ack = t.next
	}
	if l.Window.Set() {
		s.window = uint16(l.Window.N)
	}
	s.urgent = uint16(l.Urgent.N)
	if l.Options != nil {
		for i := range l.Options.List {
			s.options = t.option(s.options, &l.Options.List[i])
		}
	}
	stream(s.payload, s.seq-t.remoteISN)
	return s
}

// aceFlags puts the three bits of an AccECN counter into their flags.
func aceFlags(n uint32) uint16 { return uint16(n&7) << 6 }

// stream fills payload with what stands at this place of the peer's stream:
// letters, so that a byte out of its place shows.
func stream(payload []byte, at uint32) {
	for i := range payload {
		payload[i] = 'a' + byte((at+uint32(i))%26)
	}
}

// option appends the bytes that an option of the script stands for.
func (t *talk) option(b []byte, o *scenario.TCPOption) []byte {
	switch o.Kind {
	case scenario.OptEOL:
		return append(b, kindEOL)
	case scenario.OptNOP:
		return append(b, kindNOP)
	case scenario.OptMSS:
		return append(b, kindMSS, 4, byte(o.Value.N>>8), byte(o.Value.N))
	case scenario.OptWindowScale:
		return append(b, kindWScale, 3, byte(o.Value.N))
	case scenario.OptSACKPermitted:
		return append(b, kindSACKOK, 2)
	case scenario.OptTimestamps:
		b = append(b, kindTimestamps, 10)
		b = binary.BigEndian.AppendUint32(b, o.Value.N)
		return binary.BigEndian.AppendUint32(b, t.echo(o.Echo))
	case scenario.OptSACK:
		b = append(b, kindSACK, byte(2+8*len(o.Blocks)))
		for _, block := range o.Blocks {
			b = binary.BigEndian.AppendUint32(b, block.Left+t.localISN)
			b = binary.BigEndian.AppendUint32(b, block.Right+t.localISN)
		}
		return b
	case scenario.OptRaw:
		return append(b, o.Data...)
	case scenario.OptGeneric:
		length := uint32(2 + len(o.Data))
		if o.Value.Set() {
			length = o.Value.N
		}
		return append(append(b, o.Number, byte(length)), o.Data...)
	}
	kind, data := rareOption(o)
	return append(append(b, kind, byte(2+len(data))), data...)
}

// rareOption gives the bytes of the rarer options.
func rareOption(o *scenario.TCPOption) (kind uint8, data []byte) {
	switch o.Kind {
	case scenario.OptMD5:
		return kindMD5, o.Data
	case scenario.OptFastOpen:
		return kindFastOpen, o.Data
	case scenario.OptFastOpenExp:
		return kindExperiment, append([]byte{0xf9, 0x89}, o.Data...)
	case scenario.OptAccECN:
		kind = kindAccECN1
		if len(o.Fields) > 0 && o.Fields[0].Name == "e0b" {
			kind = kindAccECN0
		}
		for _, f := range o.Fields {
			data = append(data, byte(f.N>>16), byte(f.N>>8), byte(f.N))
		}
		return kind, data
	}
	panic("BUG: a TCP option that the player does not know: " + string(o.Kind))
}

// echo turns the TSecr of a line into that on the wire: the timestamp of the
// stack that the script names so, or counted from the first one it names.
func (t *talk) echo(v scenario.Value) uint32 {
	switch v.Kind {
	case scenario.Auto:
		return t.lastTSval
	case scenario.Literal:
		return v.N
	}
	if onWire, ok := t.stamps[v.N]; ok {
		return onWire
	}
	if t.firstTS.set {
		return v.N - t.firstTS.script + t.firstTS.onWire
	}
	return v.N
}

// remoteAddr is the far end of a connection.
func (p *player) remoteAddr(t *talk) netip.AddrPort { return netip.AddrPortFrom(p.remote, t.remote) }
