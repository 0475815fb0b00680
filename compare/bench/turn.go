package bench

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"time"

	"tcping-cmp/compare/lab"
)

// turn is one stack's turn at a site.
type turn struct {
	ctx      context.Context
	site     *lab.Site
	host     lab.Host
	duration time.Duration
	size     int64
	dialled  int
}

// The ports that a turn dials from: every connection has its own, because one
// in TIME-WAIT keeps its port.
const (
	lowestPort = 1024
	maxDials   = 60000
)

// exhausted reports whether the ports of this turn are used up.
func (t *turn) exhausted() bool { return t.dialled >= maxDials }

// dial opens the next connection. Its deadline is that of the turn.
func (t *turn) dial() (lab.Conn, error) {
	port := int(t.site.Local.Port()) + t.dialled
	if port > 0xffff {
		port += lowestPort - 0x10000
	}
	t.dialled++
	return t.host.Dial(t.ctx, netip.AddrPortFrom(t.site.Local.Addr(), uint16(port)), t.site.Remote)
}

// bounded makes the connection's calls fail when the turn is over. stop ends
// that.
func (t *turn) bounded(conn lab.Conn) (stop func() bool) {
	return context.AfterFunc(t.ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
}

// session dials, lets f use the connection, and closes it.
func (t *turn) session(f func(lab.Conn) error) error {
	conn, err := t.dial()
	if err != nil {
		return err
	}
	defer t.bounded(conn)()
	err = f(conn)
	return errors.Join(err, conn.Close())
}

// goodbye closes in order: our FIN, the server's, and both acknowledged.
func goodbye(conn lab.Conn) error {
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	n, err := conn.Read(make([]byte, 1))
	switch {
	case n > 0:
		return errors.New("the server sent more than was expected")
	case err == io.EOF:
		return nil
	}
	return err
}

var hello = []byte("hello")

// trip sends five bytes and gets them back.
func trip(conn lab.Conn, buf []byte) error {
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, buf); err != nil {
		return err
	}
	if !bytes.Equal(buf, hello) {
		return lab.ErrNotEchoed
	}
	return nil
}
