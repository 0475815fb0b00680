package tap

import (
	"errors"
	"testing"
)

func TestCheckName(t *testing.T) {
	for _, good := range []string{"t", "tap0", "a-b_c.d", "exactly15bytes!", "größe"} {
		if err := CheckName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", ".", "..", "sixteen-bytes-16", "a/b", "a b", "a:b", "tap%d", "a\x00", "a\n", "ööööööööö"} {
		if err := CheckName(bad); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
