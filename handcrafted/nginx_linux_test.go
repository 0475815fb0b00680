package handcrafted_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tcping-cmp/tap/linktest"
)

// nginxConfig serves files and echoes nothing: a real server with real bytes.
const nginxConfig = `
daemon off; master_process off; worker_processes 1;
pid %[1]s/pid; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server { listen %[2]s:80; listen [%[3]s]:80; root %[1]s; keepalive_timeout 30s; }
}
`

// startNginx runs nginx in the kernel's namespace and returns the folder that
// it serves.
func startNginx(k *kernel) string {
	k.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		linktest.Skip(k, "nginx (install Debian's package nginx-light)")
	}
	dir := k.TempDir()
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, nginxConfig, dir, kernel4, kernel6), 0o644); err != nil {
		k.Fatal(err)
	}
	cmd := exec.Command(program, "-p", dir, "-c", conf)
	var said bytes.Buffer
	cmd.Stderr = &said
	linktest.In(k, k.ns, cmd.Start) // a child is born into its parent thread's namespace
	k.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if k.Failed() {
			k.Logf("nginx said: %s", said.String())
		}
	})
	waitForPort(k, net.JoinHostPort(kernel4, "80"))
	return dir
}

// waitForPort waits until somebody in the namespace listens, as the kernel
// itself sees it.
func waitForPort(k *kernel, address string) {
	k.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		var err error
		linktest.In(k, k.ns, func() error {
			var conn net.Conn
			if conn, err = net.Dial("tcp", address); err == nil {
				conn.Close()
			}
			return nil
		})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			k.Fatalf("nobody listens at %s: %v", address, err)
		}
	}
}

// TestHTTPClientFetchesFromNginx has an http.Client dial through our host.
func TestHTTPClientFetchesFromNginx(t *testing.T) {
	both(t, func(t *testing.T, address string) {
		k := newKernel(t, nil)
		dir := startNginx(k)
		body, err := io.ReadAll(noise(8 << 20))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "noise"), body, 0o644); err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{DialContext: k.client.DialContext, MaxIdleConnsPerHost: 4}
		t.Cleanup(transport.CloseIdleConnections)
		client := &http.Client{Transport: transport, Timeout: time.Minute}
		base := url.URL{Scheme: "http", Host: net.JoinHostPort(address, "80"), Path: "/noise"}

		var running sync.WaitGroup
		for range 8 {
			running.Add(1)
			go func() {
				defer running.Done()
				fetch(t, client, base.String(), sha256.Sum256(body))
			}()
		}
		running.Wait()

		base.Path = "/absent"
		response, err := client.Get(base.String())
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusNotFound || response.Header.Get("Server") == "" {
			t.Errorf("got %s from %q", response.Status, response.Header.Get("Server"))
		}
	})
}

func fetch(t *testing.T, client *http.Client, from string, want [32]byte) {
	response, err := client.Get(from)
	if err != nil {
		t.Error(err)
		return
	}
	defer response.Body.Close()
	if n, got, err := sum(response.Body); err != nil || got != want {
		t.Errorf("%s: %d bytes, %v", response.Status, n, err)
	}
}
