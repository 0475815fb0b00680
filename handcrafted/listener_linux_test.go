package handcrafted_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcping-cmp/tap/linktest"
)

// connect opens a socket of the kernel's to an address of ours.
func (k *kernel) connect(address string) net.Conn {
	k.Helper()
	var conn net.Conn
	linktest.In(k, k.ns, func() error {
		// Not net.Dial: its goroutines would be in another namespace.
		addr, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			return err
		}
		conn, err = net.DialTCP("tcp", nil, addr)
		return err
	})
	k.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

// TestKernelConnectsToUs has Linux open connections to a Listener and send and
// receive much.
func TestKernelConnectsToUs(t *testing.T) {
	for _, address := range []string{ours4, ours6} {
		t.Run(address, func(t *testing.T) {
			k := newKernel(t, nil)
			l := listen(t, k.client, "tcp", net.JoinHostPort(address, "80"))
			ended := make(chan string, 1)
			go func() {
				conn, err := l.AcceptConn()
				if err != nil {
					t.Error(err)
					return
				}
				echo(conn)
				conn.Close()
				ended <- conn.State()
			}()
			theirs := k.connect(l.Addr().String())
			data := bytes.Repeat([]byte("0123456789abcdef"), 256<<10) // 4 MiB
			go func() {
				theirs.Write(data)
				theirs.(*net.TCPConn).CloseWrite()
			}()
			sum := sha256.New()
			if n, err := io.Copy(sum, theirs); n != int64(len(data)) || err != nil {
				t.Errorf("%d octets came back, %v", n, err)
			}
			if want := sha256.Sum256(data); !bytes.Equal(sum.Sum(nil), want[:]) {
				t.Error("other octets came back")
			}
			if state := <-ended; state != "LAST-ACK" && state != "CLOSED" {
				t.Errorf("state %s after the kernel closed first", state)
			}
		})
	}
}

// TestKernelSeesOptions: what Linux offers in its SYN is agreed on.
func TestKernelSeesOptions(t *testing.T) {
	k := newKernel(t, nil)
	l := listen(t, k.client, "tcp", ours4+":80")
	theirs := k.connect(l.Addr().String())
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	raw, err := theirs.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	const timestamps, sack, scale = 1, 2, 4 // TCPI_OPT_* of linux/tcp.h
	var info *unix.TCPInfo
	var failed error
	raw.Control(func(fd uintptr) { info, failed = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO) })
	if failed != nil {
		t.Fatal(failed)
	}
	if got := info.Options; got&(timestamps|sack|scale) != timestamps|sack|scale {
		t.Errorf("options %#x, want timestamps, SACK and window scale", got)
	}
}

func TestKernelIsRefused(t *testing.T) {
	k := newKernel(t, nil)
	linktest.In(t, k.ns, func() error {
		addr := &net.TCPAddr{IP: net.ParseIP(ours4), Port: 81}
		if _, err := net.DialTCP("tcp", nil, addr); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("nobody listens: %v", err)
		}
		return nil
	})
}
