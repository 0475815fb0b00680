package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// The exit statuses.
const (
	statusOK      = 0
	statusFound   = 1 // the comparison or the ping found something
	statusTrouble = 2
)

// foundError ends a command with status 1. What was found has been printed;
// why says what else there is to say, or is nil.
type foundError struct{ why error }

func (e foundError) Error() string {
	if e.why == nil {
		return "something was found"
	}
	return e.why.Error()
}

func (e foundError) Unwrap() error { return e.why }

// signalError is why a context ended when a signal ended it.
type signalError struct{ sig syscall.Signal }

func (e signalError) Error() string {
	if e.sig == syscall.SIGINT {
		return "interrupted"
	}
	return "ended by " + e.sig.String()
}

// statusOf returns the exit status that belongs to an error.
func statusOf(err error) int {
	var sig signalError
	var child childError
	var ended endedError
	switch {
	case err == nil:
		return statusOK
	case errors.As(err, &child):
		return int(child)
	case errors.As(err, &sig):
		return 128 + int(sig.sig)
	case errors.As(err, &ended):
		return ended.status
	case errors.As(err, new(foundError)):
		return statusFound
	}
	return statusTrouble
}

// explain prints an error as one sentence, unless it has been said, and
// returns its exit status.
func explain(w io.Writer, err error) int {
	var found foundError
	switch {
	case err == nil, errors.As(err, new(childError)):
	case errors.As(err, &found) && found.why == nil:
	case errors.Is(err, syscall.EPIPE): // the reader has seen enough
	default:
		fmt.Fprintf(w, "tcping-cmp: %v\n", err)
	}
	return statusOf(err)
}
