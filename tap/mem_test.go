package tap_test

import (
	"testing"

	"tcping-cmp/tap"
	"tcping-cmp/tap/linktest"
)

func openMem(opts tap.MemOptions) linktest.Open {
	return func(t testing.TB) (tap.Link, tap.Link) {
		a, b := tap.MemPair(opts)
		t.Cleanup(func() { a.Close(); b.Close() })
		return a, b
	}
}

func TestMemIsALink(t *testing.T) {
	linktest.Run(t, openMem(tap.MemOptions{}))
}

func TestBlockingMemIsALink(t *testing.T) {
	linktest.Run(t, openMem(tap.MemOptions{Block: true, MTU: 9000}))
}
