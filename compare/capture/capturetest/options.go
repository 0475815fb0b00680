package capturetest

import "encoding/binary"

// MSS is the option with that value.
func MSS(v uint16) []byte { return []byte{2, 4, byte(v >> 8), byte(v)} }

// WS is the window scale option, with a NOP before it.
func WS(shift uint8) []byte { return []byte{1, 3, 3, shift} }

// SACKOK is SACK-permitted, with two NOPs before it.
func SACKOK() []byte { return []byte{1, 1, 4, 2} }

// TS is the timestamps option, with two NOPs before it.
func TS(val, ecr uint32) []byte {
	b := []byte{1, 1, 8, 10}
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, val), ecr)
}

// SACK is the SACK option with blocks of absolute numbers: left and right edge
// of each.
func SACK(edges ...uint32) []byte {
	b := []byte{1, 1, 5, byte(2 + 4*len(edges))}
	for _, edge := range edges {
		b = binary.BigEndian.AppendUint32(b, edge)
	}
	return b
}

// Opts puts options together.
func Opts(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// Open adds a handshake with these options on the two SYNs; every later
// segment must bring its own timestamps.
func (t *Talk) Open(syn, synAck []byte) *Talk {
	t.Out(Seg{Flags: SYN, Window: 64240, Options: syn})
	t.In(Seg{Flags: SYN | ACK, Ack: 1, Window: 65160, Options: synAck})
	return t
}

// Echo adds the eleven frames of a conversation without options in which the
// server echoes once and closes first.
func (t *Talk) Echo(data string) *Talk {
	n := int64(len(data))
	mss := uint16(1460)
	if t.Client.Addr().Is6() {
		mss = 1440
	}
	t.Open(MSS(mss), MSS(mss))
	t.Out(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 64240})
	t.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: data})
	t.In(Seg{Flags: ACK, Seq: 1, Ack: 1 + n, Window: 65160})
	t.In(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1 + n, Window: 65160, Payload: data})
	t.Out(Seg{Flags: ACK, Seq: 1 + n, Ack: 1 + n, Window: 64240})
	t.In(Seg{Flags: FIN | ACK, Seq: 1 + n, Ack: 1 + n, Window: 65160})
	t.Out(Seg{Flags: ACK, Seq: 1 + n, Ack: 2 + n, Window: 64240})
	t.Out(Seg{Flags: FIN | ACK, Seq: 1 + n, Ack: 2 + n, Window: 64240})
	t.In(Seg{Flags: ACK, Seq: 2 + n, Ack: 2 + n, Window: 65160})
	return t
}
