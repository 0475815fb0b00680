package main

import (
	"testing"

	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
)

// passiveScripts are played to the hand-made host, which accepts.
var passiveScripts = map[string]string{
	"accept, both ways, the peer closes first": `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 accept(3, ..., ...) = -1 EAGAIN (nobody has come yet)
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK,nop,wscale 5>
+.1 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
+0 write(4, ..., 1000) = 1000
+0 > P. 1:1001(1000) ack 1
+.1 < . 1:1(0) ack 1001 win 257
+0 < P. 1:6(5) ack 1001 win 257
+0 read(4, ..., 100) = 5
+.04 > . 1001:1001(0) ack 6
+0 < F. 6:6(0) ack 1001 win 257
+0 > . 1001:1001(0) ack 7
+0 close(4) = 0
+0 > F. 1001:1001(0) ack 7
+.1 < . 7:7(0) ack 1002 win 257
`,
	"a SYN,ACK is repeated until it is answered": `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000>
+0 > S. 0:0(0) ack 1 <mss 1460>
+1 > S. 0:0(0) ack 1 <mss 1460>
+2 > S. 0:0(0) ack 1 <mss 1460>
+.1 < . 1:1(0) ack 1 win 1000
+0 accept(3, ..., ...) = 4
`,
	"ECN is agreed on if Linux would": "`sysctl -q net.ipv4.tcp_ecn=2`" + `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < SEW 0:0(0) win 32792 <mss 1000>
+0 > SE. 0:0(0) ack 1 <mss 1460>
`,
	"a socket that listens no more refuses": `
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 listen(3, 5) = 0
+0 close(3) = 0
+0 < S 0:0(0) win 32792 <mss 1000>
+0 > R. 0:0(0) ack 1
`,
}

func TestPassiveOpen(t *testing.T) {
	for name, text := range passiveScripts {
		script, err := scenario.Read("passive.pkt", []byte(text))
		if err != nil {
			t.Fatal(name, err)
		}
		play := lab.PlayScript(newVirtualStack("handcrafted", "rfc"), script, lab.PlayOptions{})
		if play.NotRun != "" {
			t.Errorf("%s: %s", name, play.NotRun)
		}
		for _, f := range play.Of(lab.Strict) {
			t.Errorf("%s: %v", name, f)
		}
	}
}

// With room for one that waits beside the one that is accepted, each stack
// answers the first SYN with all that both ends know: no SYN cookie, which has
// no place for a window scale and SACK.
func TestBacklogOfOneIsNoSYNCookie(t *testing.T) {
	script, err := scenario.Read("backlog.pkt", []byte(`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ...) = 0
+0 listen(3, 1) = 0
+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>
+0 > S. 0:0(0) ack 1 <...>
+.1 < . 1:1(0) ack 1 win 257
+0 accept(3, ..., ...) = 4
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range virtualStacks() {
		play := lab.PlayScript(stack, script, lab.PlayOptions{})
		for _, f := range play.Findings {
			t.Errorf("%s: %v", stack.Name(), f)
		}
		for _, c := range capture.EachFromRecording(play.Stack, play.Recording) {
			for _, e := range c.Events {
				if e.Flags.Has(capture.SYN|capture.ACK) && !e.Marks.Has(capture.SACKPermitted|capture.HasWindowScale) {
					t.Errorf("%s answers the SYN without SACK or window scale", stack.Name())
				}
			}
		}
	}
}
