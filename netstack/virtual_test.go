package netstack

import (
	"bytes"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
)

var (
	virtualEpoch = time.Unix(1_500_000_000, 0)
	near         = netip.MustParsePrefix("192.0.2.2/24")
	far          = netip.MustParsePrefix("192.0.2.1/24")
)

// startVirtual starts a host with one address.
func startVirtual(tb testing.TB, own netip.Prefix, seed uint64) lab.VirtualHost {
	tb.Helper()
	mac := []byte{2, 0, 0, 0, 0, own.Addr().As4()[3]}
	h, err := Virtual().Start(lab.VirtualConfig{
		Network: lab.Network{MAC: mac, Addr4: own, MTU: 1500}, Now: virtualEpoch, Seed: seed,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(h.Close)
	return h
}

// exchange carries frames between two hosts until neither has any, and returns
// them all.
func exchange(a, b lab.VirtualHost) (frames [][]byte) {
	for {
		n := len(frames)
		for _, pair := range [][2]lab.VirtualHost{{a, b}, {b, a}} {
			var out [][]byte
			pair[0].Sent(func(f []byte) { out = append(out, slices.Clone(f)) })
			for _, f := range out {
				pair[1].Receive(f)
			}
			frames = append(frames, out...)
		}
		if len(frames) == n {
			return frames
		}
	}
}

// A whole conversation between two hosts in virtual time, twice with the same
// bytes and with another seed with others.
func TestVirtualConversation(t *testing.T) {
	run := func(seed uint64) []byte {
		client, server := startVirtual(t, near, seed), startVirtual(t, far, seed+1)
		var all [][]byte
		listener := socketOf(t, server)
		must(t, listener.Bind(netip.AddrPortFrom(far.Addr(), 7)))
		must(t, listener.Listen(1))
		c := socketOf(t, client)
		must(t, c.Bind(netip.AddrPortFrom(near.Addr(), 40000)))
		if err := c.Connect(netip.AddrPortFrom(far.Addr(), 7)); err != syscall.EINPROGRESS {
			t.Fatalf("connect: %v", err)
		}
		if _, err := c.Send([]byte("x"), lab.SendFlags{}); err != syscall.EAGAIN {
			t.Errorf("a send while connecting: %v", err)
		}
		all = append(all, exchange(client, server)...)
		s, from, err := listener.Accept()
		if err != nil || from.Port() != 40000 {
			t.Fatalf("accept: %v from %v", err, from)
		}
		if n, err := c.Send([]byte("hello"), lab.SendFlags{}); n != 5 || err != nil {
			t.Errorf("send: %d, %v", n, err)
		}
		all = append(all, exchange(client, server)...)
		var b [16]byte
		if s.Unread() != 5 || !s.Ready().Readable {
			t.Errorf("%d bytes to read, %+v", s.Unread(), s.Ready())
		}
		if n, err := s.Receive(b[:], false); string(b[:n]) != "hello" || err != nil {
			t.Errorf("receive: %q, %v", b[:n], err)
		}
		if _, err := s.Receive(b[:], false); err != syscall.EAGAIN {
			t.Errorf("receive from an empty buffer: %v", err)
		}
		must(t, s.Close())
		all = append(all, exchange(client, server)...)
		if n, err := c.Receive(b[:], false); n != 0 || err != nil || c.State() != "CLOSE-WAIT" {
			t.Errorf("the end: %d, %v, %s", n, err, c.State())
		}
		must(t, c.Close())
		all = append(all, exchange(client, server)...)
		if c.State() != "CLOSED" || s.State() != "TIME-WAIT" {
			t.Errorf("ended in %s and %s", c.State(), s.State())
		}
		return bytes.Join(all, nil)
	}
	first := run(5)
	if !bytes.Equal(run(5), first) {
		t.Error("the same seed gave other bytes")
	}
	if bytes.Equal(run(6), first) {
		t.Error("another seed gave the same bytes")
	}
}

func socketOf(t *testing.T, h lab.VirtualHost) lab.VirtualSocket {
	t.Helper()
	s, err := h.Socket(false)
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Nothing answers: the SYN is repeated at its times and no real time passes.
func TestVirtualSynRetransmission(t *testing.T) {
	h := startVirtual(t, near, 1)
	s := socketOf(t, h)
	began := time.Now()
	s.Connect(netip.AddrPortFrom(far.Addr(), 7))
	var times []time.Duration
	now := virtualEpoch
	look := func(f []byte) {
		switch {
		case f[12] == 8 && f[13] == 6: // ARP: answer it, silently later
			reply := slices.Clone(f)
			copy(reply, f[6:12])
			reply[21] = 2
			copy(reply[22:28], []byte{2, 0, 0, 0, 0, 1})
			copy(reply[28:32], f[38:42])
			copy(reply[32:42], f[22:32])
			h.Receive(reply)
		case len(f) > 47 && f[23] == 6:
			times = append(times, now.Sub(virtualEpoch))
		}
	}
	for range 3 {
		h.Sent(look)
	}
	for next := h.Next(); !next.IsZero() && len(times) < 5; next = h.Next() {
		now = next
		h.Advance(now)
		h.Sent(look)
	}
	want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}
	if !slices.Equal(times, want) {
		t.Errorf("SYNs at %v, want %v", times, want)
	}
	if real := time.Since(began); real > 5*time.Second {
		t.Errorf("15 virtual seconds took %v", real)
	}
}

// A refused connection gives the error of a socket.
func TestVirtualErrors(t *testing.T) {
	client, server := startVirtual(t, near, 1), startVirtual(t, far, 2)
	c := socketOf(t, client)
	if _, err := c.Receive(make([]byte, 1), false); err != syscall.ENOTCONN {
		t.Errorf("receive before connect: %v", err)
	}
	c.Connect(netip.AddrPortFrom(far.Addr(), 9))
	if err := c.Connect(netip.AddrPortFrom(far.Addr(), 9)); err != syscall.EALREADY {
		t.Errorf("connect again: %v", err)
	}
	exchange(client, server)
	if r := c.Ready(); !r.Error || !r.HangUp {
		t.Errorf("%+v", r)
	}
	v, err := c.Option("SO_ERROR")
	if err != nil || syscall.Errno(v.N[0]) != syscall.ECONNREFUSED {
		t.Errorf("SO_ERROR %v, %v", syscall.Errno(v.N[0]), err)
	}
	if err := c.SetOption("SO_DEBUG", lab.Number(1)); err != syscall.ENOPROTOOPT {
		t.Errorf("an unknown option: %v", err)
	}
}

// What is set is what is got.
func TestVirtualOptions(t *testing.T) {
	s := socketOf(t, startVirtual(t, near, 1))
	for name, value := range map[string]lab.OptionValue{
		"TCP_NODELAY": lab.Number(1), "TCP_CORK": lab.Number(1), "SO_KEEPALIVE": lab.Number(1), "TCP_KEEPIDLE": lab.Number(30),
		"TCP_KEEPINTVL": lab.Number(7), "TCP_KEEPCNT": lab.Number(3), "TCP_USER_TIMEOUT": lab.Number(4000), "TCP_MAXSEG": lab.Number(1000),
		"SO_LINGER": {N: [2]int64{1, 4}}, "TCP_CONGESTION": {Text: "cubic"}, "IP_TTL": lab.Number(9), "SO_REUSEADDR": lab.Number(1),
		"TCP_LINGER2": lab.Number(5), "TCP_QUICKACK": lab.Number(0),
	} {
		if err := s.SetOption(name, value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := s.Option(name); err != nil || got != value {
			t.Errorf("%s is %v, %v; want %v", name, got, err, value)
		}
	}
}

func TestVirtualSettings(t *testing.T) {
	h := startVirtual(t, near, 1)
	for name, value := range map[string]string{
		"tcp_sack": "0", "tcp_congestion_control": "cubic", "rto_min": "0.3", "rto_max": "10", "tcp_syn_retries": "2",
		"tcp_retries2": "5", "tcp_fin_timeout": "10", "msl": "1", "ip_default_ttl": "33", "tcp_rmem": "4096 8192 16384",
		"send_buffer": "50000", "tcp_timestamps": "1", "tcp_recovery": "0", "tcp_keepalive_time": "10",
	} {
		if !h.Set(name, value) {
			t.Errorf("%s=%s is refused", name, value)
		}
	}
	for name, value := range map[string]string{
		"tcp_timestamps": "0", "tcp_ecn": "1", "tcp_congestion_control": "vegas", "tcp_rmem": "1 2", "unknown": "1", "rto_min": "soon",
	} {
		if h.Set(name, value) {
			t.Errorf("%s=%s is taken", name, value)
		}
	}
}

// Timers run by deadline, then in the order in which they were set; one that
// is stopped does not run, one that is due at once waits until it is asked for.
func TestVirtualClock(t *testing.T) {
	c := &virtualClock{now: virtualEpoch}
	var ran []string
	add := func(name string, d time.Duration) interface{ Stop() bool } {
		return c.AfterFunc(d, func() { ran = append(ran, name) })
	}
	for range 50 { // more than chance would give
		add("second", time.Second)
	}
	stopped := add("stopped", time.Second)
	add("first", time.Millisecond)
	add("now", 0)
	moved := c.AfterFunc(time.Hour, func() { ran = append(ran, "moved") })
	moved.Reset(time.Second)
	if len(ran) > 0 {
		t.Errorf("%v ran before it was asked for", ran)
	}
	if !stopped.Stop() || stopped.Stop() {
		t.Error("stopping says the wrong thing")
	}
	for c.runOne(virtualEpoch.Add(2 * time.Second)) {
	}
	if len(ran) != 53 || ran[0] != "now" || ran[1] != "first" || ran[2] != "second" || ran[52] != "moved" {
		t.Errorf("%v", ran)
	}
	if c.Now() != virtualEpoch.Add(time.Second) || !c.next().IsZero() {
		t.Errorf("the clock shows %v, the next timer %v", c.Now(), c.next())
	}
}
