package handcrafted_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/net/nettest"
)

// TestConnOfTheGoProject runs the tests that every net.Conn of the Go project
// passes: ours at one end, the kernel's at the other.
func TestConnOfTheGoProject(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		k := newKernel(t, nil)
		l := k.listen(net.JoinHostPort(address, "0"))
		remote := l.Addr().(*net.TCPAddr).AddrPort()
		nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
			if c1, err = k.client.Dial(context.Background(), netip.AddrPort{}, remote); err != nil {
				return nil, nil, nil, err
			}
			if c2, err = l.Accept(); err != nil {
				return nil, nil, nil, err
			}
			return c1, c2, func() { c1.Close(); c2.Close() }, nil
		})
	})
}
