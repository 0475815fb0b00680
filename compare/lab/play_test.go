package lab

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const ms = time.Millisecond

var (
	synFrame  = peerSegment{flags: flagSYN, window: 1000}
	textFrame = peerSegment{seq: 1, ack: 1, flags: flagPSH | flagACK, window: 500, payload: []byte("AAAAA")}
	ackFrame  = peerSegment{seq: 1, ack: 1, flags: flagACK, window: 500}
)

func at(d time.Duration, s peerSegment) fakeTimer { return fakeTimer{d, frameOf(s)} }

// Each oracle finds what it is for.
func TestOracles(t *testing.T) {
	syn := at(10*ms, synFrame)
	const lines = "0.01 > S 0:0(0) win 1000\n+0.01 < S. 0:0(0) ack 1 win 100\n+0 > P. 1:6(5) ack 1 win 500\n"
	// What the stack sends at the instant of the peer's SYN,ACK goes before it.
	for _, c := range []struct {
		name   string
		timers []fakeTimer
		want   []string
	}{
		{"as expected", []fakeTimer{syn, at(20*ms, textFrame)}, nil},
		{"within the tolerance", []fakeTimer{at(14*ms, synFrame), at(24*ms, textFrame)}, nil},
		{"too late for the tolerance", []fakeTimer{syn, at(24*ms+1, textFrame)}, []string{"* the stack did not send what this line expects", "* no line expects frame 3, > P. 1:6(5) ack 1"}},
		{"too early", []fakeTimer{at(5*ms, synFrame), at(20*ms, textFrame)}, []string{"frame 1, > S 0:0(0) at 0.005000, expected at 0.010000, give or take 4ms"}},
		{"another window", []fakeTimer{syn, at(20*ms, with(textFrame, func(s *peerSegment) { s.window = 7 }))}, []string{"frame 2, > P. 1:6(5) ack 1: win 7, expected 500"}},
		{"without PSH", []fakeTimer{syn, at(20*ms, with(textFrame, func(s *peerSegment) { s.flags = flagACK }))}, []string{"frame 2, > . 1:6(5) ack 1: flags ., expected P."}},
		{"an option", []fakeTimer{syn, at(20*ms, with(textFrame, func(s *peerSegment) { s.options = []byte{1, 1, 1, 1} }))}, []string{"frame 2, > P. 1:6(5) ack 1: options <nop, nop, nop, nop>, expected 0"}},
		{"one byte less", []fakeTimer{syn, at(20*ms, with(textFrame, func(s *peerSegment) { s.payload = s.payload[:4] }))}, []string{
			"* the stack did not send what this line expects; instead it sent frame 2, > P. 1:5(4) ack 1",
			"* no line expects frame 2, > P. 1:5(4) ack 1"}},
		{"another number", []fakeTimer{syn, at(20*ms, with(textFrame, func(s *peerSegment) { s.seq = 2 }))}, []string{
			"* the stack did not send what this line expects; instead it sent frame 2, > P. 2:7(5) ack 1",
			"* no line expects frame 2, > P. 2:7(5) ack 1"}},
		{"one more before", []fakeTimer{syn, at(20*ms, ackFrame), at(20*ms, textFrame)}, []string{"* no line expects frame 2, > . 1:1(0) ack 1"}},
		{"one more at the end", []fakeTimer{syn, at(20*ms, textFrame), at(21*ms, ackFrame)}, []string{"* no line expects frame 4, > . 1:1(0) ack 1"}},
	} {
		if got := found(played(t, &fakeStack{timers: c.timers}, PlayOptions{}, lines)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func with(s peerSegment, change func(*peerSegment)) peerSegment {
	change(&s)
	return s
}

// Packets in another order are found, and only once.
func TestOrder(t *testing.T) {
	f := &fakeStack{timers: []fakeTimer{at(0, synFrame), at(20*ms, ackFrame), at(20*ms, textFrame)}}
	got := found(played(t, f, PlayOptions{}, "0 > S 0:0(0)\n+0.02 < S. 0:0(0) ack 1 win 9\n+0 > P. 1:6(5) ack 1\n+0 > . 1:1(0) ack 1\n"))
	want := []string{"* frame 2, > . 1:1(0) ack 1 came before the packet of the line before"}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// A line that has several segments in one, as Linux shows them, is content
// with the segments; not with a part of them.
func TestTrain(t *testing.T) {
	cars := func(n int) *fakeStack {
		f := &fakeStack{timers: []fakeTimer{at(0, synFrame)}}
		for i := range uint32(n) {
			f.timers = append(f.timers, at(20*ms, with(ackFrame, func(s *peerSegment) { s.seq, s.payload = 1+10*i, make([]byte, 10) })))
		}
		return f
	}
	const lines = "0 > S 0:0(0)\n+0.02 < S. 0:0(0) ack 1 win 9\n+0 > . 1:31(30) ack 1\n"
	if got := found(played(t, cars(3), PlayOptions{}, lines)); got != nil {
		t.Errorf("%q", got)
	}
	if got := found(played(t, cars(2), PlayOptions{}, lines)); len(got) != 3 {
		t.Errorf("%q", got)
	}
	if got := found(played(t, cars(4), PlayOptions{}, lines)); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// A patient player waits for what is late, goes on from there and blames the
// time only.
func TestPatience(t *testing.T) {
	f := &fakeStack{timers: []fakeTimer{at(0, synFrame), at(700*ms, synFrame)}}
	p := played(t, f, PlayOptions{Patient: true}, "0 > S 0:0(0)\n+0.2 > S 0:0(0)\n+0.1 < S. 0:0(0) ack 1 win 9\n")
	want := []string{"frame 2, > S 0:0(0) at 0.700000, expected at 0.200000, give or take 4ms"}
	if got := found(p); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if p.Of(Shape) != nil || len(p.Of(Strict)) != 1 {
		t.Errorf("shape %v, strict %v", p.Of(Shape), p.Of(Strict))
	}
	if last := p.Recording.Frames[2].Time.Sub(playStart); last != 800*ms {
		t.Errorf("the peer answered at %v, not 100 ms after the late packet", last)
	}
}

// Where nothing will come, the clock does not run away.
func TestNothingComes(t *testing.T) {
	p := played(t, &fakeStack{}, PlayOptions{Patient: true}, "0 > S 0:0(0)\n* > S 0:0(0)\n+0 < . 1:1(0) win 9\n")
	if len(p.Findings) != 2 || p.Virtual > 20*ms {
		t.Errorf("%q after %v", found(p), p.Virtual)
	}
}

// Ranges and wildcards move the time from which the next line counts.
func TestTimes(t *testing.T) {
	f := &fakeStack{timers: []fakeTimer{at(250*ms, synFrame)}}
	for _, when := range []string{"0.2~0.3", "+0.2~+0.3", "*", "+0.2~inf"} {
		p := played(t, f, PlayOptions{}, "0 < . 1:1(0) win 9\n"+when+" > S 0:0(0)\n+0.1 < S. 0:0(0) ack 1 win 9\n")
		if len(p.Findings) > 0 || p.Recording.Frames[2].Time.Sub(playStart) != 350*ms {
			t.Errorf("%s: %q, %v", when, found(p), p.Recording.Frames[2].Time.Sub(playStart))
		}
	}
}

// Every frame is held against what holds for each.
func TestEveryFrameIsChecked(t *testing.T) {
	broken := frameOf(synFrame)
	broken[len(broken)-1] ^= 1
	p := played(t, &fakeStack{timers: []fakeTimer{{0, broken}}}, PlayOptions{}, "0 > S 0:0(0)\n")
	if got := found(p); !slices.Equal(got, []string{"* frame 1: the TCP checksum is wrong"}) {
		t.Errorf("%q", got)
	}
	fragmentable := slices.Clone(frameOf(synFrame))
	fragmentable[20] = 0 // DF
	for i := range 2 {
		fragmentable[24+i] = 0
	}
	c := ^fold(sum(0, fragmentable[14:34]))
	fragmentable[24], fragmentable[25] = byte(c>>8), byte(c)
	p = played(t, &fakeStack{timers: []fakeTimer{{0, fragmentable}, {ms, fragmentable}}}, PlayOptions{}, "0 > S 0:0(0)\n* > S 0:0(0)\n")
	if got := found(p); len(got) != 1 || !strings.Contains(got[0], "IP ID 0x0000 comes again") {
		t.Errorf("%q", got)
	}
}

// What cannot be played is said, and nothing else.
func TestNotRun(t *testing.T) {
	for lines, want := range map[string]string{
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n+0 < S 0:0(0) win 9\n": "fake has no passive open",
		"0 < udp (5)\n": "UDP",
		"0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3\n": "only TCP sockets",
		"drop 2nd data\n": "conversation",
	} {
		if p := played(t, &fakeStack{}, PlayOptions{}, lines); !strings.Contains(p.NotRun, want) {
			t.Errorf("%q: %q, want %q", lines, p.NotRun, want)
		}
	}
	if p := played(t, &fakeStack{settings: map[string]string{"broken": "1"}}, PlayOptions{}, "0 > S 0:0(0)\n"); !strings.Contains(p.NotRun, "it is broken") {
		t.Errorf("%q", p.NotRun)
	}
}

// Settings that a stack does not have are told.
func TestSettingsAreTold(t *testing.T) {
	p := played(t, &fakeStack{settings: map[string]string{"tcp_sack": "0"}}, PlayOptions{}, "`sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_ecn=1`\n0 < . 1:1(0) win 9\n")
	if len(p.Ignored) != 1 || p.Ignored[0].Text != "net.ipv4.tcp_ecn=1" {
		t.Errorf("%v", p.Ignored)
	}
}

// Calls return what the socket gives; blocking ones when it gives it.
func TestCalls(t *testing.T) {
	const open = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 connect(3, ..., ...) = 0\n"
	for _, c := range []struct {
		name, line string
		arrives    time.Duration
		want       []string
	}{
		{"read", `+0 read(3, "xyz", 10) = 3`, 0, nil},
		{"other bytes", `+0 read(3, "abc", 10) = 3`, 0, []string{`* read: read "xyz", the script expects "abc"`}},
		{"other result", `+0 read(3, ..., 10) = 5`, 0, []string{"* read returned 3, the script expects 5"}},
		{"blocks", `+0...0.2 read(3, ..., 10) = 3`, 200 * ms, nil},
		{"blocks too long", `+0...0.1 read(3, ..., 10) = 3`, 200 * ms, []string{"* read does not return; the script expects it back at 0.100000"}},
		{"returns too early", `+0...0.3 read(3, ..., 10) = 3`, 200 * ms, []string{"read returned at 0.200000, the script expects it at 0.300000"}},
		{"should not block", `+0 read(3, ..., 10) = 3`, 200 * ms, []string{"* read does not return; the script expects it back at 0.000000"}},
		{"would block, as expected", "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 read(3, ..., 10) = -1 EAGAIN", 200 * ms, nil},
		{"would block", "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 read(3, ..., 10) = 3", 200 * ms, []string{"* read returned -1 EAGAIN, the script expects 3"}},
		{"no such socket", "+0 close(7) = 0", 0, []string{"* close returned -1 EBADF, the script expects 0"}},
		{"twice", "+0 close(3) = 0\n+0 close(3) = -1 EBADF", 0, nil},
		{"vectors", "+0 writev(3, [{..., 10}, {..., 20}], 2) = 30", 0, nil},
		{"flags", "+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)", 0, nil},
		{"unread", "+0 ioctl(3, SIOCINQ, [3]) = 0", 0, nil},
		{"unread, other", "+0 ioctl(3, SIOCINQ, [4]) = 0", 0, []string{"* ioctl: 3 bytes are unread, the script expects 4"}},
		{"poll", "+0 poll([{fd=3, events=POLLIN|POLLOUT, revents=POLLIN}], 1, 0) = 1", 0, nil},
		{"poll, other", "+0 poll([{fd=3, events=POLLIN, revents=POLLIN|POLLHUP}], 1, 0) = 1", 0, []string{`* poll: the socket is ready for "POLLIN", the script expects POLLHUP|POLLIN`}},
		{"option", "+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [1], [4]) = 0", 0, nil},
		{"option, other", "+0 getsockopt(3, SOL_TCP, TCP_NODELAY, [0], [4]) = 0", 0, []string{"* getsockopt: TCP_NODELAY is 1, the script expects 0"}},
		{"unknown option", "+0 setsockopt(3, SOL_SOCKET, SO_DEBUG, [1], 4) = 0", 0, nil},
	} {
		p := played(t, &fakeStack{arrives: c.arrives, option: Number(1)}, PlayOptions{}, open+c.line+"\n")
		if got := found(p); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOptionValues(t *testing.T) {
	for _, c := range []struct {
		text string
		want OptionValue
	}{
		{"[5]", Number(5)},
		{"[ECONNREFUSED]", Number(int64(syscall.ECONNREFUSED))},
		{"[IPTOS_DSCP_CS4]", Number(0x80)},
		{"[IPTOS_DSCP_AF41]", Number(0x88)},
		{"[IP_PMTUDISC_DO]", Number(2)},
		{"{onoff=1, linger=5}", OptionValue{N: [2]int64{1, 5}}},
		{`"cubic"`, OptionValue{Text: "cubic"}},
	} {
		p := scripted(t, "", "0 setsockopt(3, SOL_TCP, X, "+c.text+", 4) = 0")
		if got, ok := optionValue(p.script.Steps[0].Call.Arg(3)); !ok || got != c.want {
			t.Errorf("%s: %v %v", c.text, got, ok)
		}
	}
}
