package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// respond is a server that does not echo: it answers the first bytes of every
// connection with a text, which may be empty, and waits for the client's FIN.
// respond PORT TEXT
func respond() {
	l, err := net.Listen("tcp", ":"+os.Args[1])
	if err != nil {
		fatal(err)
	}
	for {
		c, err := l.Accept()
		if err != nil {
			fatal(err)
		}
		go func() {
			defer c.Close()
			if _, err := c.Read(make([]byte, 1<<16)); err == nil {
				io.WriteString(c, os.Args[2])
			}
			io.Copy(io.Discard, c)
		}()
	}
}

// silent is a port that answers nothing, not even with a RST: a listening
// socket whose filter drops everything. silent PORT
func silent() {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		dropAll := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: 0}
		controlErr := raw.Control(func(fd uintptr) {
			err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &dropAll})
		})
		if err == nil {
			err = controlErr
		}
		return err
	}}
	if _, err := config.Listen(context.Background(), "tcp", ":"+os.Args[1]); err != nil {
		fatal(err)
	}
	select {}
}

// asNobody runs a program of the test as the user nobody, who cannot see the
// directory it is in, so a copy is made: asnobody PROGRAM ARG...
func asNobody() {
	dir, err := os.MkdirTemp("/tmp", "as-nobody-") // the script's own is closed to nobody
	if err != nil {
		fatal(err)
	}
	status, err := runAsNobody(dir)
	os.RemoveAll(dir)
	if err != nil {
		fatal(err)
	}
	os.Exit(status)
}

func runAsNobody(dir string) (int, error) {
	if err := os.Chmod(dir, 0o755); err != nil {
		return 0, err
	}
	own, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return 0, err
	}
	program := filepath.Join(dir, os.Args[1])
	if err := os.WriteFile(program, own, 0o755); err != nil {
		return 0, err
	}
	cmd := exec.Command(program, os.Args[2:]...)
	cmd.Dir = "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if err := cmd.Run(); cmd.ProcessState == nil {
		return 0, fmt.Errorf("as nobody: %w", err)
	}
	return cmd.ProcessState.ExitCode(), nil
}

// openTun becomes a program for which anybody may open /dev/net/tun, as on
// many desktops: opentun PROGRAM ARG...
func openTun() { withTun(0o666) }

// closedTun becomes a program for which only root may: closedtun PROGRAM
// ARG...
func closedTun() { withTun(0o600) }

// withTun runs the program with a device of this mode; the device of the
// machine stays as it is.
func withTun(mode os.FileMode) {
	runtime.LockOSThread()
	for _, step := range []func() error{
		func() error { return unix.Unshare(unix.CLONE_NEWNS) },
		func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return unix.Mount("tmpfs", "/dev/net", "tmpfs", 0, "mode=0755") },
		func() error { return unix.Mknod("/dev/net/tun", unix.S_IFCHR, int(unix.Mkdev(10, 200))) },
		func() error { return os.Chmod("/dev/net/tun", mode) },
	} {
		if err := step(); err != nil {
			fatal(fmt.Errorf("a device of mode %v: %w", mode, err))
		}
	}
	path, err := exec.LookPath(os.Args[1])
	if err != nil {
		fatal(err)
	}
	fatal(syscall.Exec(path, os.Args[1:], os.Environ()))
}
