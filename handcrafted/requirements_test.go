package handcrafted

import (
	"strings"
	"testing"
)

// holds names the requirements that a test holds, by their ids. The table of
// conformance is made from these calls.
func holds(t *testing.T, ids ...string) {
	t.Helper()
	t.Logf("holds %s", strings.Join(ids, ", "))
}
