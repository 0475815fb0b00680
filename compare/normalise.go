package compare

import (
	"encoding/binary"
	"fmt"
	"net"
	"strconv"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// normalised lists what was taken out before the two conversations were
// compared, where they differ in it.
func normalised(ref, test *view) []Normalisation {
	list := []Normalisation{}
	add := func(name, why, x, y string) {
		if x != y {
			list = append(list, Normalisation{name, why, x, y})
		}
	}
	c, d := ref.c, test.c
	add("client's initial sequence number", "RFC 9293 §3.4.1: free; numbers are counted from it", fmt.Sprint(c.ISS), fmt.Sprint(d.ISS))
	add("server's initial sequence number", "RFC 9293 §3.4.1: free; numbers are counted from it", fmt.Sprint(c.IRS), fmt.Sprint(d.IRS))
	add("client's port", "RFC 6056: any ephemeral port", fmt.Sprint(c.Client.Port()), fmt.Sprint(d.Client.Port()))
	add("server's port", "compared by role", fmt.Sprint(c.Server.Port()), fmt.Sprint(d.Server.Port()))
	add("client's address", "compared by role", c.Client.Addr().String(), d.Client.Addr().String())
	add("server's address", "compared by role", c.Server.Addr().String(), d.Server.Addr().String())
	for _, side := range [...]struct {
		dir  tap.Direction
		name string
	}{{tap.Out, "client's"}, {tap.In, "server's"}} {
		x, y := ref.facts(side.dir), test.facts(side.dir)
		add(side.name+" MAC address", "compared by role", x.mac, y.mac)
		add(side.name+" first timestamp", "RFC 7323 §5.4: any origin; only echoes and order count", x.tsval, y.tsval)
		add(side.name+" first IP identification", "RFC 6864: the values are free; the way of counting is compared", x.id, y.id)
		add(side.name+" first flow label", "RFC 6437 §3: the values are free; whether they change is compared", x.label, y.label)
		add(side.name+" link padding", "cut at the IP length", x.padded, y.padded)
		add(side.name+" VLAN tag", "a matter of the link", x.vlan, y.vlan)
	}
	return list
}

// facts are the values of one side that are taken out.
type facts struct{ mac, tsval, id, label, padded, vlan string }

func (v *view) facts(dir tap.Direction) (f facts) {
	f.tsval, f.id, f.label, f.mac = "none", "none", "none", "none"
	segments := &v.segments[dir]
	if segments.first != nil {
		f.first(v, segments.first)
	}
	f.padded = strconv.Itoa(segments.padded) + " frames padded"
	f.vlan = strconv.Itoa(segments.tagged) + " frames tagged"
	return f
}

// first takes what a side's first segment shows.
func (f *facts) first(v *view, e *capture.Event) {
	if raw, err := v.c.Raw(e, nil); err == nil && e.IPOffset >= 14 && len(raw) >= 14 && etherTypeKnown(raw) {
		f.mac = net.HardwareAddr(raw[6:12]).String()
	}
	if e.Marks.Has(capture.HasTimestamps) {
		f.tsval = strconv.FormatUint(uint64(e.TSVal), 10)
	}
	if e.Marks.Has(capture.IPv6) {
		f.label = fmt.Sprintf("%#05x", e.FlowLabel)
	} else {
		f.id = fmt.Sprintf("%#04x", e.IPID)
	}
}

// etherTypeKnown tells an Ethernet header from the others.
func etherTypeKnown(raw []byte) bool {
	switch binary.BigEndian.Uint16(raw[12:]) {
	case 0x0800, 0x86dd, 0x8100, 0x88a8:
		return true
	}
	return false
}
