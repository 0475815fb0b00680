package tcp

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"tcping-cmp/handcrafted/wire"
)

// TestSendQueue compares the queue with a slice that keeps everything.
func TestSendQueue(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var q sendQueue
	first := wire.Seq(0xfffffff0)
	q.open(first, 50_000)
	var all []byte
	una := 0
	for range 20_000 {
		p := make([]byte, rng.IntN(3000))
		for i := range p {
			p[i] = byte(rng.Uint32())
		}
		n := q.write(p)
		if want := min(len(p), 50_000-(len(all)-una)); n != want {
			t.Fatalf("took %d octets, want %d", n, want)
		}
		all = append(all, p[:n]...)
		if q.end() != first.Add(len(all)) {
			t.Fatal("end")
		}
		for range 3 {
			if have := len(all) - una; have > 0 {
				at := una + rng.IntN(have)
				n := rng.IntN(len(all) - at + 1)
				if got := q.slice(first.Add(at), n); !bytes.Equal(got, all[at:at+n]) {
					t.Fatalf("octets %d to %d differ", at, at+n)
				}
			}
		}
		una += rng.IntN(len(all) - una + 1)
		q.release(first.Add(una))
		q.release(first.Add(una - 10)) // an old ACK
		if q.len() != len(all)-una {
			t.Fatal("len")
		}
	}
	q.release(q.end() + 1) // a FIN
	if q.len() != 0 || cap(q.buf) > 4*50_000 {
		t.Fatalf("%d left, capacity %d", q.len(), cap(q.buf))
	}
}
