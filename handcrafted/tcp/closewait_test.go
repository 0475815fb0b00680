package tcp

import (
	"testing"
)

// Tests for CLOSE-WAIT.

func TestCloseWaitStillSends(t *testing.T) {
	r := closeWait(t, Config{}, plain)
	r.write("answer")
	r.want("data", seg("P.", 1, 2, text("answer")))
	r.in(seg(".", 2, 7))
	r.closeWrite()
	r.want("FIN", seg("F.", 7, 2))
	r.state(LastAck)
}

func TestCloseWaitRepeatedFIN(t *testing.T) {
	r := closeWait(t, Config{}, plain)
	r.in(seg("F.", 1, 1))
	r.want("ACK again", seg(".", 1, 2))
	r.state(CloseWait)
}

func TestCloseWaitTextAfterFIN(t *testing.T) {
	r := closeWait(t, Config{}, plain)
	r.in(seg("P.", 2, 1, text("after the end")))
	r.wantEOF()
	r.quiet("ignored")
}
