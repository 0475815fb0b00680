package capture_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

// pcapFile writes frames in the classic format.
func pcapFile(order binary.AppendByteOrder, nano bool, link uint32, frames []tap.Frame) []byte {
	magic, tick := uint32(0xa1b2c3d4), int64(1000)
	if nano {
		magic, tick = 0xa1b23c4d, 1
	}
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	for _, v := range []uint32{0, 0, 65535, link} {
		b = order.AppendUint32(b, v)
	}
	for _, f := range frames {
		ns := f.Time.UnixNano()
		for _, v := range []uint32{uint32(ns / 1e9), uint32(ns % 1e9 / tick), uint32(len(f.Data)), uint32(len(f.Data))} {
			b = order.AppendUint32(b, v)
		}
		b = append(b, f.Data...)
	}
	return b
}

// block writes a pcapng block.
func block(order binary.AppendByteOrder, kind uint32, body ...[]byte) []byte {
	all := bytes.Join(body, nil)
	for len(all)%4 != 0 {
		all = append(all, 0)
	}
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, uint32(len(all)+12))
	return order.AppendUint32(append(b, all...), uint32(len(all)+12))
}

func words(order binary.AppendByteOrder, values ...uint32) (b []byte) {
	for _, v := range values {
		b = order.AppendUint32(b, v)
	}
	return b
}

func option(order binary.AppendByteOrder, code uint16, value []byte) []byte {
	b := order.AppendUint16(order.AppendUint16(nil, code), uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func section(order binary.AppendByteOrder) []byte {
	return block(order, 0x0a0d0d0a, words(order, 0x1a2b3c4d), order.AppendUint16(order.AppendUint16(nil, 1), 0), bytes.Repeat([]byte{0xff}, 8))
}

func idb(order binary.AppendByteOrder, link uint16, options ...[]byte) []byte {
	return block(order, 1, order.AppendUint16(order.AppendUint16(nil, link), 0), words(order, 65535), bytes.Join(options, nil))
}

func epb(order binary.AppendByteOrder, iface uint32, stamp uint64, data []byte) []byte {
	return block(order, 6, words(order, iface, uint32(stamp>>32), uint32(stamp), uint32(len(data)), uint32(len(data))), data)
}

func read(t *testing.T, file []byte) *capture.File {
	t.Helper()
	f, err := capture.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func echo() []tap.Frame { return New().Echo("hello").Frames }

// orders are both byte orders by name.
var orders = map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian}
