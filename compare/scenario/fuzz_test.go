package scenario

import (
	"strings"
	"testing"
)

// hostileSeeds are of use only to break a parser: more than any number holds,
// nesting, one long line.
var hostileSeeds = []string{
	"+0 f(18446744073709551616, -9223372036854775809, 0xfffffffffffffffff) = 99999999999999999999\n",
	"99999999999999999999999.5 > . 4294967296:4294967297(1) ack 4294967296 win 65536\n",
	"+0 f(" + strings.Repeat("[", 100) + strings.Repeat("]", 100) + ") = 0\n",
	"+0 f(" + strings.Repeat("{a=", 70) + "1" + strings.Repeat("}", 70) + ") = 0\n",
	"+0 f(" + strings.Repeat("a|", 1<<12) + "a) = 0\n",
	"+0 > . 1:1(0) <" + strings.Repeat("nop, ", 1<<12) + "nop>\n",
	"`" + strings.Repeat("sysctl -w a=1; ", 1<<10) + "`\n",
	"--send_bytes=18446744073709551616\nloss 99999999999999999999% seed 18446744073709551616\n",
}

// FuzzParse: whatever is read prints to what reads the same, compiles or
// says why not, and nothing panics.
func FuzzParse(f *testing.F) {
	for _, tt := range grammar {
		f.Add(tt.in)
	}
	for _, tt := range parseErrors {
		f.Add(tt.in)
	}
	for _, script := range hostileSeeds {
		f.Add(script)
	}
	f.Add("--define=X=\"ab\"\n--send=\"x\"\ndrop 2nd data\nloss 5% seed 7\n")
	f.Add("`sysctl -w net.inet.tcp.rfc1323=1 \\\n net.ipv4.tcp_rmem=\"1 2\"`\n0 f(X) = 0\n* > S 0:0(0) <FO X>\n")
	f.Fuzz(func(t *testing.T, script string) {
		file, err := Parse("t", []byte(script))
		if err != nil {
			if file != nil {
				t.Fatal("a file beside an error")
			}
			return
		}
		before := file.String()
		compiled, err := Compile(file)
		if (compiled == nil) == (err == nil) {
			t.Fatal("neither a script nor an error, or both")
		}
		if file.String() != before {
			t.Fatal("Compile changed the file")
		}
		checkRoundTrip(t, file)
		if err == nil {
			checkTimes(t, compiled)
		}
	})
}

// checkTimes says that the steps are in time order.
func checkTimes(t *testing.T, s *Script) {
	t.Helper()
	for i := 1; i < len(s.Steps); i++ {
		if s.Steps[i].Earliest < s.Steps[i-1].Earliest {
			t.Fatalf("step %d before step %d", i, i-1)
		}
	}
	for _, step := range s.Steps {
		if step.Latest < step.Earliest || step.Earliest < 0 {
			t.Fatalf("step from %v to %v", step.Earliest, step.Latest)
		}
	}
}
