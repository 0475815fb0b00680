package lab

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// holdings counts what a conversation must give back: goroutines, file
// descriptors, and the network namespaces that the process's threads are in.
type holdings struct{ goroutines, descriptors, namespaces int }

func count(t *testing.T) holdings {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	inodes := make(map[string]bool)
	for _, task := range tasks {
		// A thread may end while we look.
		if ns, err := os.Readlink("/proc/self/task/" + task.Name() + "/ns/net"); err == nil {
			inodes[ns] = true
		}
	}
	return holdings{runtime.NumGoroutine(), len(fds), len(inodes)}
}

// more reports whether h has more of anything than before.
func (h holdings) more(before holdings) bool {
	return h.goroutines > before.goroutines || h.descriptors > before.descriptors || h.namespaces > before.namespaces
}

// expectNoLeak runs f many times and waits, within a bound, until there is no
// more than after the first.
func expectNoLeak(t *testing.T, times int, f func(i int)) {
	t.Helper()
	f(0) // what is made once and kept, such as Go's poller, is not a leak
	before := count(t)
	for i := range times {
		f(i)
	}
	deadline := time.Now().Add(5 * time.Second)
	for after := count(t); after.more(before); after = count(t) {
		if time.Now().After(deadline) {
			t.Fatalf("before %+v, after %+v\n%s", before, after, stacks())
		}
		runtime.Gosched()
	}
}

func stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}

// The kernel does not list namespaces that no process holds. A virtual cable
// into one shows whether it is still there: its other end goes with it. The
// other ends are in a namespace of the test's, the witness.

// seenPlace and seenStack lay a cable from the calling thread's namespace into
// each that they make.
type (
	seenPlace struct{ Place }
	seenStack struct{ Stack }
)

var cables atomic.Int64

func lay(ns *Namespace) error {
	return netlink.LinkAdd(&netlink.Veth{
		LinkAttrs:     netlink.LinkAttrs{Name: fmt.Sprintf("w%d", cables.Add(1))},
		PeerName:      "witness",
		PeerNamespace: netlink.NsFd(ns.Handle()),
	})
}

func (p seenPlace) Open(ctx context.Context, app scenario.Application) (*Site, error) {
	site, err := p.Place.Open(ctx, app)
	if err != nil {
		return nil, err
	}
	return site, lay(site.closers[0].(*Namespace))
}

func (s seenStack) Attach(ctx context.Context, link tap.Link, network Network) (Host, error) {
	host, err := s.Stack.Attach(ctx, link, network)
	if err != nil {
		return nil, err
	}
	return host, lay(host.(*kernelHost).ns)
}

// inWitness runs f in a namespace of its own and waits until the cables are
// gone that f has laid there.
func inWitness(t *testing.T, f func()) {
	t.Helper()
	linktest.NeedRoot(t)
	ns, err := NewNamespace(false)
	if err != nil {
		t.Fatal(err)
	}
	defer ns.Close()
	ns.Do(func() error {
		f()
		return nil
	})
	deadline := time.Now().Add(30 * time.Second)
	for left := names(t, ns); len(left) > 1; left = names(t, ns) {
		if time.Now().After(deadline) {
			t.Fatalf("these cables still lead into namespaces: %v", left)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// names lists the devices of a namespace.
func names(t *testing.T, ns *Namespace) (list []string) {
	t.Helper()
	links, err := ns.routes.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		list = append(list, l.Attrs().Name)
	}
	return list
}
