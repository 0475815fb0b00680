package scenario

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// hostile gives scripts of about n bytes that are made to hurt.
func hostile(n int) map[string]string {
	return map[string]string{
		"one long word":           "+0 " + strings.Repeat("a", n),
		"one long number":         "+0 f(" + strings.Repeat("9", n) + ") = 0",
		"one long time":           "+" + strings.Repeat("9", n) + " `x`",
		"one line of arguments":   "+0 f(1" + strings.Repeat(",1", n/2) + ") = 0",
		"one line of options":     "+0 > S 0:0(0) <nop" + strings.Repeat(",nop", n/4) + ">",
		"alternatives":            "+0 f(A" + strings.Repeat("|A", n/2) + ") = 0",
		"one line of errors":      strings.Repeat("+0 x ", n/5),
		"lines of errors":         strings.Repeat("+0 x\n", n/5),
		"open brackets":           "+0 f(" + strings.Repeat("[", n) + ") = 0",
		"open braces":             "+0 f(" + strings.Repeat("{", n),
		"open calls":              "+0 " + strings.Repeat("f(", n/2),
		"open parentheses":        "+0 f() = " + strings.Repeat("(", n),
		"assignments":             "+0 f(" + strings.Repeat("a=", n/2) + "1) = 0",
		"quotes":                  strings.Repeat(`"`, n+1),
		"quotes on lines":         strings.Repeat("\"\n", n/2),
		"backticks":               strings.Repeat("+0 `", n/4),
		"code":                    strings.Repeat("%{", n/2),
		"comment without end":     "/*" + strings.Repeat("*", n),
		"comments":                strings.Repeat("/**/", n/4) + "\n+0 `x`",
		"blank lines":             strings.Repeat("\n", n) + "+0 `x`",
		"zeros":                   strings.Repeat("\x00", n),
		"zeros in a word":         "+0 f(a\x00b) = 0",
		"escapes":                 `+0 f("` + strings.Repeat(`\`, n+1),
		"option value":            "--x=" + strings.Repeat("\"", n+1),
		"notes":                   "+0 f() = 0 " + strings.Repeat("(", n),
		"unknown option":          "+0 > S 0:0(0) <x" + strings.Repeat(" [", n/2),
		"faults":                  "+0 < S 0:0(0) with" + strings.Repeat(" bad", n/4),
		"tunnels":                 "+0 < " + strings.Repeat("gre ", n/4),
		"flags":                   "+0 > " + strings.Repeat("S", n) + " 0:0(0)",
		"digits before a greater": "+0 > 5" + strings.Repeat(" ", n) + "x",
		"impairment":              strings.Repeat("drop ", n/5),
		"ranges":                  "+0 f(" + strings.Repeat("1~", n/2) + ") = 0",
		"marks":                   "+0 > " + strings.Repeat("[ce]", n/4),
		"marks without a segment": "+0 > " + strings.Repeat("[", n),
	}
}

// cpuTime is the processor time of this thread, which a busy machine does not
// stretch.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A megabyte made to hurt gives an error or parses, in time that grows with
// its length: eight times the length takes eight times as long, where
// quadratic time would take 64 times.
func TestHostile(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	valid := map[string]bool{"one line of options": true, "blank lines": true, "comments": true, "alternatives": true, "backticks": true, "one line of arguments": true}
	large := hostile(1 << 20)
	for name, small := range hostile(1 << 17) {
		begin := cpuTime(t)
		_, _ = Parse("t", []byte(small))
		middle := cpuTime(t)
		_, err := Parse("t", []byte(large[name]))
		end := cpuTime(t)
		if end-middle > 24*(middle-begin)+2*time.Second {
			t.Errorf("%s: %v for 128 KiB, but %v for 1 MiB", name, middle-begin, end-middle)
		}
		if (err == nil) != valid[name] {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && len(err.Error()) > 5000 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
	if _, err := Parse("t", make([]byte, maxBytes+1)); err == nil {
		t.Error("a script above the limit parsed")
	}
}
