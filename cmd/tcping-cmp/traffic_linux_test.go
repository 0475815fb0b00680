package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/report"
	"tcping-cmp/tap"
)

var keepCaptures = flag.String("traffic.keep", "", "a directory to keep the captures of ordinary traffic in")

// trafficPrograms are the servers and clients of ordinary traffic.
var trafficPrograms = []string{
	"tcpdump", "nginx", "curl", "redis-server", "redis-benchmark", "iperf3", "sshd", "ssh", "ssh-keygen",
}

// trafficWires are what the traffic crosses.
var trafficWires = []struct {
	name string
	join func(t *testing.T, client, server host)
}{
	{"offloads", cable},
	{"no-offloads", bridge(tap.Impairment{})},
	{"loss", bridge(tap.Impairment{Seed: 1, Drop: 0.02})},
	{"delay", bridge(tap.Impairment{Seed: 2, Delay: 1, Hold: 8 * time.Millisecond})},
	{"reorder-duplicate", bridge(tap.Impairment{Seed: 3, Reorder: 0.03, Duplicate: 0.02, Hold: 5 * time.Millisecond})},
	{"everything", bridge(tap.Impairment{Seed: 4, Drop: 0.01, Reorder: 0.02, Duplicate: 0.01, Delay: 0.05, Corrupt: 0.005, Hold: 30 * time.Millisecond})},
}

// TestOrdinaryTraffic captures what kernels say to each other on behalf of
// ordinary programs, at both ends, over good wires and bad ones. The rule book
// finds nothing in it but what the kernel is known for.
func TestOrdinaryTraffic(t *testing.T) {
	needRoot(t)
	for _, tool := range trafficPrograms {
		if ok, err := condition("tool:" + tool); err != nil || !ok {
			t.Skip("needs ", tool, ": ", err)
		}
	}
	for _, wire := range trafficWires {
		t.Run(wire.name, func(t *testing.T) {
			t.Parallel()
			dir := captureDir(t, wire.name)
			client, server := wireHosts(t, wire.join)
			key := identity(t, t.TempDir())
			serve(t, server, key)
			atClient := client.record(t, filepath.Join(dir, wire.name+"-client.pcap"))
			atServer := server.record(t, filepath.Join(dir, wire.name+"-server.pcap"))
			talk(t, client, server, key)
			atClient.stop(t, client, server)
			atServer.stop(t, client, server)
			nothingInvented(t, atClient.path, "client")
			nothingInvented(t, atClient.path, "elsewhere")
			nothingInvented(t, atServer.path, "elsewhere")
		})
	}
}

// captureDir is where the captures of a wire go.
func captureDir(t *testing.T, wire string) string {
	t.Helper()
	if *keepCaptures == "" {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(*keepCaptures, wire+"-")
	if err != nil {
		t.Fatal(err)
	}
	t.Log("captures in ", dir)
	return dir
}

// serve starts the servers and waits until they listen.
func serve(t *testing.T, h host, key string) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("large", string(bytes.Repeat([]byte("0123456789abcdef"), 1<<16)))
	write("small", "hello from nginx\n")
	h.start(t, "nginx", "-p", dir, "-e", "stderr", "-c", write("nginx.conf", fmt.Sprintf(nginxConf, h.addr)))
	h.start(t, "redis-server", "--port", "6379", "--bind", h.addr, "--save", "", "--appendonly", "no", "--protected-mode", "no", "--dir", dir)
	h.start(t, "sshd", "-D", "-e", "-f", write("sshd.conf", fmt.Sprintf(sshdConf, h.addr, key)))
	for _, port := range []uint16{80, 6379, 22} {
		h.listens(t, port)
	}
}

const nginxConf = `daemon off;
master_process off;
user root;
pid nginx.pid;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server {
		listen %s:80;
		root .;
	}
}
`

// identity makes the key that the client of ssh shows, and the server too.
func identity(t *testing.T, dir string) string {
	path := filepath.Join(dir, "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v: %s", err, out)
	}
	// sshd insists on this directory, which a machine without the service lacks.
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

const sshdConf = `ListenAddress %[1]s
HostKey %[2]s
AuthorizedKeysFile %[2]s.pub
StrictModes no
UsePAM no
PidFile none
`

// talk lets the clients of the servers run, one after the other, and waits
// until nobody talks any more.
func talk(t *testing.T, client, server host, key string) {
	t.Helper()
	null := os.DevNull
	site := "http://" + server.addr
	for _, command := range [][]string{
		{"curl", "-sS", "-o", null, site + "/small", "-o", null, site + "/large", "-o", null, site + "/small"},
		{"curl", "-sS", "--http1.0", "-o", null, site + "/large"},
		{"redis-benchmark", "-h", server.addr, "-q", "-c", "4", "-n", "100", "-t", "ping_inline,set,get", "-d", "200"},
		// It gives up now and then if the requests are no whole number of pipelines.
		{"redis-benchmark", "-h", server.addr, "-q", "-c", "2", "-n", "208", "-P", "16", "-t", "set,get", "-d", "3000"},
		{"iperf3", "-c", server.addr, "-n", "1M"},
		{"iperf3", "-c", server.addr, "-n", "1M", "-R"},
		{"ssh", "-F", "none", "-i", key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=" + null, "-o", "BatchMode=yes",
			"-o", "LogLevel=ERROR", "root@" + server.addr, "head -c 300000 /dev/zero; for n in 1 2 3 4 5 6 7 8 9; do echo $n; done"},
	} {
		if command[0] == "iperf3" { // its server takes a moment from one client to the next
			once := server.start(t, "iperf3", "-s", "-1")
			server.listens(t, 5201)
			client.run(t, command[0], command[1:]...)
			once.Wait()
			continue
		}
		client.run(t, command[0], command[1:]...)
	}
	for _, h := range []host{client, server} {
		h.await(t, "nobody talks", func() bool { return talking() == 0 })
	}
}

// talking counts the sockets of this namespace that are neither listening nor
// in TIME-WAIT.
func talking() (n int) {
	for _, line := range append(procLines("tcp"), procLines("tcp6")...) {
		if f := strings.Fields(line); len(f) > 3 && f[3] != tcpListen && f[3] != tcpTimeWait {
			n++
		}
	}
	return n
}

// nothingInvented checks a capture and complains of every finding that the
// kernel is not known for.
func nothingInvented(t *testing.T, path, at string) {
	t.Helper()
	out, err := exec.Command("tcping-cmp", "check", "--stack", "kernel", "--at", at, "--format", "json", path).Output()
	if len(out) == 0 {
		t.Fatalf("check %s: %v", path, err)
	}
	ends := map[int]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r struct {
			report.FindingRecord
			Client, Server string
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Client != "":
			ends[r.Conversation] = r.Client + " to " + r.Server
		case r.Places != nil && r.Known == "" && r.Verdict != "artefact":
			t.Errorf("%s at %s: conversation %d, %s: %s by the %s: #%d (and %d more) %s",
				filepath.Base(path), at, r.Conversation, ends[r.Conversation], r.Rule, r.By, r.Places[0].Frame, len(r.Places)-1, r.Places[0].Says)
		}
	}
	if len(ends) < 10 {
		t.Errorf("%s: only %d conversations", path, len(ends))
	}
}
