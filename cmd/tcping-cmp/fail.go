package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
)

// The exit statuses.
const (
	statusOK      = 0
	statusFound   = 1 // the comparison or the ping found something
	statusTrouble = 2
)

// errFound ends a command with status 1. What was found has been printed.
var errFound error = foundError{}

type foundError struct{}

func (foundError) Error() string { return "something was found" }

// worst joins the ways in which a command ends. Trouble counts for more than
// what was found: that has been shown, and may not be all. A reader who has
// seen enough is no trouble then.
func worst(ends ...error) error {
	var trouble []error
	found := slices.Contains(ends, errFound)
	for _, err := range ends {
		if err != errFound && !(found && errors.Is(err, syscall.EPIPE)) {
			trouble = append(trouble, err)
		}
	}
	if err := errors.Join(trouble...); err != nil || !found {
		return err
	}
	return errFound
}

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
	case errors.Is(err, errFound):
		return statusFound
	}
	return statusTrouble
}

// explain prints an error as one sentence, unless it has been said, and
// returns its exit status.
func explain(w io.Writer, err error) int {
	switch {
	case err == nil, errors.Is(err, errFound), errors.As(err, new(childError)):
	case errors.Is(err, syscall.EPIPE): // the reader has seen enough
	default:
		fmt.Fprintf(w, "tcping-cmp: %v\n", err)
	}
	return statusOf(err)
}
