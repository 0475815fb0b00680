package tcp

import (
	"testing"
	"time"
)

// TestEchoConversation is the whole of a small echo with every option.
func TestEchoConversation(t *testing.T) {
	holds(t, "R9293:3.10.7.3:third-ack", "R9293:3.10.7.4:fin-ack", "R9293:3.1:ack-always", "MUST-60", "MUST-61")
	r := newRig(t, Config{})
	r.want("the SYN", seg("S", 0, 0, mss(1460), sackOK(true), wscale(5), tsecr(0), win(65535)))
	r.handshake(full)

	r.write("hello")
	r.want("data", seg("P.", 1, 1, text("hello")))
	r.advance(10 * time.Millisecond)
	r.in(seg(".", 1, 6), seg("P.", 1, 6, text("hello")), seg("F.", 6, 6))
	r.want("one ACK for all that arrived together", seg(".", 6, 7))
	r.wantRead("hello")
	r.wantEOF()
	r.state(CloseWait)
	r.close()
	r.want("our FIN", seg("F.", 6, 7))
	r.state(LastAck)
	r.in(seg(".", 7, 7))
	r.state(Closed)
	if r.c.Err() != nil {
		t.Fatalf("an orderly close left %v", r.c.Err())
	}
}

// TestTcpingPyConversation is the frame list of the program of 2017.
func TestTcpingPyConversation(t *testing.T) {
	r := newRig(t, Config{Profile: TcpingPy})
	none := hasTS(false)
	r.want("a SYN without options", seg("S", 0, 0, win(65535), none, sackOK(false), ttl(64)))
	r.in(seg("S.", 0, 1, plain))
	r.want("third ACK", seg(".", 1, 1, win(65535)))
	r.write("hello")
	r.want("data", seg("P.", 1, 1, text("hello"), win(65535)))
	r.in(seg(".", 1, 6))
	r.quiet("an ACK draws nothing")
	r.in(seg("P.", 1, 6, text("hello")))
	r.want("its ACK at once", seg(".", 6, 6, win(65535)))
	r.wantRead("hello")
	r.in(seg("F.", 6, 6))
	r.want("ACK of the FIN", seg(".", 6, 7, win(65535)))
	r.close()
	r.want("FIN,ACK as a segment of its own", seg("F.", 6, 7, win(65535)))
	r.in(seg(".", 7, 7))
	r.state(Closed)
}

// TestActiveCloseConversation closes first and lives through TIME-WAIT.
func TestActiveCloseConversation(t *testing.T) {
	holds(t, "MUST-13")
	r := finWait2(t, Config{}, full)
	r.in(seg("F.", 1, 2))
	r.want("ACK of the FIN", seg(".", 2, 2))
	r.state(TimeWait)
	r.advance(4*time.Minute - time.Millisecond)
	r.state(TimeWait)
	r.advance(time.Millisecond)
	r.state(Closed)
	if !r.fx.Next.IsZero() {
		t.Fatal("a closed connection has a timer")
	}
}

// TestRetransmission loses data and the FIN.
func TestRetransmission(t *testing.T) {
	holds(t, "R9293:3.10.8:rto-front", "6298:5.5:double", "6298:2.4:min")
	r := established(t, Config{}, plain)
	r.write("hello")
	r.want("data", seg("P.", 1, 1, text("hello")))
	r.after(time.Second, "the timer of RFC 6298 is not below a second")
	r.want("again", seg("P.", 1, 1, text("hello")))
	r.after(2*time.Second, "doubled")
	r.want("and again", seg("P.", 1, 1, text("hello")))
	r.in(seg(".", 1, 6))
	r.closeWrite()
	r.want("FIN", seg("F.", 6, 1))
	r.after(4*time.Second, "backed off: nothing new was measured")
	r.want("FIN again", seg("F.", 6, 1))
	r.in(seg("F.", 1, 7))
	r.want("ACK", seg(".", 7, 2))
	r.state(TimeWait)
}

func TestBulkUpload(t *testing.T) {
	r := established(t, Config{}, plain)
	r.writeBulk(20000)
	for i := range 10 {
		r.want("initial window", seg(".", 1+i*1000, 1, octets(1000)))
	}
	r.quiet("cwnd is full")
	r.in(seg(".", 1, 2001))
	for i := range 3 {
		r.want("slow start: two more and one", seg(".", 10001+i*1000, 1, octets(1000)))
	}
	r.quiet("cwnd is full again")
}

func TestBulkDownload(t *testing.T) {
	r := established(t, Config{}, full)
	big := octets(1448)
	r.in(seg(".", 1, 1, big))
	r.quiet("the first segment waits for a second")
	r.in(seg(".", 1449, 1, big))
	r.want("the second full-sized segment", seg(".", 1, 2897))
	r.in(seg(".", 2897, 1, big), seg(".", 4345, 1, big), seg(".", 5793, 1, big), seg(".", 7241, 1, big))
	r.want("one for all that arrived together", seg(".", 1, 8689))
	if got := len(r.read(20000)); got != 6*1448 {
		t.Fatalf("read %d", got)
	}
}
