package lab

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
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

// expectNoLeak runs f, which must do whatever may leak many times, and waits,
// within a bound, until there is no more than before.
func expectNoLeak(t *testing.T, f func()) {
	t.Helper()
	f() // what is made once and kept, such as Go's poller, is not a leak
	before := count(t)
	f()
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

// kernelNamespaces is how many network namespaces the whole system has, and
// -1 where the kernel does not tell.
func kernelNamespaces() int {
	b, err := os.ReadFile("/proc/slabinfo")
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(b)) {
		if w := strings.Fields(line); len(w) > 1 && w[0] == "net_namespace" {
			n, _ := strconv.Atoi(w[1])
			return n
		}
	}
	return -1
}
