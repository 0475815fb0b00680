package compare

import (
	"bytes"
	"strconv"

	"tcping-cmp/compare/capture"
)

// payloadDiffers compares the octets that both frames carry. With the same
// cut the hashes decide; otherwise the bytes of the common part.
func payloadDiffers(p *pair) bool {
	x, y := p.x, p.y
	if x.PayloadLen == 0 || y.PayloadLen == 0 || x.PayloadHash == y.PayloadHash ||
		(x.Marks | y.Marks).Any(capture.CutShort|capture.SuperFrame) || p.x.Flags.Has(capture.RST) {
		return false
	}
	if x.PayloadLen == y.PayloadLen && x.RelSeq == y.RelSeq {
		return true
	}
	from, to := max(x.RelSeq, y.RelSeq), min(x.RelSeq+int64(x.PayloadLen), y.RelSeq+int64(y.PayloadLen))
	if from >= to {
		return false
	}
	return !bytes.Equal(p.ref.octets(x, from, to), p.test.octets(y, from, to))
}

// octets returns the stream's octets [from, to) out of a frame; nil if they
// cannot be fetched.
func (v *view) octets(e *capture.Event, from, to int64) []byte {
	raw, err := v.c.Raw(e, nil)
	start := int64(e.PayloadOffset) + from - e.RelSeq
	end := int64(e.PayloadOffset) + to - e.RelSeq
	if err != nil || start < 0 || end > int64(len(raw)) {
		return nil
	}
	return raw[start:end]
}

// payloadValue shows the first octets of a payload.
func payloadValue(v *view, e *capture.Event) string {
	const shown = 24
	b := v.octets(e, e.RelSeq, e.RelSeq+int64(min(e.PayloadLen, shown)))
	s := strconv.QuoteToASCII(string(b))
	if e.PayloadLen > shown {
		s += "…"
	}
	return s
}
