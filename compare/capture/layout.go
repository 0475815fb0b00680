package capture

import (
	"strconv"
	"strings"
)

// Option is one TCP option as it stands in a header: its kind and its whole
// length in octets.
type Option struct{ Kind, Length uint8 }

// The kinds of option that have names here.
const (
	optEnd           = 0
	optNOP           = 1
	optMSS           = 2
	optWindowScale   = 3
	optSACKPermitted = 4
	optSACK          = 5
	optTimestamps    = 8
)

var optionNames = map[uint8]string{
	optEnd: "EOL", optNOP: "NOP", optMSS: "MSS", optWindowScale: "WS",
	optSACKPermitted: "SACK_PERM", optSACK: "SACK", optTimestamps: "TS",
	14: "ALTCS", 19: "MD5", 28: "UTO", 29: "AO", 30: "MPTCP", 34: "TFO",
	172: "ACCECN0", 174: "ACCECN1", 254: "EXP2", 253: "EXP1",
}

// Name returns what people call the option.
func (o Option) Name() string {
	if name, ok := optionNames[o.Kind]; ok {
		return name
	}
	return "kind" + strconv.Itoa(int(o.Kind))
}

// Layout is the order of the options in a header, with their lengths.
type Layout []Option

// String lists the options in order, such as "MSS,SACK_PERM,TS,NOP,WS"; "-"
// if there are none.
func (l Layout) String() string {
	if len(l) == 0 {
		return "-"
	}
	names := make([]string, len(l))
	for i, o := range l {
		names[i] = o.Name()
	}
	return strings.Join(names, ",")
}

// Set returns the layout without padding (NOP, end of list), each kind once,
// in ascending order: what is offered, whatever the order.
func (l Layout) Set() Layout {
	var seen [256]bool
	var set Layout
	for _, o := range l {
		seen[o.Kind] = true
	}
	for kind := 2; kind < 256; kind++ {
		if seen[kind] {
			set = append(set, Option{Kind: uint8(kind)})
		}
	}
	return set
}

// Has reports whether the option is there.
func (l Layout) Has(kind uint8) bool {
	for _, o := range l {
		if o.Kind == kind {
			return true
		}
	}
	return false
}

// SACKBlock is one block of a SACK option (RFC 2018 §3), as on the wire.
type SACKBlock struct {
	Left, Right uint32 // first octet of the block, first octet after it
}
