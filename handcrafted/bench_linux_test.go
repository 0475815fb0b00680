package handcrafted_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted"
)

// quick lets a benchmark use a port again before four minutes have passed.
func quick(cfg *handcrafted.Config) { cfg.TCP.MSL = 1 }

func BenchmarkConnect(b *testing.B) {
	k := newKernel(b, quick)
	to := k.serve(net.JoinHostPort(kernel4, "0"), func(conn net.Conn) { io.Copy(io.Discard, conn) })
	var connecting time.Duration
	for b.Loop() {
		started := time.Now()
		conn, err := k.client.Dial(context.Background(), netip.AddrPort{}, to)
		if err != nil {
			b.Fatal(err)
		}
		connecting += time.Since(started)
		conn.Close()
	}
	b.ReportMetric(float64(connecting)/float64(b.N), "ns/connect")
}

// BenchmarkConversation connects, has five bytes echoed, and closes.
func BenchmarkConversation(b *testing.B) {
	k := newKernel(b, quick)
	to := k.serve(net.JoinHostPort(kernel4, "0"), echo)
	p := make([]byte, 5)
	for b.Loop() {
		conn, err := k.client.Dial(context.Background(), netip.AddrPort{}, to)
		if err != nil {
			b.Fatal(err)
		}
		roundTrip(b, conn, p)
		conn.CloseWrite()
		if n, err := conn.Read(p); n != 0 || err != io.EOF {
			b.Fatal(n, err)
		}
		conn.Close()
	}
}

func roundTrip(b *testing.B, conn net.Conn, p []byte) {
	if _, err := conn.Write(p); err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadFull(conn, p); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkRoundTrip is five bytes there and back.
func BenchmarkRoundTrip(b *testing.B) {
	k := newKernel(b, nil)
	conn := dial(b, k, k.serve(net.JoinHostPort(kernel4, "0"), echo))
	p := make([]byte, 5)
	b.ReportAllocs()
	for b.Loop() {
		roundTrip(b, conn, p)
	}
}

const chunk = 64 << 10

func BenchmarkUp(b *testing.B) {
	k := newKernel(b, nil)
	conn := dial(b, k, k.serve(net.JoinHostPort(kernel4, "0"), func(conn net.Conn) { io.Copy(io.Discard, conn) }))
	p := make([]byte, chunk)
	b.SetBytes(chunk)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(p); err != nil {
			b.Fatal(err)
		}
	}
	report(b, k)
}

func BenchmarkDown(b *testing.B) {
	k := newKernel(b, nil)
	conn := dial(b, k, k.serve(net.JoinHostPort(kernel4, "0"), func(conn net.Conn) {
		for p := make([]byte, chunk); ; {
			if _, err := conn.Write(p); err != nil {
				return
			}
		}
	}))
	p := make([]byte, chunk)
	b.SetBytes(chunk)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.ReadFull(conn, p); err != nil {
			b.Fatal(err)
		}
	}
	report(b, k)
}

// BenchmarkEcho writes on one goroutine and reads on another.
func BenchmarkEcho(b *testing.B) {
	k := newKernel(b, nil)
	conn := dial(b, k, k.serve(net.JoinHostPort(kernel4, "0"), echo))
	b.SetBytes(chunk)
	b.ReportAllocs()
	go func() {
		for p := make([]byte, chunk); ; {
			if _, err := conn.Write(p); err != nil {
				return
			}
		}
	}()
	p := make([]byte, chunk)
	for b.Loop() {
		if _, err := io.ReadFull(conn, p); err != nil {
			b.Fatal(err)
		}
	}
	report(b, k)
}

// report shows how the frames came about.
func report(b *testing.B, k *kernel) {
	c := k.client.Counters()
	b.ReportMetric(float64(c.Sent)/float64(b.N), "sent/op")
	b.ReportMetric(float64(c.Received)/float64(b.N), "received/op")
}

// BenchmarkFloorWrite is a full frame that nobody waits for, without a TCP.
func BenchmarkFloorWrite(b *testing.B) {
	k := newKernel(b, nil)
	frame := make([]byte, 1514)
	copy(frame, []byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 2, 8, 0})
	b.SetBytes(1460)
	for b.Loop() {
		if err := k.link.WriteFrame(frame); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRoundTripAfterAPause is a round trip when nobody has read the link
// for a while and the keeper has it.
func BenchmarkRoundTripAfterAPause(b *testing.B) {
	k := newKernel(b, nil)
	conn := dial(b, k, k.serve(net.JoinHostPort(kernel4, "0"), echo))
	p := make([]byte, 5)
	var waited time.Duration
	for b.Loop() {
		time.Sleep(10 * time.Millisecond)
		started := time.Now()
		roundTrip(b, conn, p)
		waited += time.Since(started)
	}
	b.ReportMetric(float64(waited)/float64(b.N), "ns/trip")
}
