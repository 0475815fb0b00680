//go:build !linux

package main

// Without Linux there are no capabilities, and nothing that needs one.
const (
	netAdmin capability = iota
	netRaw
	sysAdmin
	allFiles
	lowPorts
	rootMaps
)

func giveUp([]capability) error { return nil }

func has(capability) bool { return false }

func isRoot() bool { return false }
