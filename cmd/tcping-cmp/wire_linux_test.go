package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/vishvananda/netns"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

// host is one end of a wire: a namespace with a device and an address.
type host struct {
	ns     netns.NsHandle
	device string
	addr   string
}

// wireHosts makes two hosts that join connects.
func wireHosts(t *testing.T, join func(t *testing.T, client, server host)) (client, server host) {
	t.Helper()
	client = host{linktest.Namespace(t), "a0", "10.78.0.1"}
	server = host{linktest.Namespace(t), "b0", "10.78.0.2"}
	join(t, client, server)
	for _, h := range []host{client, server} {
		linktest.In(t, h.ns, func() error { return linktest.Up(h.device, h.addr+"/24") })
	}
	return client, server
}

// cable joins hosts by a veth pair with its default offloads: super-frames
// cross it, and checksums are left to hardware that is not there.
func cable(t *testing.T, client, server host) {
	linktest.Veth(t, client.ns, client.device, server.ns, server.device)
}

// bridge joins hosts by two TAP devices, which have no offloads, with an
// impairment between them.
func bridge(i tap.Impairment) func(t *testing.T, client, server host) {
	return func(t *testing.T, client, server host) {
		t.Helper()
		var ends [2]tap.Link
		for n, h := range []host{client, server} {
			link, err := tap.OpenTAP(tap.TAPConfig{Name: h.device, Namespace: h.ns})
			if err != nil {
				t.Fatal(err)
			}
			ends[n] = link
		}
		bad, err := tap.Impair(ends[0], i)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 2)
		go func() { done <- pump(bad, ends[1]) }()
		go func() { done <- pump(ends[1], bad) }()
		t.Cleanup(func() {
			bad.Close()
			ends[1].Close()
			for range 2 {
				if err := <-done; !errors.Is(err, net.ErrClosed) {
					t.Errorf("the wire broke: %v", err)
				}
			}
		})
	}
}

// pump carries frames until one of the links is closed.
func pump(from, to tap.Link) error {
	buf := make([]byte, from.Info().MaxFrame)
	for {
		n, _, err := from.ReadFrame(buf)
		if err != nil {
			return err
		}
		if err := to.WriteFrame(buf[:n]); err != nil {
			return err
		}
	}
}

// start starts a program on the host. It is ended with the test.
func (h host) start(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		name = path
	} else {
		name = filepath.Join("/usr/sbin", name)
	}
	cmd := exec.Command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	linktest.In(t, h.ns, cmd.Start)
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
		}
	})
	return cmd
}

// run runs a program on the host to its end.
func (h host) run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := h.start(t, name, args...)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v:\n%s", cmd, err, cmd.Stdout)
	}
}

// await waits for a condition inside the host that nobody announces.
func (h host) await(t *testing.T, what string, ready func() bool) {
	t.Helper()
	met := false
	linktest.In(t, h.ns, func() error {
		poll := time.NewTicker(2 * time.Millisecond)
		defer poll.Stop()
		for end := time.Now().Add(20 * time.Second); !met && time.Now().Before(end); <-poll.C {
			met = ready()
		}
		return nil
	})
	if !met {
		t.Fatalf("waited 20 s in vain on %s: %s", h.device, what)
	}
}

// listens waits for a server.
func (h host) listens(t *testing.T, port uint16) {
	t.Helper()
	h.await(t, fmt.Sprint("a listener on port ", port), func() bool { return sockets(tcpListen, port) > 0 })
}

// recorded is a capture that tcpdump makes on a host.
type recorded struct {
	host host
	path string
	cmd  *exec.Cmd
}

// endMark is what ends a capture.
var endMark = []byte("this is the end of what has to be captured")

// record lets tcpdump capture on the host's device and waits until it does.
func (h host) record(t *testing.T, path string) *recorded {
	t.Helper()
	r := &recorded{host: h, path: path}
	r.cmd = h.start(t, "tcpdump", "-i", h.device, "-U", "-s", "0", "-B", "65536", "-Z", "root", "-w", path, "tcp or icmp or udp port 9")
	h.await(t, "tcpdump", func() bool {
		info, err := os.Stat(path)
		return err == nil && info.Size() > 0
	})
	return r
}

// stop ends a capture once a mark from the host has arrived in it. A wire may
// lose it, so it is sent until it has.
func (r *recorded) stop(t *testing.T, from host, to host) {
	t.Helper()
	from.await(t, "the mark in "+r.path, func() bool {
		if conn, err := net.Dial("udp", net.JoinHostPort(to.addr, "9")); err == nil {
			conn.Write(endMark)
			conn.Close()
		}
		b, err := os.ReadFile(r.path)
		return err == nil && bytes.Contains(b[max(0, len(b)-1<<16):], endMark)
	})
	r.cmd.Process.Signal(os.Interrupt)
	if err := r.cmd.Wait(); err != nil {
		t.Fatal("tcpdump: ", err)
	}
	if out := r.cmd.Stderr.(*bytes.Buffer).String(); !bytes.Contains([]byte(out), []byte("0 packets dropped by kernel")) {
		t.Fatal("tcpdump has lost packets:\n", out)
	}
}
