package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// What a user is told when a conversation fails: what happened and what to do,
// a function a stage.

func (c *conversation) prepareSentence(err error) string {
	if isTimeout(err) {
		return fmt.Sprintf("the place for the conversation was not ready within %v: this machine is busy, or the time too short for any; allow more (--timeout)", c.limit)
	}
	return err.Error()
}

func (c *conversation) connectSentence(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refuses connections: nothing listens on that port; start a server there (tcping-cmp serve) or name another port", c.site.Remote)
	case errors.Is(err, syscall.EHOSTUNREACH):
		return fmt.Sprintf("the next hop to %s does not answer: check the address, the interface and its cable", c.site.Remote)
	case errors.Is(err, syscall.ENETUNREACH):
		return fmt.Sprintf("there is no route to %s: it is not on the link, and there is no gateway", c.site.Remote)
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Sprintf("the local port %d is in use: try again", c.site.Local.Port())
	case isTimeout(err):
		return fmt.Sprintf("%s did not answer within %v: the host is down, or something on the way drops the segments; check the address and the port, or allow more time (--timeout)", c.site.Remote, c.limit)
	}
	return c.otherwise(err)
}

func (c *conversation) sendSentence(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprintf("%s reset the connection while %d bytes were being sent; it may not take so many", c.site.Remote, len(c.app.Send))
	case isTimeout(err):
		return fmt.Sprintf("%s did not take %d bytes within %v: send less, or allow more time (--timeout)", c.site.Remote, len(c.app.Send), c.limit)
	}
	return c.otherwise(err)
}

func (c *conversation) expectSentence(err error, n int) string {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("%s closed after %d of the %d bytes expected: expect fewer (--expect-bytes), or ask for more", c.site.Remote, n, c.app.Expect)
	case errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprintf("%s reset the connection after %d of the %d bytes expected; it may not like what it was sent", c.site.Remote, n, c.app.Expect)
	case isTimeout(err):
		return fmt.Sprintf("%s sent %d of the %d bytes expected within %v: it is perhaps no echo server; expect fewer (--expect-bytes) or allow more time (--timeout)", c.site.Remote, n, c.app.Expect, c.limit)
	}
	return c.otherwise(err)
}

func (c *conversation) closeSentence(err error) string {
	switch {
	case errors.Is(err, errMore):
		return fmt.Sprintf("%s sent more than the %d bytes expected: expect more (--expect-bytes)", c.site.Remote, c.app.Expect)
	case errors.Is(err, syscall.ECONNRESET):
		return fmt.Sprintf("%s reset the connection instead of closing it", c.site.Remote)
	case isTimeout(err) && c.app.Close != scenario.ClientFirst:
		return fmt.Sprintf("%s did not close within %v: it waits for the client to close; do that (--close first)", c.site.Remote, c.limit)
	case isTimeout(err):
		return fmt.Sprintf("%s did not close within %v of the conversation's start, though it was sent a FIN: allow more time (--timeout)", c.site.Remote, c.limit)
	}
	return c.otherwise(err)
}

func (c *conversation) unsettledSentence(err error) string {
	if !isTimeout(err) {
		return c.otherwise(err)
	}
	text := fmt.Sprintf("the stack's end was still in %s after %v", c.conn.State(), c.limit)
	if c.site.PeerState != nil {
		text += fmt.Sprintf(", the peer's in %s", c.site.PeerState())
	}
	return text + ": the last frames say who owes an acknowledgement; or allow more time (--timeout)"
}

// otherwise words what may happen at every stage.
func (c *conversation) otherwise(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, tap.ErrLinkDown):
		return "the link went down: set the interface up and try again"
	case errors.Is(err, net.ErrClosed):
		return "the link was closed before the conversation was over"
	}
	return err.Error()
}

func isTimeout(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ETIMEDOUT)
}
