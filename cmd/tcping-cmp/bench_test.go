package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"syscall"
	"testing"
)

// After a signal there is a summary, whatever had been measured by then.
func TestInterruptedBench(t *testing.T) {
	if ok, err := condition("root"); err != nil || !ok {
		t.Skip("needs root and /dev/net/tun")
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(signalError{syscall.SIGINT})
	for _, c := range []struct{ format, want string }{
		{"json", `{"schema":"tcping-cmp/v2","record":"summary","verdict":"none","exit_status":130,"comparisons":[],"error":{"code":"interrupted","message":"interrupted"}}`},
		{"text", ""},
	} {
		var out, errs bytes.Buffer
		command := benchCommand{Reference: "netstack", Test: []string{"up"}, Rounds: 1, Pin: "never", Format: c.format}
		err := command.Run(&app{streams: streams{Out: &out, Err: &errs}, ctx: ctx, color: func(io.Writer) bool { return false }})
		if statusOf(err) != 130 {
			t.Errorf("%s: status %d of %v, want 130", c.format, statusOf(err), err)
		}
		if got := strings.TrimSpace(out.String()); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.format, got, c.want)
		}
		if errs.Len() > 0 {
			t.Errorf("%s: progress where nobody sees it: %q", c.format, errs.String())
		}
	}
}
