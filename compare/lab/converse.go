package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// DefaultTimeout is how long a conversation may take if its script does not
// say.
const DefaultTimeout = 10 * time.Second

// Converse has the stack hold one conversation by the script at a new site of
// the place, and records every frame of it. When it returns, the stack is off
// the link and the site is gone. The result is complete as far as things went:
// also after an error, or when ctx was cancelled.
//
// The conversation is over when both ends are CLOSED or in TIME-WAIT (the
// stack's alone where the peer's cannot be seen) and the wire has been quiet
// for the site's Quiet.
func Converse(ctx context.Context, stack Stack, place Place, app scenario.Application) Result {
	c := &conversation{app: app, result: Result{Stack: stack.Name(), Settings: stack.Settings(), State: stateClosed}}
	limit := app.Timeout
	if limit <= 0 {
		limit = DefaultTimeout
	}
	ctx, broken := context.WithCancelCause(ctx)
	defer broken(nil)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c.limit = limit

	site, err := place.Open(ctx, app)
	if err != nil {
		c.fail(StagePrepare, err, c.prepareSentence(err))
		return c.result
	}
	defer site.Close()
	c.site = site
	c.moved = make(chan struct{}, 1)
	c.recorder = tap.Record(watched{site.Link, broken}, tap.WithObserver(func(tap.Frame) { c.note() }), tap.WithStalls(ctx.Done()))
	c.result.Local, c.result.Remote = site.Local, site.Remote
	c.result.Environment, c.result.Quiet = site.Environment, site.Quiet

	host, err := stack.Attach(ctx, c.recorder, site.Network)
	if err != nil {
		c.fail(StagePrepare, err, c.prepareSentence(err))
		return c.result
	}
	defer host.Close()
	c.hold(ctx, host)
	c.finish()
	return c.result
}

// conversation is one run of a script.
type conversation struct {
	app      scenario.Application
	limit    time.Duration
	site     *Site
	recorder *tap.Recorder
	moved    chan struct{} // a frame has crossed
	conn     Conn
	result   Result
}

func (c *conversation) note() {
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

// fail notes the first error.
func (c *conversation) fail(stage Stage, err error, sentence string) {
	if c.result.Err == nil {
		c.result.Err = &Error{Stage: stage, Sentence: sentence, Err: err}
	}
}

// hold goes through the script, then waits for the end.
func (c *conversation) hold(ctx context.Context, host Host) {
	c.result.Started = time.Now()
	defer func() { c.result.Total = time.Since(c.result.Started) }()
	conn, err := host.Dial(ctx, c.site.Local, c.site.Remote)
	if err != nil {
		err = cause(ctx, err)
		c.fail(StageConnect, err, c.connectSentence(err))
		return
	}
	c.result.Connect = time.Since(c.result.Started)
	c.conn = conn
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if c.exchange(ctx) && c.end(ctx) {
		c.settle(ctx)
	}
}

// exchange sends and receives what the script says.
func (c *conversation) exchange(ctx context.Context) bool {
	start := time.Now()
	sent := make(chan error, 1)
	go func() { sent <- c.send() }()
	n, err := c.receive()
	if err != nil {
		c.conn.SetWriteDeadline(time.Unix(1, 0)) // nobody waits for the rest
	}
	if serr := <-sent; serr != nil && (err == nil || !errors.Is(serr, os.ErrDeadlineExceeded)) {
		serr = cause(ctx, serr)
		c.fail(StageSend, serr, c.sendSentence(serr))
		return false
	}
	if err != nil {
		err = cause(ctx, err)
		c.fail(StageExpect, err, c.expectSentence(err, n))
		return false
	}
	if c.app.Expect > 0 {
		c.result.Echo = time.Since(start)
	}
	return c.check()
}

func (c *conversation) send() error {
	if len(c.app.Send) == 0 {
		return nil
	}
	_, err := c.conn.Write(c.app.Send)
	return err
}

func (c *conversation) receive() (int, error) {
	buf := make([]byte, c.app.Expect)
	n, err := io.ReadFull(c.conn, buf)
	c.result.Received = buf[:n]
	return n, err
}

// check compares what came with what was sent.
func (c *conversation) check() bool {
	if !c.app.Check {
		return true
	}
	want := c.app.Send[:min(len(c.app.Send), c.app.Expect)]
	got := c.result.Received[:min(len(c.result.Received), len(want))]
	if bytes.Equal(want, got) {
		return true
	}
	at := 0
	for at < len(got) && got[at] == want[at] {
		at++
	}
	c.fail(StageExpect, ErrNotEchoed, fmt.Sprintf(
		"%s did not send back what it was sent: byte %d is not the same; it is perhaps no echo server, then let any answer do", c.site.Remote, at+1))
	return false
}

// ErrNotEchoed means that the peer sent something else than it was sent.
var ErrNotEchoed = errors.New("the answer is not an echo")

// end closes in the manner of the script.
func (c *conversation) end(ctx context.Context) bool {
	if c.app.Close == scenario.ClientFirst {
		if err := c.conn.CloseWrite(); err != nil {
			c.fail(StageClose, err, fmt.Sprintf("sending the FIN failed: %v", err))
			return false
		}
	}
	if err := c.awaitEOF(); err != nil {
		err = cause(ctx, err)
		c.fail(StageClose, err, c.closeSentence(err))
		return false
	}
	if err := c.conn.Close(); err != nil {
		c.fail(StageClose, err, fmt.Sprintf("closing failed: %v", err))
		return false
	}
	return true
}

// awaitEOF waits for the peer's FIN. More data before it is an error if the
// peer was to echo; another server may have more to say than was asked for.
func (c *conversation) awaitEOF() error {
	buf := make([]byte, chunk)
	for {
		n, err := c.conn.Read(buf)
		c.result.Surplus += n
		switch {
		case n > 0 && c.app.Check:
			return errMore
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

var errMore = errors.New("more data than expected")

// settle waits until the conversation is over.
func (c *conversation) settle(ctx context.Context) {
	quiet := time.NewTimer(c.site.Quiet)
	defer quiet.Stop()
	for {
		select {
		case <-c.moved:
			quiet.Reset(c.site.Quiet)
		case <-quiet.C:
			if final(c.conn.State()) && c.peerFinal() {
				return
			}
			quiet.Reset(c.site.Quiet)
		case <-ctx.Done():
			err := cause(ctx, ctx.Err())
			c.fail(StageClose, err, c.unsettledSentence(err))
			return
		}
	}
}

func (c *conversation) peerFinal() bool {
	return c.site.PeerState == nil || final(c.site.PeerState())
}

// finish notes what the ends were left in, and what was recorded.
func (c *conversation) finish() {
	if c.conn != nil {
		c.result.State = c.conn.State()
		if c.result.Err != nil {
			defer c.conn.Close()
		}
	}
	if c.site.PeerState != nil {
		c.result.PeerState = c.site.PeerState()
	}
	if c.site.PeerErr != nil {
		c.result.PeerErr = c.site.PeerErr()
	}
	c.result.Recording = c.recorder.Recording()
}

// cause replaces the deadline that we have set on the connection, or the
// context's error, by the reason. A stack's own timer may go off a moment
// before the context's: its deadline is the context's, so that is waited for.
func cause(ctx context.Context, err error) error {
	if at, ok := ctx.Deadline(); ok && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(at) {
		<-ctx.Done()
	}
	for _, ours := range []error{os.ErrDeadlineExceeded, context.DeadlineExceeded, context.Canceled} {
		if ctx.Err() != nil && errors.Is(err, ours) {
			return context.Cause(ctx)
		}
	}
	return err
}

// watched is a link that says so when it breaks, because a stack may not: it
// goes on waiting.
type watched struct {
	tap.Link
	broken context.CancelCauseFunc
}

func (w watched) ReadFrame(buf []byte) (int, tap.Meta, error) {
	n, m, err := w.Link.ReadFrame(buf)
	if errors.Is(err, tap.ErrLinkDown) {
		w.broken(err)
	}
	return n, m, err
}

func (w watched) WriteFrame(frame []byte) error {
	err := w.Link.WriteFrame(frame)
	if errors.Is(err, tap.ErrLinkDown) {
		w.broken(err)
	}
	return err
}

// Drops passes on what the link knows.
func (w watched) Drops() uint64 {
	if d, ok := w.Link.(interface{ Drops() uint64 }); ok {
		return d.Drops()
	}
	return 0
}
