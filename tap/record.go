package tap

import "time"

// Direction says which way a frame crossed the link, seen from the stack.
type Direction uint8

// The two directions.
const (
	Out Direction = iota // from the stack to the peer
	In                   // from the peer to the stack
)

func (d Direction) String() string {
	if d == Out {
		return "out"
	}
	return "in"
}

// Frame is one recorded frame.
type Frame struct {
	Time  time.Time
	Dir   Direction
	Flags FrameFlags
	Data  []byte // the whole Ethernet frame
}

// Recording is everything that crossed a link, in the order in which it
// crossed.
type Recording struct {
	Link    Info
	Frames  []Frame
	Dropped uint64 // frames that the link lost before they could be read
	// Overflow counts the frames that crossed after the recorder's limit was
	// reached. They are not in Frames.
	Overflow uint64
	Stalls   []Stall // in order; none unless the recorder watched for them
}
