package tap

import "time"

const (
	firstChunk = 64 << 10 // bytes; a short conversation should not pay for a long one
	lastChunk  = 1 << 20
	logBlock   = 4096 // entries
)

// frameLog keeps frames in large pieces: a frame costs no allocation of its
// own, and nothing is ever copied to make room.
type frameLog struct {
	frames int // entries that count
	bytes  int // in all of them
	blocks [][]logEntry
	chunk  []byte // the piece being filled
}

// logEntry is one frame. Its data is never written again.
type logEntry struct {
	at      int64 // nanoseconds after the log's start
	data    []byte
	dir     Direction
	flags   FrameFlags
	removed bool
}

// add copies the frame and returns its entry.
func (l *frameLog) add(at int64, dir Direction, flags FrameFlags, frame []byte) *logEntry {
	last := len(l.blocks) - 1
	if last < 0 || len(l.blocks[last]) == cap(l.blocks[last]) {
		size := logBlock
		if last < 0 {
			size = logBlock / 32
		}
		l.blocks = append(l.blocks, make([]logEntry, 0, size))
		last++
	}
	block := append(l.blocks[last], logEntry{at: at, data: l.keep(frame), dir: dir, flags: flags})
	l.blocks[last] = block
	l.frames++
	l.bytes += len(frame)
	return &block[len(block)-1]
}

// keep copies the bytes to where nothing overwrites them.
func (l *frameLog) keep(frame []byte) []byte {
	if cap(l.chunk)-len(l.chunk) < len(frame) {
		size := min(max(firstChunk, 2*cap(l.chunk)), lastChunk)
		l.chunk = make([]byte, 0, max(size, len(frame)))
	}
	from := len(l.chunk)
	l.chunk = append(l.chunk, frame...)
	return l.chunk[from:len(l.chunk):len(l.chunk)]
}

func (l *frameLog) remove(e *logEntry) {
	e.removed = true
	l.frames--
	l.bytes -= len(e.data)
}

// list returns the frames in the order in which they were added.
func (l *frameLog) list(start time.Time) []Frame {
	frames := make([]Frame, 0, l.frames)
	for _, block := range l.blocks {
		for _, e := range block {
			if !e.removed {
				frames = append(frames, Frame{Time: start.Add(time.Duration(e.at)), Dir: e.dir, Flags: e.flags, Data: e.data})
			}
		}
	}
	return frames
}
