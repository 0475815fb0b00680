package lab

import (
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/scenario"
)

// Two ends that answer every frame with another would go on for ever, without
// the clock moving: the play ends and says so.
func TestEndlessAnswersEndThePlay(t *testing.T) {
	s, err := scenario.Read("test.pkt", []byte("--send=hello\n"))
	if err != nil {
		t.Fatal(err)
	}
	frame := frameOf(peerSegment{flags: flagACK})
	answer := func(f []byte) [][]byte { return [][]byte{f} }
	p := PlayConversation(&fakeStack{answer: answer, timers: []fakeTimer{{time.Second, frame}}}, &fakeStack{answer: answer, listens: true}, s, PlayOptions{})
	if len(p.Findings) == 0 || !strings.Contains(p.Findings[0].Text, "answer each other without end") {
		t.Errorf("found %+v", p.Findings)
	}
	if n := len(p.Recording.Frames); n > 2*maxIdle {
		t.Errorf("%d frames were kept", n)
	}
}
