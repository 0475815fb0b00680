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

// errorCode is a word for programs: the reason of status 2, 130 or 143 in the
// summary of the JSON.
func errorCode(err error) string {
	for _, c := range []struct {
		code    string
		targets []error
	}{
		{"privilege", []error{tap.ErrPrivilege, syscall.EPERM, syscall.EACCES}},
		{"refused", []error{syscall.ECONNREFUSED}},
		{"reset", []error{syscall.ECONNRESET}},
		{"unreachable", []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH}},
		{"timeout", []error{context.DeadlineExceeded, os.ErrDeadlineExceeded, syscall.ETIMEDOUT}},
		{"interface", []error{tap.ErrNoInterface, tap.ErrLinkDown, tap.ErrName}},
		{"tun", []error{tap.ErrNoTUN}},
		{"file", []error{os.ErrNotExist, report.ErrSaved, baseline.ErrFormat, capture.ErrFormat, capture.ErrAmbiguous, capture.ErrNoConversation}},
	} {
		for _, target := range c.targets {
			if errors.Is(err, target) {
				return c.code
			}
		}
	}
	if errors.As(err, new(signalError)) {
		return "interrupted"
	}
	return "trouble"
}
