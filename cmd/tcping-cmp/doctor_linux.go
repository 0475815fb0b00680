package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// examine runs every check. It sends nothing unless an interface is named.
func examine(ctx context.Context, interfaceName, address string) ([]finding, error) {
	findings := []finding{checkKernel(), checkTun(), checkNamespaces(), checkUserNamespaces(ctx), checkRawSocket()}
	own, err := checkInterfaces(interfaceName)
	if err != nil {
		return nil, err
	}
	findings = append(findings, own...)
	if interfaceName == "" {
		return append(findings, checkDuplicates()...), nil
	}
	taken, err := checkTaken(ctx, interfaceName, address)
	return append(findings, taken...), err
}

func checkKernel() finding {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return finding{gradeWarn, "kernel", err.Error(), ""}
	}
	return finding{gradeOK, "kernel", unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:]), ""}
}

// checkTun looks whether TAP devices can be made.
func checkTun() finding {
	const name, path = "TAP device", "/dev/net/tun"
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	switch {
	case err == nil:
		f.Close()
		return finding{gradeOK, name, path + " opens", ""}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV):
		return finding{gradeFail, name, path + " is not there", "modprobe tun; in a container: --device /dev/net/tun --cap-add NET_ADMIN"}
	case errors.Is(err, fs.ErrPermission):
		return finding{gradeFail, name, "no permission to open " + path, "run as root, or as root: chmod 0666 " + path + " (the usual mode on a desktop)"}
	}
	return finding{gradeFail, name, err.Error(), "the lab can still run in memory: run --link mem"}
}

// checkNamespaces looks whether a network namespace can be made directly, as
// the lab does for root.
func checkNamespaces() finding {
	const name = "network namespace"
	if has(sysAdmin) && has(netAdmin) {
		return finding{gradeOK, name, "CAP_SYS_ADMIN and CAP_NET_ADMIN are there", ""}
	}
	return finding{gradeWarn, name, "no CAP_SYS_ADMIN or no CAP_NET_ADMIN", "the lab uses a user namespace instead, where the next line allows it; or run as root"}
}

// checkUserNamespaces starts this program in a user and network namespace of
// its own, which is what the lab does for an ordinary user.
func checkUserNamespaces(ctx context.Context) finding {
	const name = "user namespace"
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "--version")
	cmd.Args[0] = os.Args[0]
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	err := cmd.Run()
	if err == nil {
		return finding{gradeOK, name, "can be made by this user", ""}
	}
	grade := gradeFail
	if os.Geteuid() == 0 {
		grade = gradeWarn // root does not need one
	}
	for _, knob := range []struct{ path, bad, fix string }{
		{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"},
		{"/proc/sys/kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"},
		{"/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=10000"},
	} {
		if v, readErr := os.ReadFile(knob.path); readErr == nil && strings.TrimSpace(string(v)) == knob.bad {
			return finding{grade, name, fmt.Sprintf("refused (%s is %s)", knob.path, knob.bad), "as root: " + knob.fix}
		}
	}
	return finding{grade, name, "refused: " + err.Error(), "run as root; in a container: --security-opt seccomp=unconfined"}
}

// checkRawSocket looks whether frames can be sent and read on an interface
// that is already there.
func checkRawSocket() finding {
	const name = "raw frames"
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
		return finding{gradeOK, name, "AF_PACKET sockets open: run and ping can use an interface", ""}
	}
	fix := "run as root, or: setcap cap_net_raw+ep FILE on the built program; in a container: --cap-add NET_RAW"
	return finding{gradeWarn, name, "AF_PACKET: " + err.Error(), fix}
}
