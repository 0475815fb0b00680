package main

import (
	"bytes"
	"os"
	"testing"
)

func TestWantColor(t *testing.T) {
	type vars map[string]string
	for _, tt := range []struct {
		name string
		flag string
		env  vars
		want bool
	}{
		{"a buffer is no terminal", "auto", vars{}, false},
		{"the flag beats NO_COLOR", "always", vars{"NO_COLOR": "1"}, true},
		{"the flag beats what forces", "never", vars{"FORCE_COLOR": "1"}, false},
		{"NO_COLOR beats CLICOLOR_FORCE", "auto", vars{"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, false},
		{"an empty NO_COLOR does not count", "auto", vars{"NO_COLOR": "", "CLICOLOR_FORCE": "1"}, true},
		{"FORCE_COLOR forces", "auto", vars{"FORCE_COLOR": "1"}, true},
		{"CLICOLOR_FORCE=0 does not", "auto", vars{"CLICOLOR_FORCE": "0"}, false},
		{"what forces beats TERM=dumb", "auto", vars{"TERM": "dumb", "CLICOLOR_FORCE": "1"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok }
			if got := wantColor(tt.flag, env, new(bytes.Buffer)); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestIsTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if isTerminal(null) {
		t.Error("/dev/null is a character device, but no terminal")
	}
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) {
		t.Error("a file is no terminal")
	}
}
