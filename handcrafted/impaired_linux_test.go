package handcrafted_test

import (
	"flag"
	"io"
	"net"
	"testing"
	"time"

	"tcping-cmp/handcrafted"
	"tcping-cmp/tap"
)

var (
	kernelMiB  = flag.Int("kernel.mib", 2, "MiB each way in TestImpairedKernel")
	kernelSeed = flag.Uint64("kernel.seed", 1, "what its wire does")
)

// TestImpairedKernel sends to a Linux kernel and back over a TAP device whose
// frames are lost, repeated, held and damaged on the way.
func TestImpairedKernel(t *testing.T) {
	for _, c := range []struct {
		name    string
		mishaps tap.Impairment
	}{
		{"light", tap.Impairment{Drop: 0.002, Duplicate: 0.002, Reorder: 0.01, Delay: 0.002, Corrupt: 0.002, Hold: 2 * time.Millisecond}},
		{"loss", tap.Impairment{Drop: 0.01}},
		{"reordering", tap.Impairment{Reorder: 0.05, Duplicate: 0.05, Hold: 3 * time.Millisecond}},
		{"all of it", tap.Impairment{Drop: 0.01, Duplicate: 0.02, Reorder: 0.03, Delay: 0.01, Corrupt: 0.01, Hold: 5 * time.Millisecond}},
	} {
		c.mishaps.Seed = *kernelSeed
		t.Run(c.name, func(t *testing.T) {
			both(t, func(t *testing.T, address string) { impairedEcho(t, address, c.mishaps) })
		})
	}
}

func impairedEcho(t *testing.T, address string, mishaps tap.Impairment) {
	var bad *tap.Impaired
	k := newKernel(t, func(cfg *handcrafted.Config) {
		var err error
		if bad, err = tap.Impair(cfg.Link, mishaps); err != nil {
			t.Fatal(err)
		}
		cfg.Link = bad
	})
	size := int64(*kernelMiB) << 20
	conn := dial(t, k, k.serve(net.JoinHostPort(address, "0"), echo))
	begin := time.Now()
	sent := make(chan error, 1)
	go func() {
		_, err := io.Copy(conn, noise(size))
		if err == nil {
			err = conn.(interface{ CloseWrite() error }).CloseWrite()
		}
		sent <- err
	}()
	n, got, err := sum(conn)
	if err != nil || n != size {
		t.Errorf("received %d bytes of %d: %v", n, size, err)
	}
	if err := <-sent; err != nil {
		t.Errorf("sending: %v", err)
	}
	if _, want, _ := sum(noise(size)); got != want {
		t.Error("what came back is not what was sent")
	}
	out, in := bad.Counts()
	t.Logf("%d bytes each way in %v; in %+v, out %+v", size, time.Since(begin).Round(time.Millisecond), in, out)
	if in.Dropped+in.Overtaken+in.Duplicated == 0 || out.Dropped+out.Overtaken+out.Duplicated == 0 {
		t.Error("the wire was good: nothing was tested")
	}
}
