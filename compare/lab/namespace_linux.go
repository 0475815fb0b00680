package lab

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// Namespace is a private network namespace with a thread inside. It has no
// name in the file system: when the process ends, however it ends, the
// namespace goes too, with every device in it.
type Namespace struct {
	handle netns.NsHandle
	routes *netlink.Handle
	calls  chan func()
	ended  chan struct{}
	mu     sync.Mutex // held in Close and while a call is handed over
	closed bool
}

// NewNamespace makes a namespace whose only device is loopback, which is up.
// With ipv6 the kernel in it speaks IPv6, but only of the addresses that it is
// given: no router solicitations, no duplicate address detection, no
// link-local addresses. Without, it does not speak IPv6 at all.
func NewNamespace(ipv6 bool) (*Namespace, error) {
	n := &Namespace{handle: netns.None(), calls: make(chan func()), ended: make(chan struct{})}
	ready := make(chan error, 1)
	onOwnThread(func() {
		defer close(n.ended)
		err := n.enter(ipv6)
		ready <- err
		if err == nil {
			for f := range n.calls {
				f()
			}
		}
	})
	if err := <-ready; err != nil {
		n.free()
		<-n.ended
		return nil, err
	}
	return n, nil
}

// enter makes the namespace on the calling thread.
func (n *Namespace) enter(ipv6 bool) (err error) {
	if n.handle, err = netns.New(); err != nil {
		return namespaceError(err)
	}
	if err := quietIPv6(ipv6); err != nil {
		return err
	}
	if n.routes, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return fmt.Errorf("netlink in the new network namespace: %w", err)
	}
	lo, err := n.routes.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("loopback in the new network namespace: %w", err)
	}
	return n.routes.LinkSetUp(lo)
}

// ErrNoNamespace means that the kernel refuses a network namespace.
var ErrNoNamespace = errors.New("this process may not create a network namespace")

func namespaceError(err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("%w (%w): run as root, or use --link mem, which needs no privilege", ErrNoNamespace, err)
	case errors.Is(err, unix.ENOSPC):
		return fmt.Errorf("%w (%w): the limit is reached; raise the sysctl user.max_net_namespaces", ErrNoNamespace, err)
	}
	return fmt.Errorf("%w: %w", ErrNoNamespace, err)
}

// quietIPv6 keeps the kernel from sending anything on its own account.
func quietIPv6(on bool) error {
	settings := [][2]string{{"disable_ipv6", "1"}}
	if on {
		settings = [][2]string{
			{"accept_ra", "0"}, {"autoconf", "0"}, {"router_solicitations", "0"},
			{"accept_dad", "0"}, {"dad_transmits", "0"}, {"addr_gen_mode", "1"},
			// Multicast listener reports cannot be turned off, but those of
			// version 1 leave as soon as the interface is up.
			{"force_mld_version", "1"}, {"mldv1_unsolicited_report_interval", "1"},
		}
	}
	for _, s := range settings {
		for _, which := range []string{"all", "default"} {
			err := setSysctl("net/ipv6/conf/"+which+"/"+s[0], s[1])
			if err != nil && !(errors.Is(err, os.ErrNotExist) && !on) {
				return err // a kernel without IPv6 is quiet enough
			}
		}
	}
	return nil
}

// setSysctl and sysctl work in the namespace of the calling thread.
func setSysctl(path, value string) error {
	if err := os.WriteFile("/proc/sys/"+path, []byte(value), 0); err != nil {
		return fmt.Errorf("the sysctl %s cannot be set in the private namespace: %w", dotted(path), errno(err))
	}
	return nil
}

func sysctl(path string) string {
	b, err := os.ReadFile("/proc/sys/" + path)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b)), " ")
}

// Do runs f on the namespace's thread and returns its error. Calls wait for
// each other. Sockets that f creates stay in the namespace.
func (n *Namespace) Do(f func() error) error {
	result := make(chan error, 1)
	call := func() {
		err := errGone // unless f returns
		defer func() { result <- err }()
		err = f()
	}
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return fmt.Errorf("network namespace: %w", net.ErrClosed)
	}
	sent := n.send(call)
	n.mu.Unlock()
	if !sent {
		return errGone
	}
	return <-result
}

// errGone means that an earlier call has ended the thread, as a test does that
// fails.
var errGone = errors.New("the network namespace's thread has ended")

// send hands a call to the thread, if there still is one.
func (n *Namespace) send(call func()) bool {
	select {
	case n.calls <- call:
		return true
	case <-n.ended:
		return false
	}
}

// Handle is the descriptor of the namespace. It is valid until Close.
func (n *Namespace) Handle() netns.NsHandle { return n.handle }

// Close ends the thread and frees the namespace, with the devices and the
// connections that are left in it. Sockets and links that were opened in it
// keep it alive until they are closed too.
func (n *Namespace) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil
	}
	n.closed = true
	n.send(destroySockets)
	close(n.calls)
	<-n.ended
	return n.free()
}

func (n *Namespace) free() error {
	if n.routes != nil {
		n.routes.Close()
	}
	if n.handle.IsOpen() {
		return n.handle.Close()
	}
	return nil
}
