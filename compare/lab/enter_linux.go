package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"tcping-cmp/tap"
)

// enteredVariable marks the child, so that it does not enter again.
const enteredVariable = "TCPING_CMP_ENTERED"

const (
	tunDevice   = "/dev/net/tun"
	userLimit   = "user/max_user_namespaces"
	netLimit    = "user/max_net_namespaces"
	debianUsers = "kernel/unprivileged_userns_clone"
	apparmor    = "kernel/apparmor_restrict_unprivileged_userns"
)

// Enter makes the lab usable. A process that may create network namespaces and
// TAP devices has nothing to do. Another one is started again as root of a
// user namespace of its own, with the same arguments, files and environment,
// and this process waits for it, passes signals on, and reports its exit
// status; when this process is killed, so is that one. Where neither goes, the
// entry says why.
//
// main calls it before it does anything else.
func Enter() Entry {
	err := tryLab()
	if err == nil {
		return Entry{Ready: true}
	}
	if os.Getenv(enteredVariable) != "" || os.Geteuid() == 0 && !privilege(err) {
		return explain(err)
	}
	if err := mayEnter(); err != nil {
		return explain(err)
	}
	entry, err := runEntered()
	if err != nil {
		return explain(err)
	}
	return entry
}

// tryLab makes a namespace with a TAP in it and throws both away.
func tryLab() error {
	ns, err := NewNamespace(false)
	if err != nil {
		return err
	}
	defer ns.Close()
	link, err := tap.OpenTAP(tap.TAPConfig{Name: "tap0", Namespace: ns.handle})
	if err != nil {
		return err
	}
	return link.Close()
}

func privilege(err error) bool {
	return errors.Is(err, ErrNoNamespace) || errors.Is(err, tap.ErrPrivilege)
}

// mayEnter looks for what would make the child useless.
func mayEnter() error {
	if f, err := os.OpenFile(tunDevice, os.O_RDWR, 0); err != nil {
		return fmt.Errorf("%w: %w", ErrNoTUN, err)
	} else {
		f.Close()
	}
	for _, name := range []string{userLimit, netLimit, debianUsers} {
		if sysctl(name) == "0" {
			return fmt.Errorf("%w: sysctl %s is 0", ErrNoUserNamespace, dotted(name))
		}
	}
	if sysctl(apparmor) == "1" {
		return fmt.Errorf("%w: sysctl %s is 1", ErrNoUserNamespace, dotted(apparmor))
	}
	return nil
}

// explain words the reason and the fix, a line each.
func explain(err error) Entry {
	e := Entry{Reason: err.Error(), Fix: "run as root"}
	switch {
	case errors.Is(err, ErrNoTUN) && errors.Is(err, os.ErrNotExist), errors.Is(err, tap.ErrNoTUN):
		e.Reason = "there is no " + tunDevice
		e.Fix = "modprobe tun; in a container: --device /dev/net/tun --cap-add NET_ADMIN,SYS_ADMIN"
	case errors.Is(err, ErrNoTUN):
		e.Reason = fmt.Sprintf("this user may not open %s (%v)", tunDevice, errno(err))
		e.Fix = "run as root, or chmod 0666 " + tunDevice
	case errors.Is(err, ErrNoUserNamespace) && sysctl(apparmor) == "1":
		e.Reason = "AppArmor does not let ordinary users have namespaces with privileges"
		e.Fix = "run as root, or sysctl -w " + dotted(apparmor) + "=0"
	case errors.Is(err, ErrNoUserNamespace) && sysctl(debianUsers) == "0":
		e.Reason = "the kernel does not let ordinary users have namespaces"
		e.Fix = "run as root, or sysctl -w " + dotted(debianUsers) + "=1"
	case errors.Is(err, ErrNoUserNamespace) && (sysctl(userLimit) == "0" || sysctl(netLimit) == "0"):
		e.Reason = "the kernel allows no namespaces"
		e.Fix = "sysctl -w " + dotted(userLimit) + "=15000 " + dotted(netLimit) + "=15000"
	case errors.Is(err, syscall.EROFS):
		e.Fix = "mount /proc/sys so that it can be written"
	case errors.Is(err, ErrNoUserNamespace), errors.Is(err, ErrNoNamespace):
		e.Reason = fmt.Sprintf("this process may not create namespaces (%v)", errno(err))
		e.Fix = "run as root; in a container: --device /dev/net/tun --cap-add NET_ADMIN,SYS_ADMIN"
	}
	return e
}

// errno is the kernel's own word in an error.
func errno(err error) error {
	var n syscall.Errno
	if errors.As(err, &n) {
		return n
	}
	return err
}

func dotted(sysctl string) string {
	b := []byte(sysctl)
	for i := range b {
		if b[i] == '/' {
			b[i] = '.'
		}
	}
	return string(b)
}

// runEntered runs this program again in new user and network namespaces.
func runEntered() (Entry, error) {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), enteredVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
		Pdeathsig:   syscall.SIGKILL,
		Setpgid:     true, // a terminal's Ctrl-C reaches the child once, through us
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
	defer signal.Stop(signals)
	// The child dies with the thread that started it, not with the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrNoUserNamespace, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			cmd.Process.Signal(s)
		case <-ended:
			return Entry{Ran: true, Status: exitStatus(cmd.ProcessState)}, nil
		}
	}
}

// exitStatus is the status that a shell would show.
func exitStatus(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
