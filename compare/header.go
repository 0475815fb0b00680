package compare

import (
	"fmt"
	"strconv"
	"strings"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// Header is what stands in the headers of a frame of one of the two first
// conversations, by the names of Wireshark's fields. Sequence numbers are
// relative but for those called raw.
func (r *Report) Header(side Sides, i int32) []Setting {
	v := r.view(side)
	e := v.c.Events[i]
	list := []Setting{{"frame.len", strconv.FormatUint(uint64(e.WireLen), 10)}}
	k := kindOf(e.Kind)
	if k&forIP != 0 && !e.Marks.Has(capture.IPv6) {
		list = append(list, Setting{"ip.id", fmt.Sprintf("%#04x", e.IPID)})
	}
	if k == forTCP {
		list = append(list, v.ports(e)...)
	}
	for n := range fields {
		if f := &fields[n]; f.kinds&k != 0 && carries(f.name, e) {
			list = append(list, Setting{f.name, f.value(v, e)})
		}
	}
	if e.Marks.Has(capture.HasTimestamps) {
		list = append(list, Setting{"tcp.options.timestamp.tsval", strconv.FormatUint(uint64(e.TSVal), 10)})
	}
	return list
}

// ports are the fields of a segment that are taken out before comparing, and
// its control bits.
func (v *view) ports(e *capture.Event) []Setting {
	from, to := v.c.Client.Port(), v.c.Server.Port()
	if e.Dir == tap.In {
		from, to = to, from
	}
	list := []Setting{
		{"tcp.srcport", strconv.Itoa(int(from))}, {"tcp.dstport", strconv.Itoa(int(to))},
		{"tcp.flags", e.Flags.String()}, {"tcp.seq_raw", strconv.FormatUint(uint64(e.Seq), 10)},
	}
	if e.Flags.Has(capture.ACK) {
		list = append(list, Setting{"tcp.ack_raw", strconv.FormatUint(uint64(e.Ack), 10)})
	}
	return list
}

// carries reports whether a frame has the field at all.
func carries(name string, e *capture.Event) bool {
	switch name {
	case "tcp.ack":
		return e.Flags.Has(capture.ACK)
	case "tcp.payload":
		return e.PayloadLen > 0
	case "tcp.options.order", "tcp.options.malformed":
		return e.Marks.Has(capture.OptionsMalformed)
	case "tcp.options.mss_val":
		return e.Marks.Has(capture.HasMSS)
	case "tcp.options.wscale.shift":
		return e.Marks.Has(capture.HasWindowScale)
	case "tcp.options.timestamp.tsecr":
		return e.Marks.Has(capture.HasTimestamps)
	case "tcp.options.sack":
		return e.SACKCount > 0
	}
	return !strings.HasPrefix(name, "tcp.flags.") // they are told together
}
