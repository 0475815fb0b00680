package lab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// hello is the script of the program of 2017.
func hello(who scenario.Closer) scenario.Application {
	return scenario.Application{Send: []byte("hello"), Expect: 5, Check: true, Close: who, Timeout: 10 * time.Second}
}

func converse(t *testing.T, o LabOptions, app scenario.Application) Result {
	t.Helper()
	linktest.NeedRoot(t)
	return Converse(context.Background(), Kernel(), NewTAP(o), app)
}

func TestKernelEchoConversation(t *testing.T) {
	for _, ipv6 := range []bool{false, true} {
		t.Run(fmt.Sprintf("IPv6=%v", ipv6), func(t *testing.T) {
			r := converse(t, LabOptions{IPv6: ipv6}, hello(scenario.PeerFirst))
			if r.Err != nil || r.PeerErr != nil {
				t.Fatalf("stack: %v; server: %v", r.Err, r.PeerErr)
			}
			// The kernel acknowledges the server's FIN in its own if the
			// program closes before the delayed acknowledgement is due.
			expectSegments(t, r.Recording, peerFirst, peerFirstJoined)
			if r.State != "CLOSED" || r.PeerState != "TIME-WAIT" {
				t.Errorf("ended in %s, the server in %s; want CLOSED and TIME-WAIT: the server closed first", r.State, r.PeerState)
			}
			if string(r.Received) != "hello" || r.Connect <= 0 || r.Echo <= 0 || r.Total < r.Connect+r.Echo {
				t.Errorf("received %q; connect %v, echo %v, total %v", r.Received, r.Connect, r.Echo, r.Total)
			}
		})
	}
}

func TestKernelClosesFirst(t *testing.T) {
	for _, ipv6 := range []bool{false, true} {
		r := converse(t, LabOptions{IPv6: ipv6}, hello(scenario.ClientFirst))
		if r.Err != nil || r.PeerErr != nil {
			t.Fatalf("stack: %v; server: %v", r.Err, r.PeerErr)
		}
		expectSegments(t, r.Recording, clientFirst, clientFirstApart)
		if r.State != "TIME-WAIT" || r.PeerState != "CLOSED" {
			t.Errorf("ended in %s, the server in %s; want TIME-WAIT and CLOSED", r.State, r.PeerState)
		}
	}
}

// The recording holds the conversation and the resolution of the next hop,
// and nothing that a kernel says of itself.
func TestRecordingHasNoChatter(t *testing.T) {
	want := map[bool]string{false: "out ARP in ARP", true: "out ICMPv6NeighborSolicitation in ICMPv6NeighborAdvertisement"}
	for ipv6, frames := range want {
		r := converse(t, LabOptions{IPv6: ipv6}, hello(scenario.PeerFirst))
		_, others := capturetest.Transcript(r.Recording)
		if got := strings.Join(others, " "); got != frames {
			t.Errorf("IPv6 %v: beside TCP there are %q, want %q", ipv6, got, frames)
		}
	}
}

func TestLargeEcho(t *testing.T) {
	app := scenario.Application{Send: bytes.Repeat([]byte("0123456789abcdef"), 64<<10), Check: true, Close: scenario.PeerFirst}
	app.Expect = len(app.Send)
	r := converse(t, LabOptions{}, app)
	if r.Err != nil || r.PeerErr != nil {
		t.Fatalf("1 MiB: stack: %v; server: %v", r.Err, r.PeerErr)
	}
	if !bytes.Equal(r.Received, app.Send) {
		t.Error("1 MiB came back changed")
	}
}

func TestNothingSent(t *testing.T) {
	r := converse(t, LabOptions{}, scenario.Application{Close: scenario.PeerFirst})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if r.PeerState != "TIME-WAIT" {
		t.Errorf("the server is in %s, want TIME-WAIT: it hangs up", r.PeerState)
	}
}

func expectError(t *testing.T, r Result, stage Stage, cause error, says string) {
	t.Helper()
	var e *Error
	if !errors.As(r.Err, &e) {
		t.Fatalf("error %v, want one with a stage", r.Err)
	}
	if e.Stage != stage || !errors.Is(e, cause) || !strings.Contains(e.Sentence, says) {
		t.Errorf("stage %q, cause %v: %q\nwant %q, %v, ... %q ...", e.Stage, e.Err, e.Sentence, stage, cause, says)
	}
}

func TestClosedPortIsRefused(t *testing.T) {
	linktest.NeedRoot(t)
	r := Converse(context.Background(), Kernel(), elsewherePort{NewTAP(LabOptions{})}, hello(scenario.PeerFirst))
	expectError(t, r, StageConnect, syscall.ECONNREFUSED, "nothing listens on that port")
	expectSegments(t, r.Recording, []string{"out SYN", "in RST·ACK"})
	if r.State != "CLOSED" {
		t.Errorf("the stack is in %s, want CLOSED", r.State)
	}
}

// elsewherePort sends the stack to a port on which nobody listens.
type elsewherePort struct{ Place }

func (p elsewherePort) Open(ctx context.Context, app scenario.Application) (*Site, error) {
	s, err := p.Place.Open(ctx, app)
	if err == nil {
		s.Remote = netip.AddrPortFrom(s.Remote.Addr(), 9)
		s.PeerState = nil
	}
	return s, err
}

func TestAbsentHostIsUnreachable(t *testing.T) {
	linktest.NeedRoot(t)
	r := Converse(context.Background(), Kernel(), elsewhereHost{NewTAP(LabOptions{})}, hello(scenario.PeerFirst))
	expectError(t, r, StageConnect, syscall.EHOSTUNREACH, "does not answer")
	if segments, others := capturetest.Transcript(r.Recording); len(segments) != 0 || len(others) == 0 {
		t.Errorf("recorded %v and %v, want unanswered ARP", segments, others)
	}
}

type elsewhereHost struct{ Place }

func (p elsewhereHost) Open(ctx context.Context, app scenario.Application) (*Site, error) {
	s, err := p.Place.Open(ctx, app)
	if err == nil {
		s.Remote = netip.AddrPortFrom(labServer4.Addr().Next().Next(), s.Remote.Port())
	}
	return s, err
}

func TestServerThatNeverEchoes(t *testing.T) {
	app := hello(scenario.PeerFirst)
	app.Timeout = time.Second
	r := converse(t, LabOptions{Manners: &Manners{Manner: Discard}}, app)
	expectError(t, r, StageExpect, context.DeadlineExceeded, "0 of the 5 bytes")
	expectSegments(t, r.Recording, []string{"out SYN", "in SYN·ACK", "out ACK", "out PSH·ACK(5)", "in ACK"})
	if r.State != "ESTABLISHED" || r.PeerState != "ESTABLISHED" {
		t.Errorf("both ends were ESTABLISHED, not %s and %s", r.State, r.PeerState)
	}
}

func TestServerThatEchoesTooLittle(t *testing.T) {
	r := converse(t, LabOptions{Manners: &Manners{Manner: EchoOnce, Bytes: 3}}, hello(scenario.PeerFirst))
	var e *Error
	if !errors.As(r.Err, &e) || e.Stage != StageExpect || !strings.Contains(e.Sentence, "3 of the 5 bytes") {
		t.Errorf("%v; want it to say how much came", r.Err)
	}
}

func TestServerThatSendsSomethingElse(t *testing.T) {
	r := converse(t, LabOptions{Manners: &Manners{Manner: Source, Bytes: 5}}, hello(scenario.PeerFirst))
	expectError(t, r, StageExpect, ErrNotEchoed, "byte 1")
}

func TestServerThatEchoesMore(t *testing.T) {
	app := hello(scenario.PeerFirst)
	app.Expect = 3
	r := converse(t, LabOptions{}, app)
	expectError(t, r, StageClose, errMore, "more than the 3 bytes")
}

// A server that was not to echo may send more than was asked for.
func TestServerThatSendsMore(t *testing.T) {
	app := scenario.Application{Expect: 5, Close: scenario.ClientFirst}
	r := converse(t, LabOptions{Manners: &Manners{Manner: Source, Bytes: 1 << 20}}, app)
	if r.Err != nil || r.Surplus != 1<<20-5 {
		t.Errorf("%v, %d bytes beyond the 5 expected; want all of the 1 MiB", r.Err, r.Surplus)
	}
}

func TestServerThatDoesNotClose(t *testing.T) {
	app := hello(scenario.PeerFirst)
	app.Timeout = time.Second
	r := converse(t, LabOptions{Manners: &Manners{Manner: Echo}}, app)
	expectError(t, r, StageClose, context.DeadlineExceeded, "--close first")
}

// deaf loses the IPv4 packets that are sent on it; ARP passes.
type deaf struct{ tap.Link }

func (d deaf) WriteFrame(frame []byte) error {
	if frame[12] == 0x08 && frame[13] == 0x00 {
		return nil
	}
	return d.Link.WriteFrame(frame)
}

func TestSilentPort(t *testing.T) {
	app := hello(scenario.PeerFirst)
	app.Timeout = 500 * time.Millisecond
	r := converse(t, LabOptions{Filter: func(l tap.Link) tap.Link { return deaf{l} }}, app)
	expectError(t, r, StageConnect, context.DeadlineExceeded, "did not answer within 500ms")
	segments, _ := capturetest.Transcript(r.Recording)
	if len(segments) == 0 || strings.Join(slices.Compact(segments), " ") != "out SYN" {
		t.Errorf("segments %v, want unanswered SYNs", segments)
	}
}

// dying goes down when some frames have come in.
type dying struct {
	tap.Link
	left *int
}

func (d dying) ReadFrame(buf []byte) (int, tap.Meta, error) {
	if *d.left == 0 {
		return 0, tap.Meta{}, fmt.Errorf("test: %w", tap.ErrLinkDown)
	}
	*d.left--
	return d.Link.ReadFrame(buf)
}

func TestLinkThatGoesDown(t *testing.T) {
	for incoming := range 7 {
		r := converse(t, LabOptions{Filter: func(l tap.Link) tap.Link { return dying{l, &incoming} }}, hello(scenario.PeerFirst))
		if !errors.Is(r.Err, tap.ErrLinkDown) || !strings.Contains(r.Err.Error(), "set the interface up") {
			t.Errorf("%v, want it to say that the link went down", r.Err)
		}
		if r.Total > 5*time.Second {
			t.Errorf("it took %v to notice", r.Total)
		}
	}
}

// The frames so far are kept when the run is interrupted.
func TestCancelKeepsWhatWasRecorded(t *testing.T) {
	linktest.NeedRoot(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	frames := 0
	count := func(l tap.Link) tap.Link {
		return tap.Record(l, tap.WithObserver(func(tap.Frame) {
			if frames++; frames == 7 { // ARP both ways, the handshake, hello and its acknowledgement
				cancel()
			}
		}))
	}
	r := Converse(ctx, Kernel(), NewTAP(LabOptions{Manners: &Manners{Manner: Discard}, Filter: count}), hello(scenario.PeerFirst))
	expectError(t, r, StageExpect, context.Canceled, "interrupted")
	if len(r.Recording.Frames) < 7 {
		t.Errorf("%d frames were kept, want the 7 that had crossed", len(r.Recording.Frames))
	}
}

func TestConversationsLeaveNothing(t *testing.T) {
	linktest.NeedRoot(t)
	if testing.Short() {
		t.Skip("50 conversations take seconds")
	}
	inWitness(t, func() {
		expectNoLeak(t, 50, func(i int) {
			app := hello(scenario.PeerFirst)
			if i%2 == 1 {
				app.Close = scenario.ClientFirst
			}
			if r := Converse(context.Background(), seenStack{Kernel()}, seenPlace{NewTAP(LabOptions{})}, app); r.Err != nil {
				t.Errorf("conversation %d: %v", i, r.Err)
			}
		})
	})
}

// A connection that the server has closed and the client never acknowledges
// would keep its namespace alive for a minute.
func TestUnfinishedConversationsLeaveNothing(t *testing.T) {
	linktest.NeedRoot(t)
	inWitness(t, func() {
		expectNoLeak(t, 10, func(int) {
			app := hello(scenario.PeerFirst)
			app.Timeout = 100 * time.Millisecond
			r := Converse(context.Background(), seenStack{Kernel()}, seenPlace{NewTAP(LabOptions{Manners: &Manners{Manner: Echo}})}, app)
			if r.Err == nil {
				t.Error("a server that does not close was no error")
			}
		})
	})
}

func TestStateNames(t *testing.T) {
	for n, want := range map[uint8]string{1: "ESTABLISHED", 6: "TIME-WAIT", 7: "CLOSED", 12: "SYN-RECEIVED", 99: "UNKNOWN-99"} {
		if got := stateName(n); got != want {
			t.Errorf("state %d is %s, want %s", n, got, want)
		}
	}
}

// Both ways of finding a state agree.
func TestStatesFromProc(t *testing.T) {
	s := serve(t, Manners{Manner: Echo})
	c := s.dial()
	local, remote := c.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort(), s.addr
	states := func() (diag, proc string) {
		s.ns.Do(func() error {
			diag, proc = tcpState(local, remote), procState(local, remote)
			return nil
		})
		return diag, proc
	}
	if diag, proc := states(); diag != "ESTABLISHED" || proc != diag {
		t.Errorf("open: netlink says %s, /proc says %s", diag, proc)
	}
	c.CloseWrite()
	s.rest(c)
	c.Close()
	if diag, proc := states(); diag != "TIME-WAIT" || proc != diag {
		t.Errorf("closed: netlink says %s, /proc says %s", diag, proc)
	}
	local = netip.AddrPortFrom(local.Addr(), 1)
	if diag, proc := states(); diag != "CLOSED" || proc != diag {
		t.Errorf("never there: netlink says %s, /proc says %s", diag, proc)
	}
}

func BenchmarkConversation(b *testing.B) {
	linktest.NeedRoot(b)
	for b.Loop() {
		if r := Converse(context.Background(), Kernel(), NewTAP(LabOptions{}), hello(scenario.PeerFirst)); r.Err != nil {
			b.Fatal(r.Err)
		}
	}
}
