package main

import (
	"net"
	"strconv"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want target
		err  string // part of the sentence; empty if it parses
	}{
		{in: "192.0.2.1:7", want: target{"192.0.2.1", 7}},
		{in: "[2001:db8::1]:7", want: target{"2001:db8::1", 7}},
		{in: "echo.example:65535", want: target{"echo.example", 65535}},
		{in: "192.0.2.1", err: "192.0.2.1:PORT"},
		{in: "2001:db8::1", err: "[2001:db8::1]:PORT"},
		{in: "host", err: "is not HOST:PORT"},
		{in: ":80", err: "names no host"},
		{in: "host:", err: "is not a port"},
		{in: "host:0", err: "1 to 65535"},
		{in: "host:65536", err: "1 to 65535"},
		{in: "host:http", err: "give a number"},
		{in: "", err: "is not HOST:PORT"},
	} {
		got, err := parseTarget(tt.in)
		switch {
		case tt.err == "" && (err != nil || got != tt.want):
			t.Errorf("parseTarget(%q) = %v, %v; want %v", tt.in, got, err, tt.want)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("parseTarget(%q): error %v does not say %q", tt.in, err, tt.err)
		}
	}
}

func TestResolveLiteral(t *testing.T) {
	for host, want := range map[string]string{
		"192.0.2.1":        "192.0.2.1:7",
		"2001:db8::1":      "[2001:db8::1]:7",
		"::ffff:192.0.2.1": "192.0.2.1:7",
		"localhost":        "127.0.0.1:7",
	} {
		got, err := target{host, 7}.resolve(t.Context())
		if err != nil || got.String() != want {
			t.Errorf("%s resolves to %v, %v; want %s", host, got, err, want)
		}
	}
}

// FuzzParseTarget: what is accepted can be written again and means the same.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"192.0.2.1:7", "[2001:db8::1]:7", "[fe80::1%eth0]:80", "host:65535", ":1", "a:b:c", "[::1]", "[]:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseTarget(s)
		if err != nil {
			return
		}
		again, err := parseTarget(net.JoinHostPort(got.Host, strconv.Itoa(int(got.Port))))
		if err != nil || again != got {
			t.Errorf("%q is %v, and written again %v, %v", s, got, again, err)
		}
	})
}
