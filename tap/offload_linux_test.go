package tap

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// pickOffloads pairs the driver's list of names with its bits.
func TestPickOffloads(t *testing.T) {
	names := make([]byte, 40*featureLen)
	for i := range 40 {
		copy(names[i*featureLen:], fmt.Sprintf("other-%d", i))
	}
	copy(names[3*featureLen:], "rx-gro\x00\x00")
	copy(names[33*featureLen:], "tx-checksum-ip-generic\x00")
	copy(names[34*featureLen:], "rx-lro\x00")
	states := make([]byte, 2*16)
	binary.NativeEndian.PutUint32(states[8:], 1<<3)
	binary.NativeEndian.PutUint32(states[16+8:], 1<<1)
	got := fmt.Sprint(pickOffloads(names, states))
	if want := "[{rx-gro true} {tx-checksum-ip-generic true} {rx-lro false}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
