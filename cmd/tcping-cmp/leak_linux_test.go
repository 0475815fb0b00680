package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// needRoot skips a test that makes devices and namespaces where it cannot.
func needRoot(t *testing.T) {
	t.Helper()
	ok, err := condition("root")
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Skip("needs root and /dev/net/tun")
	}
}

// holdings is what a process holds that could leak.
type holdings struct {
	goroutines, files int
	namespaces        int // descriptors of namespaces among the files
	devices, mounts   int
}

func (h holdings) String() string {
	return fmt.Sprintf("%d goroutines, %d files (%d namespaces), %d devices, %d mounts", h.goroutines, h.files, h.namespaces, h.devices, h.mounts)
}

// holdingsNow counts. A goroutine may end a moment after whoever waited for it
// was told, so one count too many is no leak yet.
func holdingsNow(t *testing.T) holdings {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	h := holdings{goroutines: runtime.NumGoroutine(), files: len(files)}
	for _, f := range files {
		if to, err := os.Readlink("/proc/self/fd/" + f.Name()); err == nil && strings.HasPrefix(to, "net:[") {
			h.namespaces++
		}
	}
	h.devices, h.mounts = devicesAndMounts(t)
	return h
}

func devicesAndMounts(t *testing.T) (devices, mounts int) {
	t.Helper()
	list, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return len(list), bytes.Count(table, []byte("\n"))
}

// alone runs the test once more, in a process with a network and a mount
// namespace of its own, and reports whether this is that process: only there do
// no devices and mounts come and go but those of the test.
func alone(t *testing.T) bool {
	t.Helper()
	const variable = "TCPING_CMP_TEST_ALONE"
	if os.Getenv(variable) == t.Name() {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.v", "-test.run=^"+t.Name()+"$", fmt.Sprintf("-test.short=%v", testing.Short()))
	cmd.Env = append(os.Environ(), variable+"="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// runs is how many conversations the leak tests hold.
func runs() int {
	if testing.Short() {
		return 20
	}
	return 200
}

// quietly runs the program inside the test's process, its output thrown away.
func quietly(args ...string) int {
	return execute(args, streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, func(string) (string, bool) { return "", false })
}

// TestManyRunsLeakNothing runs the main command many times in one process.
func TestManyRunsLeakNothing(t *testing.T) {
	needRoot(t)
	if !alone(t) {
		return
	}
	if status := quietly("run"); status != statusOK { // what is made once and kept is made now
		t.Fatalf("run ends with status %d", status)
	}
	before := holdingsNow(t)
	for range runs() {
		if status := quietly("run"); status != statusOK {
			t.Fatalf("run ends with status %d", status)
		}
	}
	after := holdingsNow(t)
	for deadline := time.Now().Add(5 * time.Second); leaked(before, after) && time.Now().Before(deadline); after = holdingsNow(t) {
		runtime.Gosched()
	}
	if leaked(before, after) {
		t.Errorf("after %d runs: %v; before: %v", runs(), after, before)
	}
}

func leaked(before, after holdings) bool {
	return after.goroutines > before.goroutines || after.files > before.files ||
		after.namespaces > before.namespaces || after.devices != before.devices || after.mounts != before.mounts
}

// TestEndedRunsLeaveNothing ends the program at all sorts of moments, by SIGINT
// and by SIGKILL: no process, device or mount stays, and a namespace has
// nothing else that could keep it.
func TestEndedRunsLeaveNothing(t *testing.T) {
	needRoot(t)
	if !alone(t) {
		return
	}
	devices, mounts := devicesAndMounts(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		for i := range runs() / 2 {
			endRun(t, sig, time.Duration(i%50)*2*time.Millisecond)
		}
	}
	if d, m := devicesAndMounts(t); d != devices || m != mounts {
		t.Errorf("%d devices and %d mounts, before there were %d and %d", d, m, devices, mounts)
	}
}

// endRun starts the program in a process group of its own, sends the signal
// after a while, and looks whether the whole group is gone.
func endRun(t *testing.T, sig syscall.Signal, after time.Duration) {
	t.Helper()
	cmd := exec.Command("tcping-cmp", "run", "--repeat", "1000", "--format", "json")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	moment := time.AfterFunc(after, func() { cmd.Process.Signal(sig) })
	defer moment.Stop()
	cmd.Wait()
	// In its first moments the program has no handler yet.
	killed := cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled()
	if sig == syscall.SIGINT && !killed {
		if status := cmd.ProcessState.ExitCode(); status != 130 {
			t.Errorf("SIGINT after %v: %v", after, cmd.ProcessState)
		}
		if n := bytes.Count(out.Bytes(), []byte(`"record":"summary"`)); n != 1 {
			t.Errorf("SIGINT after %v: %d summaries", after, n)
		}
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("%v after %v: somebody of the process group is still there (%v)", sig, after, err)
	}
}

// TestRunTakesLessThanASecond measures the program as users build it, as root
// and in the lab. Other tests share the processors, so the best of several
// counts.
func TestRunTakesLessThanASecond(t *testing.T) {
	needRoot(t)
	program := filepath.Join(t.TempDir(), "tcping-cmp")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	best := time.Hour
	for range 10 {
		start := time.Now()
		if out, err := exec.Command(program, "run").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		best = min(best, time.Since(start))
	}
	t.Logf("%v", best)
	if best >= time.Second {
		t.Errorf("run took %v at best", best)
	}
}
