package capture

import (
	"errors"
	"fmt"
	"io"
)

// windowBytes is how much of a file is read at once: so much that it is worth
// its while, and so little that it stays in a cache until it is decoded.
const windowBytes = 1 << 18

// maxFrame is the longest frame that is believed, in bytes: four times
// tcpdump's default snapshot length.
const maxFrame = 1 << 20

// errCut: the file ends in the middle of something.
var errCut = errors.New("the file ends in the middle")

// window walks over a file of known size. No length in the file is trusted:
// it never allocates more than atOnce plus one frame, and never goes
// beyond the file's real end.
type window struct {
	r     io.ReaderAt
	size  int64
	pos   int64 // of the next byte to hand out
	start int64 // where buf stands in the file
	buf   []byte
	valid int
	held  bool // somebody looks at what is in buf

	atOnce int64 // bytes of the file to be read at once
}

func newWindow(r io.ReaderAt, size, atOnce int64) *window {
	w := &window{r: r, size: size, atOnce: min(atOnce, max(size, 64))}
	w.begin(nil)
	return w
}

// begin goes on with another buffer, so that the last one is not written to any
// more. nil makes a new one.
func (w *window) begin(buf []byte) {
	if buf == nil {
		buf = make([]byte, w.atOnce)
	}
	w.buf, w.start, w.valid, w.held = buf, w.pos, 0, false
}

// left is how many bytes there are from here to the end.
func (w *window) left() int64 { return w.size - w.pos }

// peek returns the next n bytes without stepping over them. They stay valid
// until the next call, or, while held is set, until the next begin with their
// buffer.
func (w *window) peek(n int) ([]byte, error) {
	if int64(n) > w.left() {
		return nil, errCut
	}
	if at := w.pos - w.start; at >= 0 && at+int64(n) <= int64(w.valid) {
		return w.buf[at : at+int64(n)], nil
	}
	if n > len(w.buf) || w.held {
		w.buf, w.held = make([]byte, max(n, len(w.buf))), false
	}
	want := min(int64(len(w.buf)), w.left())
	got, err := w.r.ReadAt(w.buf[:want], w.pos)
	w.start, w.valid = w.pos, got
	if got < n {
		if err == nil || err == io.EOF {
			err = errCut
		}
		return nil, fmt.Errorf("byte %d: %w", w.pos, err)
	}
	return w.buf[:n], nil
}

// atHand returns what follows and has been read already.
func (w *window) atHand() []byte {
	if at := w.pos - w.start; at >= 0 && at < int64(w.valid) {
		return w.buf[at:w.valid]
	}
	return nil
}

// next returns the next n bytes and steps over them.
func (w *window) next(n int) ([]byte, error) {
	b, err := w.peek(n)
	if err == nil {
		w.pos += int64(n)
	}
	return b, err
}

// skip steps over n bytes without reading them.
func (w *window) skip(n int64) error {
	if n < 0 || n > w.left() {
		return errCut
	}
	w.pos += n
	return nil
}
