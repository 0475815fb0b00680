package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// checkOutput says early whether path can be written, so that no conversation
// is held in vain. It leaves nothing behind.
func checkOutput(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a directory: give the name of a file", path)
	case err == nil && !info.Mode().IsRegular():
		return nil // a device or a pipe
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tcping-cmp-*")
	if err != nil {
		return outputError(path, err)
	}
	f.Close()
	return os.Remove(f.Name())
}

func outputError(path string, err error) error {
	var e *os.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	return fmt.Errorf("%s cannot be written: %w; choose another place", path, err)
}

// writeOutput writes a file so that under its name there is either the old
// content or all of the new.
func writeOutput(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return outputError(path, err)
		}
		if err := fill(f, write); err != nil {
			return outputError(path, err)
		}
		return nil
	}
	temp := fmt.Sprintf("%s.part-%d", path, os.Getpid())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return outputError(path, err)
	}
	if err := fill(f, write); err != nil {
		os.Remove(temp)
		return outputError(path, err)
	}
	return os.Rename(temp, path)
}

// fill writes through a buffer and closes the file.
func fill(f *os.File, write func(io.Writer) error) error {
	b := bufio.NewWriter(f)
	err := write(b)
	if err == nil {
		err = b.Flush()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
