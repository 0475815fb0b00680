package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteOutput(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			io.WriteString(w, text)
			return err
		}
	}
	if err := checkOutput(path); err != nil {
		t.Error(err)
	}
	if err := writeOutput(path, write("first", nil)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := writeOutput(path, write("half", broken)); !errors.Is(err, broken) {
		t.Errorf("a writer that failed gives %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "first" {
		t.Errorf("after a failure the file holds %q, want what it held", b)
	}
	if err := writeOutput(path, write("second", nil)); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(path); string(b) != "second" {
		t.Errorf("the file holds %q", b)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if err := writeOutput(os.DevNull, write("gone", nil)); err != nil {
		t.Errorf("a device: %v", err)
	}
}

func TestCheckOutput(t *testing.T) {
	dir := t.TempDir()
	if err := checkOutput(dir); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory gives %v", err)
	}
	if err := checkOutput(filepath.Join(dir, "absent", "out")); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("a missing directory gives %v", err)
	}
}
