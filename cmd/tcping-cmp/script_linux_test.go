package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// platformPrograms are the programs that scripts can exec beside tcping-cmp.
var platformPrograms = map[string]func(){
	"innetns":   inNetns,
	"await":     await,
	"counter":   counter,
	"drained":   drained,
	"respond":   respond,
	"silent":    silent,
	"asnobody":  asNobody,
	"opentun":   openTun,
	"closedtun": closedTun,
	"reader":    reader,
}

// platformCommands are the commands of scripts that run inside the test.
var platformCommands = map[string]func(*testscript.TestScript, bool, []string){
	"lan":  lan,
	"link": setLink,
	"crlf": crlf,
}

// The two hosts of a lan.
var lanHosts = [2]struct{ name, device, addr4, addr6 string }{
	{"A", "a0", "10.77.0.1/24", "fd77::1/64"},
	{"B", "b0", "10.77.0.2/24", "fd77::2/64"},
}

// lan makes two namespaces joined by a veth pair that keeps its default
// offloads, and sets $A and $B to paths that innetns takes. Both vanish with
// the script.
func lan(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: lan")
	}
	ns, err := makeLAN()
	ts.Defer(func() {
		for _, h := range ns {
			if h > 0 {
				h.Close()
			}
		}
	})
	ts.Check(err)
	for i, h := range ns {
		ts.Setenv(lanHosts[i].name, fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), int(h)))
	}
}

func makeLAN() (ns [2]netns.NsHandle, err error) {
	if ns, err = newNamespaces(); err != nil {
		return ns, err
	}
	a, err := netlink.NewHandleAt(ns[0])
	if err != nil {
		return ns, err
	}
	defer a.Close()
	b, err := netlink.NewHandleAt(ns[1])
	if err != nil {
		return ns, err
	}
	defer b.Close()
	veth := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: lanHosts[1].device, PeerNamespace: netlink.NsFd(ns[1])}
	veth.Name = lanHosts[0].device
	if err := a.LinkAdd(veth); err != nil {
		return ns, err
	}
	for i, h := range []*netlink.Handle{a, b} {
		if err := configure(h, i); err != nil {
			return ns, err
		}
	}
	return ns, nil
}

// newNamespaces makes two empty network namespaces; the thread returns to its
// own.
func newNamespaces() (ns [2]netns.NsHandle, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := netns.Get()
	if err != nil {
		return ns, err
	}
	defer own.Close()
	for i := range ns {
		if ns[i], err = netns.New(); err != nil {
			break
		}
	}
	return ns, errors.Join(err, netns.Set(own))
}

// configure gives a host of the lan its addresses, without duplicate address
// detection, and brings it up.
func configure(h *netlink.Handle, i int) error {
	for _, name := range []string{"lo", lanHosts[i].device} {
		l, err := h.LinkByName(name)
		if err != nil {
			return err
		}
		if name != "lo" {
			for _, cidr := range []string{lanHosts[i].addr4, lanHosts[i].addr6} {
				addr, err := netlink.ParseAddr(cidr)
				if err != nil {
					return err
				}
				addr.Flags = unix.IFA_F_NODAD
				if err := h.AddrAdd(l, addr); err != nil {
					return err
				}
			}
		}
		if err := h.LinkSetUp(l); err != nil {
			return err
		}
	}
	return nil
}

// setLink brings a device of the lan up or down: link $A a0 down.
func setLink(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: link $NAMESPACE DEVICE up|down")
	}
	ns, err := netns.GetFromPath(args[0])
	ts.Check(err)
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns)
	ts.Check(err)
	defer h.Close()
	l, err := h.LinkByName(args[1])
	ts.Check(err)
	if args[2] == "up" {
		ts.Check(h.LinkSetUp(l))
	} else {
		ts.Check(h.LinkSetDown(l))
	}
}

// crlf ends the lines of a file as network protocols do: crlf FILE
func crlf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: crlf FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "\n", "\r\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// inNetns becomes another program inside a namespace: innetns $A PROGRAM ARG...
func inNetns() {
	runtime.LockOSThread()
	fd, err := unix.Open(os.Args[1], unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		fatal(fmt.Errorf("open namespace %s: %w", os.Args[1], err))
	}
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		fatal(fmt.Errorf("enter namespace %s: %w", os.Args[1], err))
	}
	path, err := exec.LookPath(os.Args[2])
	if err != nil {
		fatal(err)
	}
	fatal(syscall.Exec(path, os.Args[2:], os.Environ()))
}

// await waits until this namespace has a TCP socket in a state on a port, or so
// many of them, until a port has none that is still talking, or until a file
// has content, as tcpdump's has when it captures: await
// listen|established|time-wait PORT [COUNT], await over PORT, await file PATH.
func await() {
	what, rest := os.Args[1], os.Args[2:]
	if what == "file" {
		until("the file has content", func() bool {
			info, err := os.Stat(rest[0])
			return err == nil && info.Size() > 0
		})
		return
	}
	port, err := strconv.ParseUint(rest[0], 10, 16)
	if err != nil {
		fatal(err)
	}
	if what == "over" {
		until("nobody talks", func() bool {
			return sockets("", uint16(port)) == sockets(tcpListen, uint16(port))+sockets(tcpTimeWait, uint16(port))
		})
		return
	}
	count := 1
	if len(rest) > 1 {
		if count, err = strconv.Atoi(rest[1]); err != nil {
			fatal(err)
		}
	}
	state := map[string]string{"listen": tcpListen, "established": tcpEstablished, "time-wait": tcpTimeWait}[what]
	until(strings.Join(os.Args[1:], " "), func() bool { return sockets(state, uint16(port)) >= count })
}

// States as /proc/net/tcp writes them.
const (
	tcpEstablished = "01"
	tcpTimeWait    = "06"
	tcpListen      = "0A"
)

// until polls for a condition that nobody announces.
func until(what string, ready func() bool) {
	poll := time.NewTicker(2 * time.Millisecond)
	for deadline := time.Now().Add(20 * time.Second); !ready(); <-poll.C {
		if time.Now().After(deadline) {
			fatal(fmt.Errorf("waited 20 s in vain: %s", what))
		}
	}
}

// drained sends a mark to a host and waits until it stands in the file that
// tcpdump writes: then everything before it does too. drained HOST FILE
func drained() {
	mark := []byte("this is the end of what has to be captured")
	conn, err := net.Dial("udp", net.JoinHostPort(os.Args[1], "9"))
	if err != nil {
		fatal(err)
	}
	if _, err := conn.Write(mark); err != nil {
		fatal(err)
	}
	until("the mark in the capture", func() bool {
		b, err := os.ReadFile(os.Args[2])
		return err == nil && bytes.Contains(b, mark)
	})
}

// procLines returns the rows of a table under /proc/net, its head left out.
func procLines(table string) []string {
	b, err := os.ReadFile("/proc/thread-self/net/" + table)
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[1:]
}

// sockets counts those on a local port in a state; empty means any.
func sockets(state string, port uint16) (n int) {
	suffix := fmt.Sprintf(":%04X", port)
	for _, line := range append(procLines("tcp"), procLines("tcp6")...) {
		f := strings.Fields(line)
		if len(f) > 3 && strings.HasSuffix(f[1], suffix) && (state == "" || f[3] == state) {
			n++
		}
	}
	return n
}

// counter prints one of this namespace's TCP counters: counter OutRsts.
func counter() {
	b, err := os.ReadFile("/proc/thread-self/net/snmp")
	if err != nil {
		fatal(err)
	}
	var names []string
	for line := range bytes.Lines(b) {
		f := strings.Fields(string(line))
		if f[0] != "Tcp:" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		for i, name := range names {
			if name == os.Args[1] {
				fmt.Println(f[i])
				return
			}
		}
	}
	fatal(fmt.Errorf("no counter %s", os.Args[1]))
}
