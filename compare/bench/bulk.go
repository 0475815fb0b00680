package bench

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"tcping-cmp/compare/lab"
)

// chunk is how much is written or read at a time, in bytes.
const chunk = 64 << 10

// warmSize is how much a warm-up carries, on a connection of its own.
func (t *turn) warmSize() int64 { return max(1, t.size/8) }

// rate is in megabytes (of 1,000,000 bytes) a second.
func rate(bytes int64, took time.Duration) float64 { return float64(bytes) / 1e6 / took.Seconds() }

// twice has f carry the warm-up and then, on another connection, what counts.
func (t *turn) twice(f func(conn lab.Conn, size int64) (time.Duration, error)) (value float64, err error) {
	for _, size := range []int64{t.warmSize(), t.size} {
		err := t.session(func(conn lab.Conn) error {
			took, err := f(conn, size)
			value = rate(size, took)
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return value, nil
}

// upload returns how fast the server gets what it discards. It closes when it
// has everything, so the time ends with its FIN.
func upload(t *turn) (float64, error) {
	return t.twice(func(conn lab.Conn, size int64) (time.Duration, error) {
		began := time.Now()
		if err := send(conn, size); err != nil {
			return 0, err
		}
		err := goodbye(conn)
		return time.Since(began), err
	})
}

// download returns how fast a source can be read. The connection is then
// closed with unread bytes, because the source has no end.
func download(t *turn) (float64, error) {
	return t.twice(func(conn lab.Conn, size int64) (time.Duration, error) {
		began := time.Now()
		err := receive(conn, size)
		return time.Since(began), err
	})
}

// echo returns how fast bytes go there and back while both directions are
// busy, counted once. The warm-up's bytes are looked at.
func echo(t *turn) (float64, error) {
	if err := t.session(func(conn lab.Conn) error { return echoed(conn, t.warmSize()) }); err != nil {
		return 0, err
	}
	var took time.Duration
	err := t.session(func(conn lab.Conn) (err error) {
		began := time.Now()
		if err = both(conn, t.size, receive); err == nil {
			took = time.Since(began)
			err = goodbye(conn)
		}
		return err
	})
	return rate(t.size, took), err
}

// echoed checks that what comes back is what was sent.
func echoed(conn lab.Conn, size int64) error {
	err := both(conn, size, func(conn lab.Conn, size int64) error {
		buf := make([]byte, chunk)
		for at := int64(0); at < size; at += chunk {
			part := buf[:min(chunk, size-at)]
			if _, err := io.ReadFull(conn, part); err != nil {
				return err
			}
			if !bytes.Equal(part, pattern[:len(part)]) {
				return fmt.Errorf("%w: it differs within 64 KiB from byte %d", lab.ErrNotEchoed, at)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return goodbye(conn)
}

// both sends on one goroutine and receives on another.
func both(conn lab.Conn, size int64, receive func(lab.Conn, int64) error) error {
	sent := make(chan error, 1)
	go func() { sent <- send(conn, size) }()
	err := receive(conn, size)
	if err != nil {
		conn.SetWriteDeadline(time.Unix(1, 0)) // nobody waits for the rest
	}
	if sendErr := <-sent; err == nil {
		err = sendErr
	}
	return err
}

// pattern is what is sent; no 64 KiB are like themselves shifted.
var pattern = func() []byte {
	p, x := make([]byte, chunk), uint32(1)
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	return p
}()

func send(conn lab.Conn, size int64) error {
	for size > 0 {
		n, err := conn.Write(pattern[:min(chunk, size)])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return nil
}

func receive(conn lab.Conn, size int64) error {
	buf := make([]byte, chunk)
	for size > 0 {
		n, err := conn.Read(buf[:min(chunk, size)])
		if err != nil {
			return fmt.Errorf("%d bytes before the end: %w", size, err)
		}
		size -= int64(n)
	}
	return nil
}
