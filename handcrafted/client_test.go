package handcrafted

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tcping-cmp/handcrafted/wire"
	"tcping-cmp/tap"
)

// A rig is a Client on a fake link with an echoPeer, in virtual time.
type rig struct {
	*testing.T
	*Client
	peer *echoPeer
	link *fakeLink
}

// inRig runs a test. When it returns, the client has been closed and no
// goroutine of it is left; synctest fails the test otherwise.
func inRig(t *testing.T, f func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, peer: newEchoPeer(t)}
		r.link = newFakeLink(r.peer.handle)
		var err error
		if r.Client, err = Open(Config{Link: r.link, Addr4: netip.PrefixFrom(our4, 24), Rand: zeros{}}); err != nil {
			t.Fatal(err)
		}
		f(r)
		if err := r.Client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := r.Client.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

func (r *rig) dial() *Conn {
	r.Helper()
	conn, err := r.Dial(context.Background(), netip.AddrPort{}, netip.AddrPortFrom(peer4, 7))
	if err != nil {
		r.Fatal(err)
	}
	return conn
}

func TestEchoOverTheFakeLink(t *testing.T) {
	inRig(t, func(r *rig) {
		conn := r.dial()
		for range 3 {
			if _, err := conn.Write([]byte("hello")); err != nil {
				r.Fatal(err)
			}
			p := make([]byte, 5)
			if _, err := io.ReadFull(conn, p); err != nil || string(p) != "hello" {
				r.Fatalf("got %q (%v)", p, err)
			}
		}
		if err := conn.CloseWrite(); err != nil {
			r.Fatal(err)
		}
		if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			r.Errorf("after the peer's FIN: %d, %v", n, err)
		}
		if got := conn.State(); got != "TIME-WAIT" {
			r.Errorf("state %s", got)
		}
		if err := conn.Close(); err != nil {
			r.Error(err)
		}
		time.Sleep(5 * time.Minute) // virtual
		if got := conn.State(); got != "CLOSED" {
			r.Errorf("state %s after 2 MSL, with nobody but the keeper to look at the clock", got)
		}
	})
}

func TestKeeperAnswersWhileNobodyWaits(t *testing.T) {
	inRig(t, func(r *rig) {
		r.link.inject(icmp(peer4, our4, wire.ICMP{Type: wire.ICMPv4Echo}))
		synctest.Wait()
		if got := r.Counters().Echoes; got != 1 {
			r.Errorf("%d echo requests answered, want 1", got)
		}
	})
}

func TestKeeperAcknowledgesWhileTheApplicationComputes(t *testing.T) {
	inRig(t, func(r *rig) {
		conn := r.dial()
		before := r.Counters().Sent
		time.Sleep(10 * time.Millisecond)
		r.link.inject(r.peer.say("unasked")...)
		time.Sleep(100 * time.Millisecond)
		if got := r.Counters().Sent - before; got != 1 {
			r.Errorf("%d frames sent, want one delayed ACK", got)
		}
		p := make([]byte, 20)
		if n, err := conn.Read(p); string(p[:n]) != "unasked" || err != nil {
			r.Errorf("got %q (%v)", p[:n], err)
		}
	})
}

func TestDeadlinesAreKept(t *testing.T) {
	inRig(t, func(r *rig) {
		conn := r.dial()
		started := time.Now()
		conn.SetReadDeadline(started.Add(time.Second))
		_, err := conn.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(started) != time.Second {
			r.Errorf("%v after %v", err, time.Since(started))
		}
		var ne net.Error
		if !errors.As(err, &ne) || !ne.Timeout() {
			r.Errorf("%v does not say that it is a timeout", err)
		}
		conn.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Second, func() { conn.SetReadDeadline(time.Now()) })
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(started) != 2*time.Second {
			r.Errorf("deadline set while waiting: %v after %v", err, time.Since(started))
		}
	})
}

// TestTimerThatIsSetWhileSomebodyWaits writes while another goroutine reads
// the link without a deadline, because nothing was outstanding when it began.
func TestTimerThatIsSetWhileSomebodyWaits(t *testing.T) {
	inRig(t, func(r *rig) {
		conn := r.dial()
		got := make(chan string)
		go func() {
			p := make([]byte, 10)
			n, _ := conn.Read(p)
			got <- string(p[:n])
		}()
		time.Sleep(time.Minute)
		r.peer.mu.Lock()
		r.peer.lose = 1
		r.peer.mu.Unlock()
		started := time.Now()
		if _, err := conn.Write([]byte("lost")); err != nil {
			r.Fatal(err)
		}
		select {
		case s := <-got:
			if took := time.Since(started); s != "lost" || took > 3*time.Second {
				r.Errorf("got %q after %v", s, took)
			}
		case <-time.After(time.Minute):
			r.Error("what was lost was not sent again: nobody looked at the clock")
			conn.Close()
			<-got
		}
	})
}

func TestTwoWaitAndEachGetsItsOwn(t *testing.T) {
	inRig(t, func(r *rig) {
		a, b := r.dial(), r.dial()
		got := make(chan string, 2)
		for name, conn := range map[string]*Conn{"a": a, "b": b} {
			go func() {
				p := make([]byte, 10)
				n, _ := conn.Read(p)
				got <- name + string(p[:n])
			}()
		}
		synctest.Wait()
		for _, c := range []struct {
			conn *Conn
			want string
		}{{b, "bx"}, {a, "ax"}} {
			if _, err := c.conn.Write([]byte("x")); err != nil {
				r.Fatal(err)
			}
			if s := <-got; s != c.want {
				r.Errorf("got %q, want %q", s, c.want)
			}
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	inRig(t, func(r *rig) {
		var running sync.WaitGroup
		for range 20 {
			running.Go(func() {
				conn, err := r.Dial(context.Background(), netip.AddrPort{}, netip.AddrPortFrom(peer4, 7))
				if err != nil {
					r.Error(err)
					return
				}
				defer conn.Close()
				for range 50 {
					conn.Write([]byte("hello"))
					p := make([]byte, 5)
					if _, err := io.ReadFull(conn, p); err != nil || string(p) != "hello" {
						r.Errorf("got %q (%v)", p, err)
						return
					}
				}
			})
		}
		running.Wait()
	})
}

// waiting starts calls that nothing will satisfy and returns what they end
// with.
func (r *rig) waiting() chan error {
	r.Helper()
	conn, ends := r.dial(), make(chan error, 3)
	r.peer.mu.Lock()
	r.peer.mute = true
	r.peer.mu.Unlock()
	go func() { _, err := conn.Read(make([]byte, 1)); ends <- err }()
	go func() {
		var err error
		for err == nil {
			_, err = conn.Write(make([]byte, 1<<20))
		}
		ends <- err
	}()
	go func() {
		_, err := r.Dial(context.Background(), netip.AddrPort{}, netip.AddrPortFrom(peer4, 8))
		ends <- err
	}()
	synctest.Wait()
	return ends
}

func TestCloseEndsEveryWait(t *testing.T) {
	for name, end := range map[string]func(*rig){
		"the client is closed": func(r *rig) { r.Close() },
		"the link is closed":   func(r *rig) { r.link.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(r *rig) {
				ends := r.waiting()
				end(r)
				for range cap(ends) {
					if err := <-ends; !errors.Is(err, net.ErrClosed) {
						r.Errorf("got %v, want net.ErrClosed", err)
					}
				}
			})
		})
	}
}

func TestConnCloseEndsItsWaits(t *testing.T) {
	inRig(t, func(r *rig) {
		conn := r.dial()
		ends := make(chan error, 1)
		go func() { _, err := conn.Read(make([]byte, 1)); ends <- err }()
		synctest.Wait()
		conn.Close()
		if err := <-ends; !errors.Is(err, net.ErrClosed) {
			r.Errorf("got %v, want net.ErrClosed", err)
		}
		if err := conn.Close(); !errors.Is(err, net.ErrClosed) {
			r.Errorf("second Close: %v", err)
		}
	})
}

func TestSilentPeerEndsADialAfterThreeMinutes(t *testing.T) {
	inRig(t, func(r *rig) {
		r.peer.mute = true
		started := time.Now()
		_, err := r.Dial(context.Background(), netip.AddrPort{}, netip.AddrPortFrom(peer4, 7))
		if took := time.Since(started); !errors.Is(err, syscall.ETIMEDOUT) || took < 3*time.Minute {
			r.Errorf("%v after %v, want ETIMEDOUT after three minutes at least (MUST-23)", err, took)
		}
	})
}

func TestContextEndsAWaitingDial(t *testing.T) {
	inRig(t, func(r *rig) {
		r.peer.mute = true
		ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
		defer cancel()
		started := time.Now()
		_, err := r.Dial(ctx, netip.AddrPort{}, netip.AddrPortFrom(peer4, 7))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(started) != 700*time.Millisecond {
			r.Errorf("%v after %v", err, time.Since(started))
		}
		if _, err := r.Dial(ctx, netip.AddrPort{}, netip.AddrPortFrom(peer4, 7)); !errors.Is(err, context.DeadlineExceeded) {
			r.Errorf("a context that is over already: %v", err)
		}
	})
}

func TestFailingLinkIsNotAskedWithoutPause(t *testing.T) {
	inRig(t, func(r *rig) {
		r.link.mu.Lock()
		r.link.failure, r.link.reads = tap.ErrLinkDown, 0
		r.link.changed.Broadcast()
		r.link.mu.Unlock()
		time.Sleep(time.Second)
		r.link.mu.Lock()
		if r.link.reads > 300 {
			r.Errorf("%d reads in a second", r.link.reads)
		}
		r.link.failure = nil
		r.link.mu.Unlock()
		r.dial() // and it recovers
	})
}

func TestBlockedLinkHoldsBackTheWriterAlone(t *testing.T) {
	inRig(t, func(r *rig) {
		first, second := r.dial(), r.dial()
		hold := make(chan struct{})
		r.link.mu.Lock()
		r.link.hold = hold
		r.link.mu.Unlock()
		wrote := make(chan error, 1)
		go func() { _, err := first.Write([]byte("one")); wrote <- err }()
		synctest.Wait()
		if _, err := second.Write([]byte("two")); err != nil { // queued; it would block if the lock were held
			r.Error(err)
		}
		close(hold)
		if err := <-wrote; err != nil {
			r.Error(err)
		}
		for conn, want := range map[*Conn]string{first: "one", second: "two"} {
			p := make([]byte, 3)
			if _, err := io.ReadFull(conn, p); err != nil || string(p) != want {
				r.Errorf("got %q (%v), want %q", p, err, want)
			}
		}
	})
}

// A burst is written by a goroutine of its own, so the caller can go on, and
// in order.
func TestBurstIsWrittenBesideTheCaller(t *testing.T) {
	inRig(t, func(r *rig) {
		r.mu.Lock()
		r.parallel = true
		r.mu.Unlock()
		conn := r.dial()
		text := make([]byte, 2*handOver*1460)
		for i := range text {
			text[i] = byte(i / 1460)
		}
		echoed := make([]byte, len(text))
		for round := range 4 { // in the first ones the congestion window grows
			hold := make(chan struct{})
			r.link.mu.Lock()
			r.link.hold = hold
			r.link.mu.Unlock()
			if round < 3 {
				close(hold)
			}
			if _, err := conn.Write(text); err != nil {
				r.Fatal(err)
			}
			if round == 3 {
				close(hold)
			}
			if _, err := io.ReadFull(conn, echoed); err != nil || !bytes.Equal(echoed, text) {
				r.Fatalf("round %d: the echo differs (%v)", round, err)
			}
		}
	})
}

func TestOpenWithoutALink(t *testing.T) {
	if _, err := Open(Config{}); err == nil {
		t.Error("no error")
	}
	if _, err := Open(Config{Link: newFakeLink(nil)}); !errors.Is(err, ErrConfig) {
		t.Errorf("no address: %v", err)
	}
}
