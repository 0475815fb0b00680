package handcrafted

import "tcping-cmp/handcrafted/arp"

// Effects collect the frames that a Host wants sent. The caller owns them and
// hands them to each call; frames are appended. They hold one buffer that is
// used again after Reset, so that a frame costs no allocation.
type Effects struct {
	buf  []byte
	ends []int // where each frame ends in buf
}

// Len returns how many frames there are.
func (e *Effects) Len() int { return len(e.ends) }

// Frame returns one of them, in the order in which they are to be sent. It is
// valid until Reset.
func (e *Effects) Frame(i int) []byte {
	start := 0
	if i > 0 {
		start = e.ends[i-1]
	}
	return e.buf[start:e.ends[i]:e.ends[i]]
}

// Reset forgets all frames.
func (e *Effects) Reset() { e.buf, e.ends = e.buf[:0], e.ends[:0] }

// commit takes what was appended to buf since the last frame as a frame.
func (e *Effects) commit(buf []byte) {
	e.buf = buf
	e.ends = append(e.ends, len(buf))
}

// copyFrame appends a frame that somebody else made.
func (e *Effects) copyFrame(frame []byte) { e.commit(append(e.buf, frame...)) }

// neighbors takes over what the neighbour table wants.
func (h *Host) neighbors(n arp.Effects, e *Effects) {
	for _, frame := range n.Out {
		e.copyFrame(frame)
	}
	h.counters.Sent += uint64(len(n.Out))
	h.counters.Dropped[DropUnresolved] += uint64(n.Lost)
}
