package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
)

func TestExplain(t *testing.T) {
	trouble := errors.New("something broke: mend it")
	for _, tt := range []struct {
		name   string
		err    error
		status int
		says   string
	}{
		{"nothing", nil, 0, ""},
		{"a finding has been printed", errFound, 1, ""},
		{"a finding and trouble", worst(errFound, trouble), 2, "tcping-cmp: something broke: mend it\n"},
		{"trouble and a finding", worst(trouble, nil, errFound), 2, "tcping-cmp: something broke: mend it\n"},
		{"a finding, and the signal that ended the rest", worst(errFound, signalError{syscall.SIGINT}), 130, "tcping-cmp: interrupted\n"},
		{"a finding, and nobody reads on", worst(fmt.Errorf("write: %w", syscall.EPIPE), errFound), 1, ""},
		{"a finding and nothing else", worst(nil, errFound), 1, ""},
		{"neither", worst(nil, nil), 0, ""},
		{"trouble", trouble, 2, "tcping-cmp: something broke: mend it\n"},
		{"SIGINT", signalError{syscall.SIGINT}, 130, "tcping-cmp: interrupted\n"},
		{"SIGTERM", fmt.Errorf("while waiting: %w", signalError{syscall.SIGTERM}), 143, "tcping-cmp: while waiting: ended by terminated\n"},
		{"a child has spoken", childError(1), 1, ""},
		{"a child was killed", childError(137), 137, ""},
		{"nobody reads the output", fmt.Errorf("write: %w", syscall.EPIPE), 2, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if status := explain(&out, tt.err); status != tt.status || out.String() != tt.says {
				t.Errorf("status %d, says %q; want %d and %q", status, out.String(), tt.status, tt.says)
			}
		})
	}
}

func TestErrorCode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("x: %w", syscall.ECONNREFUSED), "refused"},
		{fmt.Errorf("x: %w", syscall.ETIMEDOUT), "timeout"},
		{syscall.EHOSTUNREACH, "unreachable"},
		{syscall.EPERM, "privilege"},
		{signalError{syscall.SIGINT}, "interrupted"},
		{errors.New("x"), "trouble"},
	} {
		if got := errorCode(tt.err); got != tt.want {
			t.Errorf("%v has the code %s, want %s", tt.err, got, tt.want)
		}
	}
}
