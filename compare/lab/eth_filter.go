package lab

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/net/bpf"
)

// Offsets in an untagged Ethernet frame, in bytes.
const (
	offEtherType = 12
	offIP        = 14
	off4Fragment = offIP + 6
	off4Protocol = offIP + 9
	off4Source   = offIP + 12
	off4Dest     = offIP + 16
	off6Next     = offIP + 6
	off6Source   = offIP + 8
	off6Dest     = offIP + 24
	off6Payload  = offIP + 40
)

const (
	etherIPv4, etherARP, etherIPv6  = 0x0800, 0x0806, 0x86dd
	protoICMP, protoTCP, protoICMP6 = 1, 6, 58
)

// program collects BPF instructions whose jumps all lead to one of the two
// ends, accept and drop, which are not there yet.
type program struct {
	code []bpf.Instruction
	drop []int // the JumpIfs whose SkipFalse leads to drop
}

func (p *program) add(i ...bpf.Instruction) { p.code = append(p.code, i...) }

// need drops the frame unless the size bytes at off are val.
func (p *program) need(off uint32, size int, val uint32) {
	p.add(bpf.LoadAbsolute{Off: off, Size: size})
	p.needA(val)
}

// needA drops the frame unless the accumulator is val.
func (p *program) needA(val uint32) {
	p.drop = append(p.drop, len(p.code))
	p.add(bpf.JumpIf{Cond: bpf.JumpEqual, Val: val})
}

// needAddress drops the frame unless the address is at off.
func (p *program) needAddress(off uint32, a netip.Addr) {
	b := a.AsSlice()
	for i := 0; i < len(b); i += 4 {
		p.need(off+uint32(i), 4, binary.BigEndian.Uint32(b[i:]))
	}
}

// finish appends the ends and returns the program.
func (p *program) finish() ([]bpf.RawInstruction, error) {
	p.add(bpf.RetConstant{Val: accept}, bpf.RetConstant{Val: 0})
	last := len(p.code) - 1
	for _, i := range p.drop {
		j := p.code[i].(bpf.JumpIf)
		j.SkipFalse = uint8(last - i - 1)
		p.code[i] = j
	}
	return bpf.Assemble(p.code)
}

// connectionFilter lets pass what belongs to one connection over an address
// that the host has too: the other end's segments, address resolution, and
// ICMP errors. Everything else is the host's business: a stack that saw its
// other connections would reset them.
func connectionFilter(local, remote netip.AddrPort) ([]bpf.RawInstruction, error) {
	p := new(program)
	if remote.Addr().Is4() {
		p.resolution(etherARP)
		p.need(offEtherType, 2, etherIPv4)
		p.errors4()
		p.need(off4Protocol, 1, protoTCP)
		p.needAddress(off4Source, remote.Addr())
		p.needAddress(off4Dest, local.Addr())
		p.add(bpf.LoadAbsolute{Off: off4Fragment, Size: 2}, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0x1fff})
		p.needA(0) // only the first fragment has the ports
		p.add(bpf.LoadMemShift{Off: offIP}, bpf.LoadIndirect{Off: offIP, Size: 4})
		p.needA(ports(remote, local))
		return p.finish()
	}
	p.need(offEtherType, 2, etherIPv6)
	p.control6()
	p.need(off6Next, 1, protoTCP)
	p.needAddress(off6Source, remote.Addr().WithZone(""))
	p.needAddress(off6Dest, local.Addr().WithZone(""))
	p.need(off6Payload, 4, ports(remote, local))
	return p.finish()
}

// ports is the first word of a TCP header.
func ports(source, destination netip.AddrPort) uint32 {
	return uint32(source.Port())<<16 | uint32(destination.Port())
}

const accept = 1 << 20 // bytes: all of any frame

// resolution accepts frames of the given type.
func (p *program) resolution(etherType uint32) {
	p.add(bpf.LoadAbsolute{Off: offEtherType, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: etherType, SkipTrue: 1},
		bpf.RetConstant{Val: accept})
}

// errors4 accepts ICMP errors, destination unreachable (3), source quench (4),
// redirect (5), time exceeded (11) and parameter problem (12), and drops other
// ICMP: the kernel answers an echo request already.
func (p *program) errors4() {
	p.add(bpf.LoadAbsolute{Off: off4Protocol, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: protoICMP, SkipTrue: 9},
		bpf.LoadMemShift{Off: offIP},
		bpf.LoadIndirect{Off: offIP, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 3, SkipTrue: 5},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 4, SkipTrue: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 5, SkipTrue: 3},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 11, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 12, SkipTrue: 1},
		bpf.RetConstant{Val: 0},
		bpf.RetConstant{Val: accept})
}

// control6 accepts ICMPv6 errors (1 to 4) and neighbour discovery (133 to
// 137), and drops other ICMPv6.
func (p *program) control6() {
	p.add(bpf.LoadAbsolute{Off: off6Next, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: protoICMP6, SkipTrue: 6},
		bpf.LoadAbsolute{Off: off6Payload, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: 4, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: 133, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: 137, SkipTrue: 1},
		bpf.RetConstant{Val: accept},
		bpf.RetConstant{Val: 0})
}

// addressFilter lets pass what is for an address that only the stack has, and
// address resolution, which for IPv6 is part of ICMP.
func addressFilter(local netip.Addr) ([]bpf.RawInstruction, error) {
	p := new(program)
	if local.Is4() {
		p.resolution(etherARP)
		p.need(offEtherType, 2, etherIPv4)
		p.needAddress(off4Dest, local)
		return p.finish()
	}
	p.need(offEtherType, 2, etherIPv6)
	p.add(bpf.LoadAbsolute{Off: off6Next, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: protoICMP6, SkipTrue: 1},
		bpf.RetConstant{Val: accept})
	p.needAddress(off6Dest, local.WithZone(""))
	return p.finish()
}
