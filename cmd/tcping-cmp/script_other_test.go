//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

var (
	platformPrograms map[string]func()
	platformCommands map[string]func(*testscript.TestScript, bool, []string)
)
