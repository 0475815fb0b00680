package lab

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"tcping-cmp/compare/scenario"
)

// Manner is what a server does with a connection.
type Manner string

// The manners.
const (
	// EchoOnce echoes a stated number of bytes, waits until the client has
	// acknowledged them, and closes. Waiting makes the order of the frames
	// certain: echo, its acknowledgement, FIN.
	EchoOnce Manner = "echo-once"
	// Echo echoes until the client closes (RFC 862).
	Echo Manner = "echo"
	// Discard reads until the client closes (RFC 863).
	Discard Manner = "discard"
	// Source sends a stated number of bytes and closes.
	Source Manner = "source"
	// Hangup closes at once.
	Hangup Manner = "hangup"
	// Reset reads what comes first and resets the connection.
	Reset Manner = "reset"
)

// Manners are a server's manner and its measure.
type Manners struct {
	Manner Manner
	// Bytes are how many EchoOnce echoes, zero meaning as many as its first
	// read brings, and how many Source sends, zero meaning until the client
	// goes away.
	Bytes int64
	// InTurn is whether the server accepts a connection only when it is done
	// with the one before, and so needs to wake nobody for it.
	InTurn bool
}

func (m Manners) String() string {
	switch {
	case m.Manner == EchoOnce && m.Bytes == 0:
		return "echo what comes first, then close"
	case m.Manner == EchoOnce:
		return fmt.Sprintf("echo %d bytes, then close", m.Bytes)
	case m.Manner == Echo:
		return "echo until the client closes (RFC 862)"
	case m.Manner == Discard:
		return "discard until the client closes (RFC 863)"
	case m.Manner == Source && m.Bytes == 0:
		return "send until the client closes"
	case m.Manner == Source:
		return fmt.Sprintf("send %d bytes, then close", m.Bytes)
	case m.Manner == Hangup:
		return "close at once"
	case m.Manner == Reset:
		return "read what comes first, then reset"
	}
	return fmt.Sprintf("unknown manner %q", string(m.Manner))
}

// MannersFor returns the manners that a server needs to be the other half of
// an application script.
func MannersFor(app scenario.Application) Manners {
	switch {
	case app.Close == scenario.ClientFirst:
		return Manners{Manner: Echo}
	case len(app.Send) == 0:
		return Manners{Manner: Hangup}
	}
	return Manners{Manner: EchoOnce, Bytes: int64(len(app.Send))}
}

// AckWait is how long EchoOnce waits for the acknowledgement of its echo.
const AckWait = time.Second

// ServerConn is a connection that a server has accepted.
type ServerConn interface {
	net.Conn
	// WriteAcked writes p and waits until everything written has been
	// acknowledged, but not longer than limit, nor when the connection has
	// failed.
	WriteAcked(p []byte, limit time.Duration) (int, error)
	// Reset closes with a RST (the ABORT call of RFC 9293 §3.9.1).
	Reset() error
}

// Served says how a server's connection went.
type Served struct {
	Remote   net.Addr
	Received int64 // bytes
	Sent     int64 // bytes
	Err      error // nil if all went by the server's manners
}

func (s Served) String() string {
	text := fmt.Sprintf("%s: %d bytes received, %d sent", s.Remote, s.Received, s.Sent)
	if s.Err != nil {
		text += ": " + s.Err.Error()
	}
	return text
}

// chunk is how much a server reads or writes at a time, in bytes.
const chunk = 64 << 10

// chunks are used again: to a conversation of five bytes a new one costs more
// than all the rest of the server.
var chunks = sync.Pool{New: func() any { return new([chunk]byte) }}

// Serve treats one connection by the manners and closes it.
func (m Manners) Serve(conn ServerConn) Served {
	s := Served{Remote: conn.RemoteAddr()}
	buf := chunks.Get().(*[chunk]byte)
	defer chunks.Put(buf)
	switch m.Manner {
	case EchoOnce:
		s.Err = m.echoOnce(conn, buf[:], &s)
	case Echo:
		s.Err = m.echo(conn, buf[:], &s)
	case Discard:
		s.Received, s.Err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{conn}, buf[:])
	case Source:
		s.Err = m.source(conn, buf[:], &s)
	case Hangup:
	case Reset:
		n, err := conn.Read(buf[:])
		s.Received, s.Err = int64(n), errors.Join(err, conn.Reset())
		return s
	default:
		s.Err = errors.New(m.String())
	}
	if err := conn.Close(); s.Err == nil {
		s.Err = err
	}
	return s
}

func (m Manners) echoOnce(conn ServerConn, buf []byte, s *Served) error {
	for left := m.Bytes; ; {
		n, err := conn.Read(buf[:limit(left)])
		s.Received += int64(n)
		if errors.Is(err, io.EOF) && n == 0 {
			return fmt.Errorf("the client closed before it had sent what was to be echoed: %w", io.ErrUnexpectedEOF)
		}
		if err != nil {
			return err
		}
		left -= int64(n)
		if last := left <= 0; last {
			n, err = conn.WriteAcked(buf[:n], AckWait)
			s.Sent += int64(n)
			return err
		}
		n, err = conn.Write(buf[:n])
		s.Sent += int64(n)
		if err != nil {
			return err
		}
	}
}

// limit is how much of a buffer to fill when left bytes are still to come;
// none are when the first read decides.
func limit(left int64) int64 {
	if left <= 0 || left > chunk {
		return chunk
	}
	return left
}

func (m Manners) echo(conn ServerConn, buf []byte, s *Served) error {
	for {
		n, err := conn.Read(buf)
		s.Received += int64(n)
		if n > 0 {
			n, werr := conn.Write(buf[:n])
			s.Sent += int64(n)
			if werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (m Manners) source(conn ServerConn, buf []byte, s *Served) error {
	for i := range buf {
		buf[i] = byte(i)
	}
	for m.Bytes == 0 || s.Sent < m.Bytes {
		n, err := conn.Write(buf[:limit(m.Bytes-s.Sent)])
		s.Sent += int64(n)
		if m.Bytes == 0 && gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gone reports whether a write failed because the client has left.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
