package report

import "tcping-cmp/compare/turns"

// encoder makes the text of pieces of a report. Each processor has one.
type encoder interface {
	// take fetches what the next piece is made of. The encoders take theirs
	// one after the other, in the order of the pieces.
	take(piece int)
	// encode appends the text of what was taken. The encoders do so at the
	// same time.
	encode(b []byte) ([]byte, error)
}

// encode writes so many pieces in their order, encoded on all processors.
func (l *lines) encode(pieces int, newEncoder func() encoder) {
	turns.Run(pieces, func() turns.Worker { return &belt{l: l, pieces: pieces, encoder: newEncoder()} })
}

// belt brings the pieces of one encoder to where they are written.
type belt struct {
	l       *lines
	pieces  int
	encoder encoder
	text    []byte
	err     error
}

func (b *belt) Take(piece int) bool {
	if piece == b.pieces {
		return false
	}
	b.encoder.take(piece)
	return true
}

func (b *belt) Work() { b.text, b.err = b.encoder.encode(b.text[:0]) }

func (b *belt) Deliver(int) {
	if b.l.err == nil {
		b.l.err = b.err
	}
	b.l.bytes(b.text)
}

// span is pieces of a list that know nothing of each other.
type span struct {
	from, to, atOnce, all int
	text                  func(b []byte, from, to int) ([]byte, error)
}

func (s *span) take(piece int) {
	s.from = piece * s.atOnce
	s.to = min(s.from+s.atOnce, s.all)
}

func (s *span) encode(b []byte) ([]byte, error) { return s.text(b, s.from, s.to) }

// list encodes n things, so many at a time.
func (l *lines) list(n, atOnce int, text func(b []byte, from, to int) ([]byte, error)) {
	if n <= atOnce {
		b, err := text(l.raw[:0], 0, n)
		if l.raw = b; l.err == nil {
			l.err = err
		}
		l.bytes(b)
		return
	}
	l.encode((n+atOnce-1)/atOnce, func() encoder { return &span{atOnce: atOnce, all: n, text: text} })
}
