package lab

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap/linktest"
)

// The tests of Enter start this test program again as an ordinary user, in a
// mount namespace in which /dev/net/tun has the mode that it has on most
// systems. The variable says which part of that is next.
const part = "TCPING_CMP_TEST_PART"

func TestMain(m *testing.M) {
	switch os.Getenv(part) {
	case "":
		os.Exit(m.Run())
	case "mount":
		os.Exit(mountPart())
	case "user":
		os.Exit(userPart())
	case "converse":
		conversePart()
	}
	os.Exit(99)
}

// mountPart gives users the device and goes on as one.
func mountPart() int {
	for _, step := range []func() error{
		func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return unix.Mount("tmpfs", "/dev/net", "tmpfs", 0, "") },
		func() error { return unix.Mknod(tunDevice, unix.S_IFCHR, int(unix.Mkdev(10, 200))) },
		func() error { return os.Chmod(tunDevice, 0o666) },
	} {
		if err := step(); err != nil {
			fmt.Println("mount part:", err)
			return 98
		}
	}
	os.Setenv(part, "user")
	if err := unix.Setgroups(nil); err != nil {
		return 97
	}
	if err := errors.Join(syscall.Setgid(1000), syscall.Setuid(1000)); err != nil {
		return 97
	}
	err := unix.Exec("/proc/self/exe", os.Args, os.Environ())
	fmt.Println("mount part:", err)
	return 96
}

// userPart is a main that uses the lab.
func userPart() int {
	entry := Enter()
	switch {
	case entry.Ran:
		return entry.Status
	case !entry.Ready:
		fmt.Printf("%s; %s\n", entry.Reason, entry.Fix)
		return 50
	}
	r := Converse(context.Background(), Kernel(), NewTAP(LabOptions{}), hello(scenario.PeerFirst))
	fmt.Printf("uid %d, %v, %s\n", os.Getuid(), r.Err, r.State)
	if os.Args[len(os.Args)-1] == "wait" {
		time.Sleep(time.Hour) // until a signal
	}
	return 7
}

// conversePart holds conversations until it is killed. Its cables are named
// apart from those of the process before it.
func conversePart() {
	cables.Store(int64(os.Getpid()) * 10_000)
	for {
		r := Converse(context.Background(), seenStack{Kernel()}, seenPlace{NewTAP(LabOptions{IPv6: true})}, hello(scenario.ClientFirst))
		fmt.Println(r.Err)
	}
}

// again starts this program with a part.
func again(t *testing.T, what string, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	linktest.NeedRoot(t)
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), part+"="+what)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if what == "user" {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: 1000, Gid: 1000}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, bufio.NewReader(out)
}

func status(cmd *exec.Cmd) int {
	cmd.Wait()
	return exitStatus(cmd.ProcessState)
}

func TestOrdinaryUserEntersOwnNamespaces(t *testing.T) {
	if sysctl(userLimit) == "0" {
		linktest.Skip(t, "user namespaces")
	}
	cmd, out := again(t, "mount")
	text, _ := io.ReadAll(out)
	if got := status(cmd); got != 7 || strings.TrimSpace(string(text)) != "uid 0, <nil>, CLOSED" {
		t.Errorf("status %d, output %q; want the child's 7 and a conversation as root of its own", got, text)
	}
}

func TestSignalsReachTheChild(t *testing.T) {
	if sysctl(userLimit) == "0" {
		linktest.Skip(t, "user namespaces")
	}
	for sig, want := range map[syscall.Signal]int{unix.SIGTERM: 143, unix.SIGINT: 130} {
		cmd, out := again(t, "mount", "wait")
		if _, err := out.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Signal(sig)
		io.Copy(io.Discard, out)
		if got := status(cmd); got != want {
			t.Errorf("%v: status %d, want %d", sig, got, want)
		}
	}
}

// When the parent is killed, the child does not live on: its output ends.
func TestChildDiesWithParent(t *testing.T) {
	if sysctl(userLimit) == "0" {
		linktest.Skip(t, "user namespaces")
	}
	cmd, out := again(t, "mount", "wait")
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cmd.Process.Kill()
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, out)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the child still holds its output")
	}
	cmd.Wait()
}

// A process that is killed in the middle leaves no namespace: nothing has a
// name, so all goes with its descriptors, and no socket lives on.
func TestKillLeavesNothing(t *testing.T) {
	inWitness(t, func() {
		for i := range 10 {
			cmd, out := again(t, "converse")
			for range i%3 + 1 {
				if line, err := out.ReadString('\n'); err != nil || line != "<nil>\n" {
					t.Errorf("conversation: %q, %v", line, err)
				}
			}
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
}

// Without the device there is a reason and a fix, a line together.
func TestUserWithoutDeviceIsToldWhy(t *testing.T) {
	info, err := os.Stat(tunDevice)
	if err == nil && info.Mode().Perm()&0o006 == 0o006 {
		t.Skip("here every user may open " + tunDevice)
	}
	cmd, out := again(t, "user")
	text, _ := io.ReadAll(out)
	if got := status(cmd); got != 50 || !strings.Contains(string(text), "may not open /dev/net/tun (permission denied); run as root, or chmod") {
		t.Errorf("status %d, output %q", got, text)
	}
}

func TestEntryReasons(t *testing.T) {
	for _, c := range []struct {
		err         error
		reason, fix string
	}{
		{fmt.Errorf("%w: %w", ErrNoTUN, &os.PathError{Op: "open", Path: tunDevice, Err: unix.ENOENT}), "there is no /dev/net/tun", "modprobe tun"},
		{fmt.Errorf("%w: %w", ErrNoTUN, &os.PathError{Op: "open", Path: tunDevice, Err: unix.EACCES}), "may not open", "chmod 0666"},
		{fmt.Errorf("%w: %w", ErrNoUserNamespace, unix.EPERM), "may not create namespaces (operation not permitted)", "root"},
		{namespaceError(unix.EPERM), "may not create namespaces (operation not permitted)", "root"},
		{namespaceError(unix.ENOSPC), "may not create namespaces (no space left", "root"},
	} {
		e := explain(c.err)
		if !strings.Contains(e.Reason, c.reason) || !strings.Contains(e.Fix, c.fix) || strings.Contains(e.Reason+e.Fix, "\n") {
			t.Errorf("%v: reason %q, fix %q", c.err, e.Reason, e.Fix)
		}
	}
}

func TestRootIsReady(t *testing.T) {
	linktest.NeedRoot(t)
	if e := Enter(); !e.Ready {
		t.Errorf("%+v, want ready", e)
	}
}
