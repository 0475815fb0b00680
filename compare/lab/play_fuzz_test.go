package lab

import (
	"testing"
	"time"

	"tcping-cmp/compare/scenario"
)

// FuzzPlay plays whatever the parser lets through to a stack that answers
// everything with the same segment.
func FuzzPlay(f *testing.F) {
	for _, seed := range []string{
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 connect(3, ..., ...) = 0\n+0 > S 0:0(0) <...>\n+0.1 < S. 0:0(0) ack 1 win 9 <mss 1, TS val 1 ecr auto>\n",
		"0 < . 1:1(0) ack auto win 9 with truncated to 10, data offset 5, bad checksum\n",
		"0 < icmp unreachable frag_needed mtu 1200 [1:1001(1000)] with data offset 3, ip header length 2\n",
		"--ip_version=ipv6\n0 < icmp packet_too_big mtu 1200 [udp (10)] with truncated to 3\n+0 < raw \"60\"\n",
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0...1 read(3, ..., 10) = 3\n+0 poll([{fd=3, events=POLLIN, revents=POLLIN}], 1, 10) = 1\n+0 close(3) = 0\n",
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0\n+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [EPIPE], [4]) = 0\n+0 sendmsg(3, {msg_name(...)=..., msg_iov(1)=[{..., 100}], msg_flags=0}, 0) = 100\n",
		"0 > . 1:1(0) ack 1 <sack 1:2, TS val * ecr 5, mss *, opt 9>\n* > icmp unreachable\n+1~+2 > R 1:1(0)\n",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	reply := frameOf(ackFrame)
	f.Fuzz(func(t *testing.T, text string, patient bool) {
		s, err := scenario.Read("fuzz.pkt", []byte(text))
		if err != nil || len(text) > 1<<12 {
			return
		}
		stack := &fakeStack{
			timers: []fakeTimer{at(0, synFrame), at(ms, textFrame)}, arrives: 10 * ms,
			answer: func([]byte) [][]byte { return [][]byte{reply} },
		}
		if p := PlayScript(stack, s, PlayOptions{Patient: patient}); p.Wall > 10*time.Second {
			t.Errorf("playing it took %v", p.Wall)
		}
	})
}
