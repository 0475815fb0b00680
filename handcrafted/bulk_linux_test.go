package handcrafted_test

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"net"
	"testing"
)

// bulk is how much the bulk tests send each way.
const bulk = 64 << 20

// noise returns n bytes that look random and are the same every time.
func noise(n int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1}), n)
}

func sum(r io.Reader) (n int64, digest [32]byte, err error) {
	h := sha256.New()
	n, err = io.Copy(h, r)
	return n, [32]byte(h.Sum(nil)), err
}

// TestBulkBothWays sends and receives 64 MiB at the same time.
func TestBulkBothWays(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		k := newKernel(t, nil)
		conn := dial(t, k, k.serve(net.JoinHostPort(address, "0"), echo))
		sent := make(chan error, 1)
		go func() {
			_, err := io.Copy(conn, noise(bulk))
			if err == nil {
				err = conn.(interface{ CloseWrite() error }).CloseWrite()
			}
			sent <- err
		}()
		n, got, err := sum(conn)
		if err != nil || n != bulk {
			t.Errorf("received %d bytes of %d: %v", n, bulk, err)
		}
		if err := <-sent; err != nil {
			t.Errorf("sending: %v", err)
		}
		if _, want, _ := sum(noise(bulk)); got != want {
			t.Error("what came back is not what was sent")
		}
	})
}
