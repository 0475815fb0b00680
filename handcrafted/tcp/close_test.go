package tcp

import (
	"testing"
)

// Tests of the CLOSE and ABORT calls.

func TestHalfDuplexClose(t *testing.T) {
	holds(t, "MAY-1", "SHLD-3")
	r := established(t, Config{}, full)
	r.close()
	r.want("FIN", seg("F.", 1, 1))
	r.in(seg(".", 1, 2))
	r.state(FinWait2)
	r.in(seg("P.", 1, 2, text("too late")))
	r.want("RST: nobody reads it", seg("R.", 2, 1))
	r.state(Closed)
}

func TestCloseWithUnreadData(t *testing.T) {
	holds(t, "SHLD-3")
	r := established(t, Config{}, full)
	r.in(seg("P.", 1, 1, text("unread")))
	r.close()
	r.want("RST: received data is lost", seg("R.", 1, 7))
	r.state(Closed)
}

func TestCloseWithQueuedDataSendsIt(t *testing.T) {
	r := established(t, Config{}, plain)
	r.write("last words")
	r.drop(1)
	r.close()
	r.want("the FIN follows", seg("F.", 11, 1))
	r.state(FinWait1)
	r.in(seg("F.", 1, 12))
	r.want("ACK", seg(".", 12, 2))
	r.state(TimeWait)
}

func TestCloseWithLingerZero(t *testing.T) {
	r := established(t, Config{AbortOnClose: true}, full)
	r.close()
	r.want("RST", seg("R.", 1, 1))
	r.state(Closed)
}
