package capture

import (
	"errors"
	"fmt"
	"io"
)

// windowBytes is how much of a file is read at once.
const windowBytes = 1 << 20

// maxFrame is the longest frame that is believed, in bytes: four times
// tcpdump's default snapshot length.
const maxFrame = 1 << 20

// errCut: the file ends in the middle of something.
var errCut = errors.New("the file ends in the middle")

// window walks over a file of known size. No length in the file is trusted:
// it never allocates more than windowBytes plus one frame, and never goes
// beyond the file's real end.
type window struct {
	r     io.ReaderAt
	size  int64
	pos   int64 // of the next byte to hand out
	start int64 // where buf stands in the file
	buf   []byte
	valid int
}

func newWindow(r io.ReaderAt, size int64) *window {
	return &window{r: r, size: size, buf: make([]byte, min(windowBytes, max(size, 64)))}
}

// left is how many bytes there are from here to the end.
func (w *window) left() int64 { return w.size - w.pos }

// peek returns the next n bytes without stepping over them. They stay valid
// until the next call.
func (w *window) peek(n int) ([]byte, error) {
	if int64(n) > w.left() {
		return nil, errCut
	}
	if at := w.pos - w.start; at >= 0 && at+int64(n) <= int64(w.valid) {
		return w.buf[at : at+int64(n)], nil
	}
	if n > len(w.buf) {
		w.buf = make([]byte, n)
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
