package main

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
)

// BenchmarkVirtualEcho is the eleven-frame conversation of the original
// tcping.py in virtual time: one new connection after the other on one host.
// conversations/cpu-s is what one core does that has nothing else to do: it
// counts processor time, the garbage collector's included.
func BenchmarkVirtualEcho(b *testing.B) {
	for _, stack := range virtualStacks() {
		b.Run(stack.Name(), func(b *testing.B) {
			p := newBenchPeer(b, stack)
			defer p.host.Close()
			b.ReportAllocs()
			n, used := 0, cpuTime()
			for b.Loop() {
				p.converse(b, uint16(1024+n%60000))
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "conversations/s")
			b.ReportMetric(float64(n)/(cpuTime()-used).Seconds(), "conversations/cpu-s")
		})
	}
}

// cpuTime is how much processor time this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkVirtualBackOff is a connection whose data is never acknowledged,
// until the stack gives up: fifteen retransmissions or fifteen minutes.
func BenchmarkVirtualBackOff(b *testing.B) {
	const text = `0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <...>
+.01 < S. 0:0(0) ack 1 win 65535 <mss 1460>
+0 > . 1:1(0) ack 1
+0 write(3, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+1100 read(3, ..., 1) = -1 ETIMEDOUT
`
	script, err := scenario.Read("back-off.pkt", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	for _, stack := range virtualStacks() {
		b.Run(stack.Name(), func(b *testing.B) {
			frames, virtual := 0, time.Duration(0)
			for b.Loop() {
				play := lab.PlayScript(stack, script, lab.PlayOptions{})
				frames, virtual = len(play.Recording.Frames), play.Virtual
			}
			b.ReportMetric(float64(frames), "frames")
			b.ReportMetric(virtual.Minutes(), "virtual-min")
		})
	}
}

// benchPeer is the far end of benchmark conversations: an echo server without
// a TCP, whose segments are counted out beforehand.
type benchPeer struct {
	host          lab.VirtualHost
	now           time.Time
	local, remote netip.Addr
	frame         []byte
	last          [64]byte // IP and TCP header of the stack's last segment
	asked         bool     // the stack's last frame was an ARP request
	look          func(frame []byte)
	buf           [64]byte
}

var (
	benchMAC     = []byte{2, 0, 0, 0, 0, 2}
	benchPeerMAC = []byte{2, 0, 0, 0, 0, 1}
)

func newBenchPeer(b *testing.B, stack lab.VirtualStack) *benchPeer {
	p := &benchPeer{
		now: time.Unix(1_500_000_000, 0), local: netip.MustParseAddr("192.0.2.2"), remote: netip.MustParseAddr("192.0.2.1"),
	}
	network := lab.Network{MAC: benchMAC, Addr4: netip.PrefixFrom(p.local, 24), MTU: 1500}
	host, err := stack.Start(lab.VirtualConfig{Network: network, Now: p.now, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	p.host = host
	p.look = func(frame []byte) {
		if p.asked = frame[12] == 8 && frame[13] == 6 && frame[21] == 1; !p.asked {
			copy(p.last[:], frame[14:])
		}
	}
	return p
}

// take looks at what the stack has sent, and answers ARP.
func (p *benchPeer) take() {
	p.asked = false
	if p.host.Sent(p.look); p.asked {
		reply := append(append(append([]byte{}, benchMAC...), benchPeerMAC...), 8, 6, 0, 1, 8, 0, 6, 4, 0, 2)
		reply = append(append(reply, benchPeerMAC...), p.remote.AsSlice()...)
		reply = append(append(reply, benchMAC...), p.local.AsSlice()...)
		p.host.Receive(reply)
		p.take()
	}
}

// answer sends a segment to where the stack's last one came from.
func (p *benchPeer) answer(seq, ack uint32, flags byte, payload string) {
	f := append(p.frame[:0], benchMAC...)
	f = append(f, benchPeerMAC...)
	f = append(f, 8, 0, 0x45, 0, 0, byte(40+len(payload)), 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2)
	f = append(f, p.last[22], p.last[23], p.last[20], p.last[21])
	f = binary.BigEndian.AppendUint32(f, seq)
	f = binary.BigEndian.AppendUint32(f, ack)
	f = append(f, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	f = append(f, payload...)
	binary.BigEndian.PutUint16(f[24:], ^onesSum(0, f[14:34]))
	pseudo := uint32(6 + 20 + len(payload))
	binary.BigEndian.PutUint16(f[50:], ^onesSum(uint32(onesSum(pseudo, f[26:34])), f[34:]))
	p.frame = f
	p.host.Receive(f)
	p.take()
}

func onesSum(acc uint32, b []byte) uint16 {
	for ; len(b) >= 2; b = b[2:] {
		acc += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		acc += uint32(b[0]) << 8
	}
	for acc>>16 != 0 {
		acc = acc&0xffff + acc>>16
	}
	return uint16(acc)
}

// converse holds one conversation; the peer closes first.
func (p *benchPeer) converse(b *testing.B, port uint16) {
	const (
		fin, syn, push, ack = 1, 2, 8, 16
		isn                 = 1000
		hello               = "hello"
	)
	s, err := p.host.Socket(false)
	if err == nil {
		err = s.Bind(netip.AddrPortFrom(p.local, port))
	}
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Connect(netip.AddrPortFrom(p.remote, 7)); err != syscall.EINPROGRESS {
		b.Fatalf("connect: %v", err)
	}
	p.take()
	iss := binary.BigEndian.Uint32(p.last[24:]) + 1
	p.answer(isn, iss, syn|ack, "")
	if n, err := s.Send([]byte(hello), lab.SendFlags{}); n != len(hello) {
		b.Fatalf("sent %d: %v", n, err)
	}
	p.take()
	p.answer(isn+1, iss+5, ack, "")
	p.answer(isn+1, iss+5, push|ack, hello)
	if n, err := s.Receive(p.buf[:], false); string(p.buf[:n]) != hello {
		b.Fatalf("received %q: %v", p.buf[:n], err)
	}
	p.answer(isn+6, iss+5, fin|ack, "")
	s.Close()
	p.take()
	p.answer(isn+7, iss+6, ack, "")
	if s.State() != "CLOSED" {
		b.Fatalf("ended in %s", s.State())
	}
	p.now = p.now.Add(time.Millisecond)
	p.host.Advance(p.now)
	p.take()
}
