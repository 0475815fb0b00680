package capture

import (
	"fmt"
	"io"
)

// fetchAhead is how many bytes of a file a Fetcher reads at once.
const fetchAhead = 1 << 18

// fetchRounded is what the size of its buffer is a multiple of: pieces of about
// the same size shall find room in it.
const fetchRounded = 1 << 16

// Fetcher fetches the bytes of frames, one after the other in about the order
// in which they were captured: a file is read in large pieces. One goroutine
// may use it.
type Fetcher struct {
	c   *Conversation
	buf []byte // of the file from at on, or one recorded frame
	at  int64
	end int64 // of what will be wanted; 0: as much as there is
}

// Fetcher returns one for the conversation's frames.
func (c *Conversation) Fetcher() *Fetcher { return &Fetcher{c: c} }

// Ahead says that what is wanted next is the frames from first to last, so that
// no more is read.
func (f *Fetcher) Ahead(first, last *Event) {
	f.end = max(first.offset, last.offset) + int64(last.CapLen)
}

// Raw returns the bytes of a frame, valid until the next call. It fails as
// Conversation.Raw does.
func (f *Fetcher) Raw(e *Event) (raw []byte, err error) {
	file, ok := f.c.arena.frames.(fileFrames)
	if !ok {
		f.buf, err = f.c.Raw(e, f.buf[:0])
		return f.buf, err
	}
	want := int(e.CapLen)
	if from := e.offset - f.at; from >= 0 && from+int64(want) <= int64(len(f.buf)) {
		return f.buf[from : from+int64(want)], nil
	}
	ahead := fetchAhead
	if f.end > e.offset {
		ahead = int(min(f.end-e.offset, fetchAhead))
	}
	ahead = max(want, ahead)
	if ahead > cap(f.buf) {
		f.buf = make([]byte, 0, (ahead+fetchRounded-1)/fetchRounded*fetchRounded)
	}
	f.at = e.offset
	n, err := file.r.ReadAt(f.buf[:ahead], e.offset)
	f.buf = f.buf[:n]
	if n < want {
		return nil, changed(err)
	}
	return f.buf[:want], nil
}

// changed is the error of a file whose frames are gone.
func changed(err error) error {
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the capture file changed or was closed while it was in use: %w", err)
}
