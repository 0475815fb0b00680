package main

import (
	"context"
	"errors"
	"os"
	"syscall"

	"tcping-cmp/compare/baseline"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/report"
	"tcping-cmp/tap"
)

// codedError is a word for programs and the errors that it stands for.
type codedError struct {
	code, meaning string
	targets       []error
}

// errorCodes are the reasons of status 2 that are told apart; the first that
// fits counts.
var errorCodes = []codedError{
	{"privilege", "the user may not do that: a capability is missing, or the right to a file", []error{tap.ErrPrivilege, syscall.EPERM, syscall.EACCES}},
	{"refused", "the server's host answers that nobody listens on the port", []error{syscall.ECONNREFUSED}},
	{"reset", "the server breaks the connection off", []error{syscall.ECONNRESET}},
	{"unreachable", "there is no way to the server's host, or nobody has its address", []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH}},
	{"timeout", "what was expected did not come within --timeout", []error{context.DeadlineExceeded, os.ErrDeadlineExceeded, syscall.ETIMEDOUT}},
	{"interface", "the network interface is not there, or is down", []error{tap.ErrNoInterface, tap.ErrLinkDown, tap.ErrName}},
	{"tun", "the kernel has no TAP devices", []error{tap.ErrNoTUN}},
	{"file", "a file is not there, or is not what it should be", []error{os.ErrNotExist, report.ErrSaved, baseline.ErrFormat, capture.ErrFormat, capture.ErrAmbiguous, capture.ErrNoConversation}},
}

// The codes that are no error's own.
const (
	codeInterrupted = "interrupted" // by SIGINT or SIGTERM: status 130 or 143
	codeTrouble     = "trouble"     // whatever else
)

// errorCode is a word for programs: the reason of status 2, 130 or 143 in the
// summary of the JSON.
func errorCode(err error) string {
	for _, c := range errorCodes {
		for _, target := range c.targets {
			if errors.Is(err, target) {
				return c.code
			}
		}
	}
	if errors.As(err, new(signalError)) {
		return codeInterrupted
	}
	return codeTrouble
}

// saidError is a sentence for people about an error that keeps its code.
type saidError struct {
	sentence string
	err      error
}

func (e saidError) Error() string { return e.sentence }

func (e saidError) Unwrap() error { return e.err }
