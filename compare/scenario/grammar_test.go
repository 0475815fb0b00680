package scenario

import (
	"strings"
	"testing"
)

// The left is what may be written, the right how it is printed: every form of
// the notation once.
var grammar = []struct{ in, out string }{
	// times
	{"0 `x`", "0 `x`"},
	{"0.100 `x`", "0.1 `x`"},
	{"+0 `x`", "+0 `x`"},
	{"+.5 `x`", "+0.5 `x`"},
	{"+ 0.000001 `x`", "+0.000001 `x`"},
	{"1.0000000019 `x`", "1.000000001 `x`"},
	{"* > . 1:1(0)", "* > . 1:1(0)"},
	{"0.1~0.2 > . 1:1(0)", "0.1~0.2 > . 1:1(0)"},
	{"+0.1 ~ +0.2 > . 1:1(0)", "+0.1~+0.2 > . 1:1(0)"},
	{"+1~inf > . 1:1(0)", "+1~inf > . 1:1(0)"},
	{"+0.1~0.2 > . 1:1(0)", "+0.1~+0.2 > . 1:1(0)"},

	// segments
	{"+0 > S 0:0(0)", "+0 > S 0:0(0)"},
	{"+0 < S. 0:0(0) ack 1 win 65535 <mss 1460,nop,wscale 7>", "+0 < S. 0:0(0) ack 1 win 65535 <mss 1460, nop, wscale 7>"},
	{"+0 >[ect0] PUEW. 1:11(10) ack 1 urg 5", "+0 > [ect0] PUEW. 1:11(10) ack 1 urg 5"},
	{"+0 < - 1:1(0)", "+0 < - 1:1(0)"},
	{"+0 < R 5:5(0) win 0", "+0 < R 5:5(0) win 0"},
	{"+0 > .FP 1:1(0)", "+0 > FP. 1:1(0)"},
	{"+0 > SEWA 0:0(0)", "+0 > SEWA 0:0(0)"},
	{"+0 > SC 0:0(0)", "+0 > SW 0:0(0)"},
	{"+0 > .5 1:1(0)", "+0 > .5 1:1(0)"},
	{"+0 > P5. 1:1(0)", "+0 > P.5 1:1(0)"},
	{"+0 > 5. 1:1(0)", "+0 > .5 1:1(0)"},
	{"+0 > 5000 > 80 S 0:0(0)", "+0 > 5000 > 80 S 0:0(0)"},
	{"+0 > R. 0:0(0)! ack 2!", "+0 > R. 0:0(0)! ack 2!"},
	{"+0 > . ...(1000) ack *", "+0 > . ...(1000) ack *"},
	{"+0 < . 4294967295:1(2) ack 1 win 5", "+0 < . 4294967295:1(2) ack 1 win 5"},
	{"+0 > . 1:1(0) ack 1 win * urg *", "+0 > . 1:1(0) ack 1 win * urg *"},
	{"+0 < . 1:1(0) ack auto win 100", "+0 < . 1:1(0) ack auto win 100"},

	{"+0 < S. 0:0(0)\n   ack 1\n   win 5\n   <nop,\n    nop>\n with\n padding 4", "+0 < S. 0:0(0) ack 1 win 5 <nop, nop> with padding 4"},

	// TCP options
	{"+0 > S 0:0(0) <...>", "+0 > S 0:0(0) <...>"},
	{"+0 > S 0:0(0) <*>", "+0 > S 0:0(0) <...>"},
	{"+0 > S 0:0(0) <sackOK,eol>", "+0 > S 0:0(0) <sackOK, eol>"},
	{"+0 > S 0:0(0) <TS val 100 ecr 0>", "+0 > S 0:0(0) <TS val 100 ecr 0>"},
	{"+0 > S 0:0(0) <TS val ... ecr 7!>", "+0 > S 0:0(0) <TS val * ecr 7!>"},
	{"+0 > S 0:0(0) <mss *, wscale *, TS val * ecr *>", "+0 > S 0:0(0) <mss *, wscale *, TS val * ecr *>"},
	{"+0 < . 1:1(0) ack 1 win 9 <TS val 5 ecr auto>", "+0 < . 1:1(0) ack 1 win 9 <TS val 5 ecr auto>"},
	{"+0 < . 1:1(0) ack 1 win 9 <sack 1:2 5:9>", "+0 < . 1:1(0) ack 1 win 9 <sack 1:2 5:9>"},
	{"+0 > . 1:1(0) <sack *>", "+0 > . 1:1(0) <sack *>"},
	{"+0 > . 1:1(0) <md5 00a1,md5 valid>", "+0 > . 1:1(0) <md5 00a1, md5 valid>"},
	{"+0 > S 0:0(0) <FO,FO 0102,FO COOKIE,FOEXP 1a2b>", "+0 > S 0:0(0) <FO, FO 0102, FO COOKIE, FOEXP 1a2b>"},
	{"+0 > S 0:0(0) <exp-FO 1a2b, exp-FO>", "+0 > S 0:0(0) <FOEXP 1a2b, FOEXP>"},
	{"+0 > . 1:1(0) <ECN e1b 1 ceb 0 e0b 1>", "+0 > . 1:1(0) <AccECN1 e1b 1 ceb 0 e0b 1>"},
	{"+0 > . 1:1(0) <AccECN0 ee0b 1 eceb 0>", "+0 > . 1:1(0) <AccECN0 e0b 1 ceb 0>"},
	{"+0 < . 1:1(0) win 1 <opt 254 0a0b, opt 3 len 0, opt 30 len 4 \"00 01\">", `+0 < . 1:1(0) win 1 <opt 254 "0a0b", opt 3 len 0, opt 30 len 4 "0001">`},
	{"+0 < . 1:1(0) win 1 <raw 020405>", `+0 < . 1:1(0) win 1 <raw "020405">`},
	{"+0 > S 0:0(0) <mp_capable v1 flags[flag_h, x] key[a=2]>", "+0 > S 0:0(0) <mp_capable v1 flags [ flag_h , x ] key [ a = 2 ]>"},

	// IP header
	{"+0 > (ttl 64) . 1:1(0)", "+0 > [ttl 64] . 1:1(0)"},
	{"+0 > [ce,ttl 64] (id 0x12) . 1:1(0)", "+0 > [ce, ttl 64, id 0x0012] . 1:1(0)"},
	{"+0 > [ecn ect1] . 1:1(0)", "+0 > [ect1] . 1:1(0)"},
	{"+0 > [ect01] . 1:1(0)", "+0 > [ect01] . 1:1(0)"},
	{"+0 < [noecn] . 1:1(0)", "+0 < [noecn] . 1:1(0)"},
	{"+0 > (tos 0x28) . 1:1(0)", "+0 > [tos 0x28] . 1:1(0)"},
	{"+0 > (class 0x20, flowlabel 0x12345, hlim 4) . 1:1(0)", "+0 > [tos 0x20, ttl 4, flowlabel 0x12345] . 1:1(0)"},
	{"+0 > [dscp AF41] . 1:1(0)", "+0 > [dscp 34] . 1:1(0)"},
	{"+0 > [dscp 12, nodf] . 1:1(0)", "+0 > [dscp 12, nodf] . 1:1(0)"},
	{"+0 > [df] . 1:1(0)", "+0 > [df] . 1:1(0)"},

	// other packets
	{"+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]", "+0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)]"},
	{"+0 < [0:0(0)] icmp unreachable admin_prohibited", "+0 < icmp unreachable admin_prohibited [0:0(0)]"},
	{"+0 <icmp 3 4 [udp (10)]", "+0 < icmp 3 4 [udp (10)]"},
	{"+0 > icmp echo_request id 7 [raw(5)]", "+0 > icmp echo_request id 7 [raw (5)]"},
	{"+0 < [ttl 1] icmp source_quench [...(5)]", "+0 < [ttl 1] icmp source_quench [...(5)]"},
	{"+0 < udp (1000)", "+0 < udp (1000)"},
	{"+0 > udp 5 > 6 (10)", "+0 > udp 5 > 6 (10)"},
	{"+0 > udp(5 > 6) (10)", "+0 > udp 5 > 6 (10)"},
	{"+0 < . 1:1(0) win 1 <nop>/udp(1 > 9811)", "+0 < . 1:1(0) win 1 <nop> /udp(1 > 9811)"},
	{"+0 < ipv4 [ce] 192.0.2.1>192.0.2.2: gre: . 1:1(0)", "+0 < ipv4 [ce] 192.0.2.1 > 192.0.2.2 : gre : . 1:1(0)"},
	{"+0 < ipv6 2::1 > 2::2: S 0:0(0)", "+0 < ipv6 2::1 > 2::2 : S 0:0(0)"},
	{"+0 < ipv6 fe80:: > ::: S 0:0(0)", "+0 < ipv6 fe80:: > :: : S 0:0(0)"},
	{"+0 < mpls (label 1, tc 0, [S], ttl 9): GREv0 flags[sequence# present], key=0x1: . 1:1(0)", "+0 < mpls ( label 1 , tc 0 , [ S ] , ttl 9 ) : gre flags [ sequence # present ] , key = 0x1 : . 1:1(0)"},
	{"+0 < encap psp spi 0xc, vc 9 . 1:1(0)", "+0 < encap psp spi 12, vc 9 . 1:1(0)"},
	{"+0 > > addr[a] S 0:0(0)", "+0 > > addr [ a ] S 0:0(0)"},
	{"+0 < P. 1:21(20) ack 1 {rep tcp win_size 0x1021}", "+0 < P. 1:21(20) ack 1 {rep tcp win_size 0x1021}"},
	{"+0 < sctp: DATA[flgs=BE, len=1]", "+0 < sctp : DATA [ flgs = BE , len = 1 ]"},
	{`+0 < raw "4500 0014"`, `+0 < raw "45000014"`},

	// faults
	{"+0 < . 1:1(0) win 1 with bad checksum", "+0 < . 1:1(0) win 1 with bad checksum"},
	{"+0 < S 0:0(0) win 1 <nop> with data offset 4, bad ip checksum, ip length 39,\n truncated to 30",
		"+0 < S 0:0(0) win 1 <nop> with data offset 4, bad ip checksum, ip length 39, truncated to 30"},
	{"+0 < icmp redirect [0:0(0)] with ip header length 3, ip version 5, ip fragment 0x2000, padding 6",
		"+0 < icmp redirect [0:0(0)] with ip header length 3, ip version 5, ip fragment 8192, padding 6"},
	{"+0 < . 1:1(0) win 1 with reserved bits 5, ip protocol 99", "+0 < . 1:1(0) win 1 with reserved bits 5, ip protocol 99"},

	// system calls
	{"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3"},
	{"+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)", "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)"},
	{"+0 f() = -1 // no errno", "+0 f() = -1"},
	{"+0 f() = -1 (Invalid (very) Argument )", "+0 f() = -1 (Invalid (very) Argument)"},
	{"+0 f() = ?", "+0 f() = ..."},
	{"+0 f() = *", "+0 f() = ..."},
	{"+0 f(?) = ...", "+0 f(...) = ..."},
	{"+0 read(3, ..., 10) = 1~10", "+0 read(3, ..., 10) = 1~10"},
	{"+0 f() = (A | B)", "+0 f() = (A | B)"},
	{"+0 f() = A|B", "+0 f() = (A | B)"},
	{"+0 fcntl(3, F_GETFL) = 0x02 (flags O_RDWR|O_NONBLOCK)", "+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR|O_NONBLOCK)"},
	{"0.1...0.2 connect(3, ..., ...) = 0", "0.1...0.2 connect(3, ..., ...) = 0"},
	{"+.002 ... 2.1 connect(3) = 0", "+0.002...2.1 connect(3) = 0"},
	{"+0...0 accept (3) = 4", "+0...0 accept(3) = 4"},
	{"+0 f(0, -1, 0xFF, 18446744073709551615, -9223372036854775808) = 0", "+0 f(0, -1, 0xff, 18446744073709551615, -9223372036854775808) = 0"},
	{"+0 f(O_RDWR|O_NONBLOCK, (A|B)|C) = 0", "+0 f(O_RDWR | O_NONBLOCK, A | B | C) = 0"},
	{`+0 f("a\"\\\n\x41\0\101", "x" "y", "be"...) = 0`, `+0 f("a\"\\\x0aA\x00A", "xy", "be"...) = 0`},
	{"+0 f([], [1, [2]], {a, {b=1}}) = 0", "+0 f([], [1, [2]], {a, {b = 1}}) = 0"},
	{`+0 f({sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("192.0.2.1")}) = 0`,
		`+0 f({sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr("192.0.2.1")}) = 0`},
	{"+0 recvmsg(4, {msg_name(...)=...,\n msg_iov(1)=[{...,0}],\n msg_flags=MSG_ERRQUEUE|MSG_TRUNC,\n msg_control=[{cmsg_level=1}]}, 0) = 0",
		"+0 recvmsg(4, {msg_name(...) = ..., msg_iov(1) = [{..., 0}], msg_flags = MSG_ERRQUEUE | MSG_TRUNC, msg_control = [{cmsg_level = 1}]}, 0) = 0"},
	{"+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLOUT|EPOLLET, fd=4}) = 0", "+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events = EPOLLOUT | EPOLLET, fd = 4}) = 0"},
	{"+0 poll([{fd=3, events=POLLIN, revents=0}], 1, 0) = 0", "+0 poll([{fd = 3, events = POLLIN, revents = 0}], 1, 0) = 0"},
	{"+0 f(a = b = c, (a = b) | c) = 0", "+0 f(a = b = c, (a = b) | c) = 0"},

	{"+0 f() = -1\n E\n (note)", "+0 f() = -1 E (note)"},
	{"+0 < icmp unreachable\n frag_needed\n mtu 5 [1:1(0)]\n1 `x`", "+0 < icmp unreachable frag_needed mtu 5 [1:1(0)]\n1 `x`"},

	// commands, code, options, impairments
	{"`sysctl -w net.ipv4.tcp_sack=0`", "`sysctl -w net.ipv4.tcp_sack=0`"},
	{"+0 `a\n b \\` c`", "+0 `a\n b \\` c`"},
	{"+0 %{ assert x == {1}, \"}\"\n}%", "+0 %{ assert x == {1}, \"}\"\n}%"},
	{"--ip_version=ipv6", "--ip_version=ipv6"},
	{"--mtu 1280 // c", "--mtu=1280"},
	{"--flag", "--flag"},
	{"--flag//c", "--flag"},
	{"--define=CC=\"a b\"/* c */", "--define=CC=\"a b\""},
	{"--remote_ip = fd3d::1", "--remote_ip=fd3d::1"},
	{"drop 2nd data", "drop > 2nd data"},
	{"drop > 1st-3rd syn", "drop > 1st-3rd syn"},
	{"drop < all", "drop < all any"},
	{"drop 11th- ack", "drop > 11th- ack"},
	{"duplicate <> every 21st syn-ack by 3", "duplicate <> every 21st syn-ack by 3"},
	{"reorder 4th data by 2", "reorder > 4th data by 2"},
	{"delay 1st fin by 300ms", "delay > 1st fin by 0.3s"},
	{"delay 2.5% rst by 20us seed 3", "delay <> 2.5% rst by 0.00002s seed 3"},
	{"corrupt 12th data byte 9", "corrupt > 12th data byte 9"},
	{"loss 5% seed 7", "loss <> 5% any seed 7"},
}

func TestGrammar(t *testing.T) {
	for _, tt := range grammar {
		f, err := Parse("t", []byte(tt.in+"\n"))
		if err != nil {
			t.Errorf("%s\n%v", tt.in, err)
			continue
		}
		if got := strings.TrimSuffix(f.String(), "\n"); got != tt.out {
			t.Errorf("%s\nprints %s\nwant   %s", tt.in, got, tt.out)
		}
		checkRoundTrip(t, f)
	}
}

// A script as a whole: comments of all kinds, and where the parts go.
func TestScriptShape(t *testing.T) {
	f, err := Parse("t", []byte(`#!/usr/bin/env packetdrill
// A claim,
//   indented.

/* of two
   parts */
--mtu=1500 // not part of it
`+"`init`"+`
# a comment
0 socket(..., # not a comment here
`))
	if err == nil {
		t.Fatalf("a # behind something is not a comment, but this parsed: %s", f)
	}
	f, err = Parse("t", []byte("# 1\n//  2\n\n/* 3\n4 */\n--mtu=1500 // 5\n`init`\n\t# 6\n0 f(1, // 7\n /* 8\n */ 2) = 0\r\n`end`"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "1\n 2\n\n3\n4"; f.Doc != want {
		t.Errorf("doc %q, want %q", f.Doc, want)
	}
	want := "// 1\n//  2\n//\n// 3\n// 4\n\n--mtu=1500\n`init`\n0 f(1, 2) = 0\n`end`\n"
	if got := f.String(); got != want {
		t.Errorf("prints %q\nwant   %q", got, want)
	}
	checkRoundTrip(t, f)
}

// What is read, not only how it is printed.
func TestFields(t *testing.T) {
	f, err := Parse("t", []byte("+1.5 < S.5 123:133(10) ack auto win 7 urg 3 <TS val 1 ecr auto>\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := f.Events[0]
	s := e.Packet.TCP
	if e.Time.Kind != Relative || e.Time.At.Milliseconds() != 1500 {
		t.Errorf("time %+v", e.Time)
	}
	if s.Flags != SYN|ACK || s.ACE != (Value{Exact, 5}) {
		t.Errorf("flags %b ACE %v", s.Flags, s.ACE)
	}
	if s.Seq != (Seq{Exact, 123, 133, 10}) || s.Ack.Kind != Auto || s.Window != (Value{Exact, 7}) || s.Urgent != (Value{Exact, 3}) {
		t.Errorf("%+v", s)
	}
	o := s.Options.List[0]
	if o.Kind != OptTimestamps || o.Value != (Value{Exact, 1}) || o.Echo.Kind != Auto {
		t.Errorf("option %+v", o)
	}
	if want := (Pos{"t", 1, 46}); o.Pos != want {
		t.Errorf("option at %v, want %v", o.Pos, want)
	}
}
