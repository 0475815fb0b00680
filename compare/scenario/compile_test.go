package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func compile(t *testing.T, script string) *Script {
	t.Helper()
	s, err := Read("t", []byte(script))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Relative times count from the event before; a wildcard moves nothing.
func TestTimes(t *testing.T) {
	s := compile(t, `
0.1 socket(...) = 3
+0.2...0.5 connect(3) = 0
+0.3 > S 0:0(0)
* > . 1:1(0)
+0.1~+0.4 > . 1:1(0)
2~inf > . 1:1(0)
+1 close(3) = 0
3.5...4 close(4) = 0
`)
	var got []time.Duration
	for _, step := range s.Steps {
		got = append(got, step.Earliest, step.Latest, step.Returns)
	}
	ms := time.Millisecond
	want := []time.Duration{
		100 * ms, 100 * ms, 0,
		300 * ms, 300 * ms, 600 * ms, // returns 0.5 s after the event before
		600 * ms, 600 * ms, 0,
		600 * ms, Forever, 0,
		700 * ms, 1000 * ms, 0,
		2000 * ms, Forever, 0,
		3000 * ms, 3000 * ms, 0,
		3500 * ms, 3500 * ms, 4000 * ms,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestConfig(t *testing.T) {
	s := compile(t, `
--ip_version=ipv6
--mtu=1280
--tolerance_usecs=75000
--tcp_ts_tick_usecs=1000
--mss=1000
--remote_ip=2001:db8::1
--local_ip=2001:db8::2
--bind_port=80
--send_omit_free
0 socket(...) = 3
`)
	c := s.Config
	if c.IPVersion != 6 || c.MTU != 1280 || c.MSS != 1000 || c.Tolerance != 75*time.Millisecond ||
		c.TimestampTick != time.Millisecond || c.Remote.String() != "2001:db8::1" || c.Local.String() != "2001:db8::2" || c.BindPort != 80 {
		t.Errorf("%+v", c)
	}
	if len(s.Ignored) != 1 || s.Ignored[0].String() != "t:10:1: --send_omit_free: the option has no meaning here" {
		t.Errorf("ignored %v", s.Ignored)
	}
	c = compile(t, "0 f() = 0").Config
	if c.IPVersion != 4 || c.MTU != 1500 || c.Tolerance != 4*time.Millisecond {
		t.Errorf("without options: %+v", c)
	}
}

// Sysctls of either system come under one name; those in the middle are
// steps; those at the end, which restore what was, are ignored.
func TestSettings(t *testing.T) {
	s := compile(t, "`../common/defaults.sh\n ../common/set_sysctls.py /proc/sys/net/ipv4/tcp_timestamps=0 \\\n /proc/sys/net/ipv4/tcp_sack=0`\n"+
		" 0.00 `sysctl -w net.inet.tcp.rfc1323=2`\n"+
		"+0.00 `sysctl -w net.inet.tcp.rexmit_initial=1500`\n"+
		"+0.00 `sysctl -w net.inet.tcp.hostcache.purgenow=1`\n"+
		"+0 `sysctl -q net/ipv4/tcp_ecn=1 net.ipv4.tcp_rmem=\"4096 131072 6291456\"  # all on`\n"+
		"+0 `sysctl -q net.ipv4.tcp_wmem=\"4096 $((256*1024)) 1\"`\n"+
		"+0 `echo 3 > /proc/sys/net/ipv4/tcp_syn_retries`\n"+
		"+0 `ip link set dev tun0 mtu 9000`\n"+
		"+0 `rm -rf /`\n"+
		"+0 %{ assert True }%\n"+
		"+0 socket(...) = 3\n"+
		"+0 `sysctl net.inet.tcp.ecn.enable=2`\n"+
		"+0 close(3) = 0\n"+
		"`sysctl net.inet.tcp.ecn.enable=1`\n")
	pairs := func(list []Setting) (out []string) {
		for _, x := range list {
			out = append(out, x.Name+"="+x.Value)
		}
		return out
	}
	want := []string{
		"tcp_timestamps=0", "tcp_sack=0", "tcp_window_scaling=1", "tcp_timestamps=0", "rto_initial=1.5",
		"tcp_ecn=1", "tcp_rmem=4096 131072 6291456", "tcp_syn_retries=3", "mtu=9000",
	}
	if d := cmp.Diff(want, pairs(s.Settings)); d != "" {
		t.Error(d)
	}
	if len(s.Steps) != 3 || s.Steps[1].Setting == nil || s.Steps[1].Setting.Value != "2" {
		t.Errorf("steps %+v", s.Steps)
	}
	var ignored []string
	for _, r := range s.Ignored {
		ignored = append(ignored, r.String())
	}
	wantIgnored := []string{
		"t:1:1: `../common/defaults.sh`: commands are not executed",
		"t:6:1: net.inet.tcp.hostcache.purgenow=1: every run begins with empty caches",
		"t:8:1: net.ipv4.tcp_wmem=4096 $((256*1024)) 1: what the shell would compute is not known",
		"t:11:1: `rm -rf /`: commands are not executed",
		"t:12:1: %{ assert True }%: code is not executed",
		"t:16:1: net.inet.tcp.ecn.enable=1: nothing happens after it",
	}
	if d := cmp.Diff(wantIgnored, ignored); d != "" {
		t.Error(d)
	}
}

func TestMapSysctl(t *testing.T) {
	for _, tt := range []struct{ key, value, want, why string }{
		{"net.inet.tcp.rfc1323", "0", "tcp_window_scaling=0 tcp_timestamps=0", ""},
		{"net.inet.tcp.rfc1323", "1", "tcp_window_scaling=1 tcp_timestamps=1", ""},
		{"net.inet.tcp.rfc1323", "3", "tcp_window_scaling=0 tcp_timestamps=1", ""},
		{"net.inet.tcp.rfc1323", "x", "", "the value is not one of 0, 1, 2 and 3"},
		{"net.inet.tcp.sack.enable", "0", "tcp_sack=0", ""},
		{"net.inet.tcp.keepidle", "7200000", "tcp_keepalive_time=7200", ""},
		{"net.inet.tcp.keepidle", "soon", "", "the value is not a number"},
		{"net.inet.tcp.initcwnd_segments", "10", "initcwnd=10", ""},
		{"net.inet.tcp.cc.algorithm", "newreno", "tcp_congestion_control=newreno", ""},
		{"net.ipv4.tcp_rto_max_ms", "1000", "rto_max=1", ""},
		{"net.ipv4.tcp_sack", "", "", "the sysctl has no value"},
		{"kern.ipc.maxsockbuf", "2097152", "", "the sysctl has no meaning here"},
	} {
		list, why := mapSysctl(tt.key, tt.value)
		var got []string
		for _, s := range list {
			got = append(got, s.Name+"="+s.Value)
		}
		if strings.Join(got, " ") != tt.want || why != tt.why {
			t.Errorf("%s=%s: %v %q", tt.key, tt.value, got, why)
		}
	}
	if n, ok := (Setting{Value: "0x3"}).Int(); !ok || n != 3 {
		t.Errorf("0x3 is %d, %v", n, ok)
	}
}

// A symbol of --define stands for its value in arguments and cookies, and the
// parsed file keeps the symbol.
func TestDefine(t *testing.T) {
	f, err := Parse("t", []byte(`
--define=CC="reno"
--define=PROTO=IPPROTO_TCP
--define=N=0x10
--define=M=-3
--define=COOKIE=0102
0 f(PROTO, [CC], {a=N|M}, g(N), OTHER) = N
+0 > S 0:0(0) <mss N, wscale N, FO COOKIE, FO UNKNOWN, mss UNKNOWN>
`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(f)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Steps[0].Call.String(), `f(IPPROTO_TCP, ["reno"], {a = 0x10 | -3}, g(0x10), OTHER) = 0x10`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := s.Steps[1].Packet.String(), `> S 0:0(0) <mss 16, wscale 16, FO 0102, FO UNKNOWN, mss UNKNOWN>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !strings.Contains(f.String(), "FO COOKIE") {
		t.Error("Compile changed the file")
	}
	var why []string
	for _, r := range s.Unsupported {
		why = append(why, r.String())
	}
	want := []string{
		"t:7:3: f(): the system call is not known to the player",
		"t:8:44: FO UNKNOWN: the value of the symbol is not known; give it with --define",
		"t:8:56: mss UNKNOWN: the value of the symbol is not known; give it with --define",
	}
	if d := cmp.Diff(want, why); d != "" {
		t.Error(d)
	}
}

// A symbol that stands for what does not fit is said to.
func TestDefineOfTheWrongKind(t *testing.T) {
	for script, want := range map[string]string{
		"--define=N=65536\n0 > S 0:0(0) <mss N>":  `t:2:15: expected a number up to 65535 for N, found 65536`,
		"--define=N=256\n0 > S 0:0(0) <wscale N>": `t:2:15: expected a number up to 255 for N, found 256`,
		"--define=N=-1\n0 > S 0:0(0) <mss N>":     `t:2:15: expected a number up to 65535 for N, found -1`,
	} {
		if _, err := Read("t", []byte(script)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", script, err, want)
		}
	}
}

// What cannot be played is said, each with its place.
func TestUnsupported(t *testing.T) {
	for script, want := range map[string]string{
		"0 > ipv4 1.1.1.1 > 2.2.2.2: S 0:0(0)":    "encapsulated packets are not played",
		"0 > > addr[x] S 0:0(0)":                  "Multipath TCP is not played",
		"0 < S 0:0(0) win 1 {mut tcp win}":        "mutations are not played; write the fault (with ...)",
		"0 < S 0:0(0) win 1 <nop>/udp(1 > 2)":     "TCP in UDP is not played",
		"0 > udp (5)":                             "UDP is not played",
		"0 < sctp: INIT[...]":                     "the protocol is not played",
		"0 > S 0:0(0) <mp_capable v1>":            "the option is not known; write it as opt KIND HEX",
		"0 > . 1:1(0) <md5 valid>":                "the value of the symbol is not known; give it with --define",
		"0 epoll_create(1) = 5\n0 close(5) = 0\n": "the system call is not known to the player",
	} {
		s := compile(t, script)
		if len(s.Unsupported) != 1 || s.Unsupported[0].Why != want {
			t.Errorf("%s: %v", script, s.Unsupported)
		}
	}
	if s := compile(t, "0 < S. 0:0(0) win 1 <opt 254 00, raw 01, FO 0102, md5 00, ECN>"); s.Unsupported != nil {
		t.Errorf("octets can be injected: %v", s.Unsupported)
	}
}

func TestConversation(t *testing.T) {
	s := compile(t, "--send_bytes=300\n--close=first\n--timeout=2.5\ndrop 2nd data\nloss < 5% seed 7\n")
	a := s.Application
	if !s.Conversation || len(s.Impairments) != 2 || len(a.Send) != 300 || a.Expect != 300 || !a.Check ||
		a.Close != ClientFirst || a.Timeout != 2500*time.Millisecond || a.Send[251] != 0 {
		t.Errorf("%+v", s)
	}
	s = compile(t, "loss 5%")
	if string(s.Application.Send) != "hello" || s.Application.Close != PeerFirst {
		t.Errorf("%+v", s.Application)
	}
	if s = compile(t, `--send="a\nb"`); string(s.Application.Send) != "a\nb" {
		t.Errorf("%+v", s.Application)
	}
}

func TestCompileErrors(t *testing.T) {
	for script, want := range map[string]string{
		"":                                `t:1:1: expected a script with at least one packet, system call or impairment, found none`,
		"1 f() = 0\n0.5 f() = 0":          `t:2:1: expected a time that is not before that of the event before, 1, found 0.5`,
		"drop 1st syn\n0 f() = 0":         `t:2:1: expected impairments and the options of a conversation only (a script has either these or events), found an event`,
		"--mtu=67\n0 f() = 0":             `t:1:1: expected a number from 68 to 65535 for --mtu, found "67"`,
		"--ip_version=5\n0 f() = 0":       `t:1:1: expected ipv4 or ipv6 for --ip_version, found "5"`,
		"--tolerance_usecs=-1\n0 f() = 0": `t:1:1: expected a number of microseconds for --tolerance_usecs, found "-1"`,
		"--local_ip=here\n0 f() = 0":      `t:1:1: expected an IP address for --local_ip, found "here"`,
		"--bind_port=0\n0 f() = 0":        `t:1:1: expected a port from 1 to 65535 for --bind_port, found "0"`,
		"--define=X\n0 f() = 0":           `t:1:1: expected NAME=VALUE for --define, found "X"`,
		"--send\n":                        `t:1:1: expected the text that the application sends for --send, found ""`,
		"--send_bytes=0\n":                `t:1:1: expected a number of bytes from 1 to 2^26 for --send_bytes, found "0"`,
		"--close=never\n":                 `t:1:1: expected first or last for --close, found "never"`,
		"--timeout=1.2.3\nloss 1%\n":      `t:1:1: expected a number of seconds above 0 for --timeout, found "1.2.3"`,
		"+2000000000 f() = 0\n+2000000000 f() = 0\n+2000000000 f() = 0": `t:3:1: expected a script of less than 146 years, found 6000000000`,
	} {
		_, err := Read("t", []byte(script))
		if err == nil || err.Error() != want {
			t.Errorf("%q\ngot  %v\nwant %s", script, err, want)
		}
	}
}

func TestExprHelpers(t *testing.T) {
	s := compile(t, `0 f([1], 0x10, A|B, [C], "x", A|1, -5) = 1~10
+0 f() = -1 EAGAIN
+0 f() = ...
+0 f() = 18446744073709551615`)
	c := s.Steps[0].Call
	for i, want := range []int64{1, 16} {
		if n, ok := IntOf(c.Arg(i)); !ok || n != want {
			t.Errorf("argument %d: %d, %v", i, n, ok)
		}
	}
	if n, ok := IntOf(c.Arg(6)); !ok || n != -5 {
		t.Errorf("argument 6: %d, %v", n, ok)
	}
	if w, ok := WordsOf(c.Arg(2)); !ok || strings.Join(w, " ") != "A B" {
		t.Errorf("argument 2: %v", w)
	}
	if w, ok := WordsOf(c.Arg(3)); !ok || w[0] != "C" {
		t.Errorf("argument 3: %v", w)
	}
	for _, i := range []int{4, 5, 9} {
		if _, ok := WordsOf(c.Arg(i)); ok {
			t.Errorf("argument %d has words", i)
		}
	}
	for i, tt := range []struct {
		yes, no int64
	}{{10, 11}, {-1, 0}} {
		if call := s.Steps[i].Call; !call.Accepts(tt.yes) || call.Accepts(tt.no) {
			t.Errorf("%s accepts %d: %v, %d: %v", call, tt.yes, call.Accepts(tt.yes), tt.no, call.Accepts(tt.no))
		}
	}
	if !s.Steps[2].Call.Accepts(99) || s.Steps[3].Call.Accepts(-1) {
		t.Error("an ellipsis accepts anything, and 2^64-1 is not -1")
	}
}
