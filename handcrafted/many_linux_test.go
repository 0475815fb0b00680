package handcrafted_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"runtime"
	"testing"
)

// heap is how many bytes are in use after a collection.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestTenThousandConversations closes first each time, so that each leaves a
// TIME-WAIT behind, until there are more than half as many as ports and old
// ones have to give way.
func TestTenThousandConversations(t *testing.T) {
	const rounds = 10000
	k := newKernel(t, nil)
	to := k.serve(net.JoinHostPort(kernel4, "0"), echo)
	converse := func() {
		conn, err := k.client.Dial(context.Background(), netip.AddrPort{}, to)
		if err != nil {
			t.Fatal(err)
		}
		p := []byte("hello")
		conn.Write(p)
		if _, err := io.ReadFull(conn, p); err != nil {
			t.Fatal(err)
		}
		conn.CloseWrite()
		if n, err := conn.Read(p); n != 0 || err != io.EOF {
			t.Fatal(n, err)
		}
		conn.Close()
	}
	converse()
	before, goroutines := heap(), runtime.NumGoroutine()
	for range rounds {
		converse()
	}
	if each := int64(heap()-before) / rounds; each > 16<<10 {
		t.Errorf("%d bytes for each connection in TIME-WAIT", each)
	}
	if got := runtime.NumGoroutine(); got > goroutines+3 { // the server's last ones may still be ending
		t.Errorf("%d goroutines, %d before", got, goroutines)
	}
}
