package compare

import (
	"net/netip"
	"reflect"
	"testing"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// TestAlikeMeansThatNoFieldDiffers changes each value of a segment, bit by bit:
// where the two are still called alike, no field may tell them apart. A
// segment and its copy are alike.
func TestAlikeMeansThatNoFieldDiffers(t *testing.T) {
	talk := New().Open(Opts(MSS(1460), SACKOK(), TS(1, 0), WS(7)), Opts(MSS(1460), SACKOK(), TS(9, 1), WS(2)))
	talk.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 502, Options: TS(2, 9), Payload: "hello"})
	talk.In(Seg{Flags: ACK, Seq: 1, Ack: 6, Window: 502, Options: Opts(TS(9, 2), SACK(1, 2))})
	talk.Out(Seg{Flags: RST, Seq: 6, Ack: 7})
	c, err := capture.FromRecording("stack", talk.Recording(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	v := newView(c)
	p := &pair{ref: v, test: v, known: map[uint64]layoutVerdict{}}
	alike, seen := 0, 0
	look := func(x, y *capture.Event, what string) {
		p.x, p.y = x, y
		if seen++; !p.alike() {
			return
		}
		alike++
		for n := range fields {
			if f := &fields[n]; f.kinds&forTCP != 0 && f.differs(p) {
				t.Errorf("%s: alike, but %s differs", what, f.name)
			}
		}
	}
	for _, x := range c.Events {
		copied := *x
		if look(x, &copied, "a copy"); x.Flags.Has(capture.ACK) && x.SACKCount == 0 && !p.alike() {
			t.Errorf("%s %d is not like itself", x.Flags, x.RelSeq)
		}
		kind := reflect.TypeFor[capture.Event]()
		for n := range kind.NumField() {
			field := kind.Field(n)
			if !field.IsExported() || field.Name == "Kind" || field.Name == "Dir" { // what is paired has both in common
				continue
			}
			for bit := range field.Type.Bits() {
				y := *x
				switch value := reflect.ValueOf(&y).Elem().Field(n); {
				case value.CanUint():
					value.SetUint(value.Uint() ^ 1<<bit)
				default:
					value.SetInt(value.Int() ^ 1<<bit)
				}
				if y.SACKCount > x.SACKCount { // there are no such blocks
					continue
				}
				look(x, &y, field.Name)
			}
		}
	}
	if alike == 0 || alike == seen {
		t.Errorf("%d of %d pairs are alike", alike, seen)
	}
}
