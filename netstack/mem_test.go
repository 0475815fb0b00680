package netstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

func hello(who scenario.Closer) scenario.Application {
	return scenario.Application{Send: []byte("hello"), Expect: 5, Check: true, Close: who, Timeout: 20 * time.Second}
}

func memPlace(o lab.LabOptions) lab.Place { return lab.NewMem("netstack", Serve, o) }

// Netstack against netstack over a wire in memory: what a machine without any
// privilege runs.
func TestEchoOverMemory(t *testing.T) {
	for _, ipv6 := range []bool{false, true} {
		for who, state := range map[scenario.Closer][2]string{
			scenario.PeerFirst:   {"CLOSED", "TIME-WAIT"},
			scenario.ClientFirst: {"TIME-WAIT", "CLOSED"},
		} {
			t.Run(fmt.Sprintf("IPv6=%v,close=%v", ipv6, who), func(t *testing.T) {
				r := lab.Converse(context.Background(), New(), memPlace(lab.LabOptions{IPv6: ipv6}), hello(who))
				if r.Err != nil || r.PeerErr != nil {
					t.Fatalf("client: %v; server: %v", r.Err, r.PeerErr)
				}
				if who == scenario.PeerFirst {
					expectSegments(t, r.Recording, peerFirst)
				} else {
					expectSegments(t, r.Recording, clientFirst, clientFirstApart)
				}
				if r.State != state[0] || r.PeerState != state[1] {
					t.Errorf("ended in %s, the server in %s; want %v", r.State, r.PeerState, state)
				}
			})
		}
	}
}

func TestLargeEchoOverMemory(t *testing.T) {
	app := scenario.Application{Send: bytes.Repeat([]byte("0123456789abcdef"), 16<<10), Check: true, Close: scenario.PeerFirst}
	app.Expect = len(app.Send)
	r := lab.Converse(context.Background(), New(), memPlace(lab.LabOptions{}), app)
	if r.Err != nil || !bytes.Equal(r.Received, app.Send) {
		t.Errorf("256 KiB: %v, %d bytes back", r.Err, len(r.Received))
	}
}

// The segments fill the link's MTU: 1460 octets on 1500 (RFC 9293 §3.7.1).
func TestMSSFillsMTU(t *testing.T) {
	for _, c := range []struct {
		mtu  int
		ipv6 bool
		mss  string
	}{{1500, false, "05b4"}, {1500, true, "05a0"}, {1400, false, "0550"}} {
		r := lab.Converse(context.Background(), New(), memPlace(lab.LabOptions{MTU: c.mtu, IPv6: c.ipv6}), hello(scenario.PeerFirst))
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		for _, f := range r.Recording.Frames {
			if tcp := tcpLayer(f); tcp != nil && f.Dir == tap.Out {
				if got := fmt.Sprintf("%x", tcp.Options[0].OptionData); got != c.mss {
					t.Errorf("MTU %d, IPv6 %v: MSS %s, want %s", c.mtu, c.ipv6, got, c.mss)
				}
				break
			}
		}
	}
}

// wire is a host of ours and a server's, without the lab around them.
func wire(t *testing.T, m lab.Manners) lab.Host {
	t.Helper()
	near, far := tap.MemPair(tap.MemOptions{})
	server, err := Serve(far, lab.Network{MAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, Addr4: netip.MustParsePrefix("192.0.2.1/24"), MTU: 1500}, 7, m)
	if err != nil {
		t.Fatal(err)
	}
	client, err := New().Attach(context.Background(), near, lab.Network{MAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, Addr4: netip.MustParsePrefix("192.0.2.2/24"), MTU: 1500})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		server.Close()
		near.Close()
		far.Close()
	})
	return client
}

var (
	clientAddr = netip.MustParseAddrPort("192.0.2.2:40000")
	serverAddr = netip.MustParseAddrPort("192.0.2.1:7")
)

func TestDialErrors(t *testing.T) {
	host := wire(t, lab.Manners{Manner: lab.Echo})
	for _, c := range []struct {
		what   string
		remote string
		want   error
	}{
		{"closed port", "192.0.2.1:9", syscall.ECONNREFUSED},
		{"absent host", "192.0.2.77:7", syscall.EHOSTUNREACH},
		{"no route", "198.51.100.1:7", syscall.ENETUNREACH},
	} {
		_, err := host.Dial(context.Background(), clientAddr, netip.MustParseAddrPort(c.remote))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
}

func TestDialEndsWithContext(t *testing.T) {
	host := wire(t, lab.Manners{Manner: lab.Echo})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := host.Dial(ctx, clientAddr, netip.MustParseAddrPort("192.0.2.77:7")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's error", err)
	}
}

func TestDialEndsWithHost(t *testing.T) {
	host := wire(t, lab.Manners{Manner: lab.Echo})
	failed := make(chan error)
	go func() {
		_, err := host.Dial(context.Background(), clientAddr, netip.MustParseAddrPort("192.0.2.77:7"))
		failed <- err
	}()
	host.Close()
	if err := <-failed; err == nil {
		t.Error("Dial succeeded on a closed host")
	}
	if _, err := host.Dial(context.Background(), clientAddr, serverAddr); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial after Close: %v, want net.ErrClosed", err)
	}
}

func dial(t *testing.T, host lab.Host) lab.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c, err := host.Dial(ctx, clientAddr, serverAddr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConnErrorsAreThoseOfNet(t *testing.T) {
	host := wire(t, lab.Manners{Manner: lab.Echo})
	c := dial(t, host)
	if c.LocalAddr().String() != clientAddr.String() || c.RemoteAddr().String() != serverAddr.String() {
		t.Errorf("addresses %v and %v", c.LocalAddr(), c.RemoteAddr())
	}
	c.SetReadDeadline(time.Unix(1, 0))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read after its deadline: %v", err)
	}
	c.SetReadDeadline(time.Time{})
	if got := c.State(); got != "ESTABLISHED" {
		t.Errorf("state %s", got)
	}
	read := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		read <- err
	}()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read that waits while the connection is closed: %v, want net.ErrClosed", err)
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write after Close: %v, want net.ErrClosed", err)
	}
	if err := c.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second Close: %v, want net.ErrClosed", err)
	}
}

func TestResetIsSeen(t *testing.T) {
	// The server is done after one byte while the client's other bytes are
	// still unread, so it resets.
	host := wire(t, lab.Manners{Manner: lab.Hangup})
	c := dial(t, host)
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Fatal("a server that hangs up sent data")
	}
	var err error
	for err == nil {
		_, err = c.Write([]byte("late"))
	}
	if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing to a server that has closed: %v", err)
	}
	if got := c.State(); got != "CLOSED" {
		t.Errorf("state %s after a RST, want CLOSED", got)
	}
}

// Closing a host with an open connection tells its peer.
func TestCloseResetsOpenConnections(t *testing.T) {
	near, far := tap.MemPair(tap.MemOptions{})
	defer near.Close()
	defer far.Close()
	rec := tap.Record(near)
	server, err := Serve(far, lab.Network{MAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, Addr4: netip.MustParsePrefix("192.0.2.1/24")}, 7, lab.Manners{Manner: lab.Echo})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	host, err := New().Attach(context.Background(), rec, lab.Network{MAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, Addr4: netip.MustParsePrefix("192.0.2.2/24")})
	if err != nil {
		t.Fatal(err)
	}
	dial(t, host)
	host.Close()
	expectSegments(t, rec.Recording(), []string{"out SYN", "in SYN·ACK", "out ACK", "out RST·ACK"})
}

func TestAttachNeedsAnAddress(t *testing.T) {
	near, _ := tap.MemPair(tap.MemOptions{})
	defer near.Close()
	if _, err := New().Attach(context.Background(), near, lab.Network{}); err == nil || !strings.Contains(err.Error(), "Ethernet address") {
		t.Errorf("no MAC: %v", err)
	}
}

func TestHostsLeaveNoGoroutine(t *testing.T) {
	conversation := func(app scenario.Application) {
		if r := lab.Converse(context.Background(), New(), memPlace(lab.LabOptions{}), app); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	conversation(hello(scenario.PeerFirst))
	before := runtime.NumGoroutine()
	for i := range 50 {
		app := hello(scenario.PeerFirst)
		if i%2 == 1 {
			app.Close = scenario.ClientFirst // leaves a connection in TIME-WAIT
		}
		conversation(app)
	}
	expectGoroutines(t, before)
}

func expectGoroutines(t *testing.T, want int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for n := runtime.NumGoroutine(); n > want; n = runtime.NumGoroutine() {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d now\n%s", want, n, buf[:runtime.Stack(buf, true)])
		}
		runtime.Gosched()
	}
}

func TestSettingsAreRead(t *testing.T) {
	got := make(map[string]string)
	for _, s := range New().Settings() {
		if s.Value == "" || strings.Contains(s.Value, "unavailable") {
			t.Errorf("%s has no value: %q", s.Name, s.Value)
		}
		got[s.Name] = s.Value
	}
	// What library use of this version starts with, as the wire shows.
	for name, want := range map[string]string{
		"congestion control": "reno", "SACK": "on", "loss recovery": "RACK-TLP", "Nagle": "off", "TTL": "64",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
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
	app.Timeout = 300 * time.Millisecond
	r := lab.Converse(context.Background(), New(), memPlace(lab.LabOptions{Filter: func(l tap.Link) tap.Link { return deaf{l} }}), app)
	var e *lab.Error
	if !errors.As(r.Err, &e) || e.Stage != lab.StageConnect || !errors.Is(e, context.DeadlineExceeded) || !strings.Contains(e.Sentence, "did not answer within 300ms") {
		t.Errorf("%v; want it to say that nobody answered in time", r.Err)
	}
	expectSegments(t, r.Recording, []string{"out SYN"})
}
