package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"kernel.org/pub/linux/libs/security/libcap/cap"
)

// The capabilities that a command can need.
const (
	netAdmin capability = capability(cap.NET_ADMIN) // TAP devices, addresses, ending sockets
	netRaw   capability = capability(cap.NET_RAW)   // frames on an interface
	sysAdmin capability = capability(cap.SYS_ADMIN) // network namespaces
	allFiles capability = capability(cap.DAC_OVERRIDE)
	lowPorts capability = capability(cap.NET_BIND_SERVICE)
	rootMaps capability = capability(cap.SETFCAP) // user namespaces that map root, as root makes them
)

// giveUp leaves this process, all its threads and whatever it starts with
// those of its capabilities that are listed, for good. It is no error to have
// none.
func giveUp(but []capability) error {
	if _, err := cap.Prctlw(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("giving up new privileges: %w", err)
	}
	have, fewer := cap.GetProc(), cap.NewSet()
	for _, c := range but {
		if permitted, err := have.GetFlag(cap.Permitted, cap.Value(c)); err != nil || !permitted {
			continue
		}
		for _, flag := range []cap.Flag{cap.Permitted, cap.Effective} {
			if err := fewer.SetFlag(flag, true, cap.Value(c)); err != nil {
				return fmt.Errorf("keeping %v: %w", cap.Value(c), err)
			}
		}
	}
	if err := fewer.SetProc(); err != nil {
		return fmt.Errorf("giving up capabilities: %w", err)
	}
	return nil
}

// has reports whether the process has a capability in effect.
func has(c capability) bool {
	on, err := cap.GetProc().GetFlag(cap.Effective, cap.Value(c))
	return err == nil && on
}

// isRoot reports whether files of others are ours to read and write.
func isRoot() bool { return os.Geteuid() == 0 }
