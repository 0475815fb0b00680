package main

import (
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
)

// FuzzScript plays whatever parses to both stacks. What they make of it is
// their business, but they live, and so does the player.
func FuzzScript(f *testing.F) {
	const open = "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n+0 connect(3, ..., ...) = -1 EINPROGRESS\n+0 > S 0:0(0) <...>\n"
	for _, seed := range []string{
		open + "+0 < S. 0:0(0) ack 1 win 9 <mss 1, nop, wscale 15, TS val 1 ecr auto>\n+0 write(3, ..., 30) = 30\n+1 < F. 1:1(0) ack auto win 0\n+0 close(3) = 0\n",
		open + "+0 < S 5:5(0) win 100 <sackOK>\n+0 < . 6:16(10) ack auto win 100 <sack 4:5>\n+0 < icmp unreachable frag_needed mtu 60 [1:2(1)]\n+0 < R. 16:16(0) ack 1 win 0\n",
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n+0 < S 0:5(5) win 100 <mss 100>\n+0 > S. 0:0(0) ack 1 <...>\n+0 < . 1:1(0) ack 1 win 100\n+0 accept(3, ..., ...) = 4\n+0 read(4, ..., 10) = 5\n",
		"--send_bytes=3000\nduplicate <> every 2nd by 2\nreorder all\ndelay < all by 2s\n",
		open + "+0 < S. 4294967295:4294967295(0) ack 1 win 65535 <wscale 255, mss 0>\n+9999999999 < . 0:65000(65000) ack 4294967295 win 65535\n+0 write(3, ..., 18446744073709551615) = 1\n",
		"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, -1) = 0\n+0 listen(3, 9223372036854775807) = 0\n+0 < S 0:0(0) win 1\n",
	} {
		f.Add(seed)
	}
	stacks := virtualStacks()
	f.Fuzz(func(t *testing.T, text string) {
		s, err := scenario.Read("fuzz.pkt", []byte(text))
		if err != nil || len(text) > 1<<11 || len(s.Application.Send) > 1<<16 {
			return
		}
		for _, stack := range stacks {
			if p := playTo(stack, s, lab.PlayOptions{Patient: true}); p.Wall > 30*time.Second {
				t.Errorf("playing it to %s took %v", stack.Name(), p.Wall)
			}
		}
	})
}
