package linktest

import (
	"os"
	"testing"
)

// RequireRoot is the environment variable that turns a privileged test's skip
// into a failure.
const RequireRoot = "TCPING_CMP_REQUIRE_ROOT"

// Skip skips the test and names what the machine lacks. With
// TCPING_CMP_REQUIRE_ROOT=1 the test fails instead.
func Skip(t testing.TB, missing string) {
	t.Helper()
	if os.Getenv(RequireRoot) == "1" {
		t.Fatalf("%s=1, but this machine lacks %s", RequireRoot, missing)
	}
	t.Skipf("this machine lacks %s", missing)
}
