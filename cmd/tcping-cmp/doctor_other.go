//go:build !linux

package main

import (
	"context"
	"errors"
	"runtime"
)

func examine(context.Context, string, string) ([]finding, error) {
	return nil, errors.New("doctor needs Linux, and here it is " + runtime.GOOS + ": diff and run --link mem work here, the rest does not")
}
