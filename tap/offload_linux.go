package tap

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// offloadNames are the beginnings of the features that change what a capture
// shows: who computes checksums, who cuts and merges segments, who takes VLAN
// tags out.
var offloadNames = []string{
	"tx-checksum-", "rx-checksum", "tx-tcp", "tx-udp-segmentation", "tx-generic-segmentation",
	"rx-gro", "rx-lro", "rx-vlan-hw-parse", "tx-vlan-hw-insert",
}

const (
	featureLen       = 32 // bytes of a name: ETH_GSTRING_LEN
	stringSetFeature = 4  // ETH_SS_FEATURES
	maxFeatures      = 1024
)

// readOffloads asks the interface's driver, in the thread's namespace. A
// driver that does not know the question has no offloads.
func readOffloads(name string) ([]Offload, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	count, err := featureCount(fd, name)
	if err != nil || count == 0 {
		return nil, err
	}
	names := make([]byte, 12+count*featureLen) // command, set, count
	put(names, unix.ETHTOOL_GSTRINGS, stringSetFeature, uint32(count))
	words := (count + 31) / 32
	states := make([]byte, 8+words*16) // command, count, then available, requested, active, never changed
	put(states, unix.ETHTOOL_GFEATURES, uint32(words))
	for _, request := range [][]byte{names, states} {
		if err := ethtool(fd, name, request); err != nil {
			return nil, err
		}
	}
	return pickOffloads(names[12:], states[8:]), nil
}

// pickOffloads pairs each name with its bit among the active ones.
func pickOffloads(names, states []byte) []Offload {
	var list []Offload
	for i := 0; (i+1)*featureLen <= len(names); i++ {
		name := unix.ByteSliceToString(names[i*featureLen : (i+1)*featureLen])
		active := binary.NativeEndian.Uint32(states[i/32*16+8:])
		for _, prefix := range offloadNames {
			if strings.HasPrefix(name, prefix) {
				list = append(list, Offload{Name: name, On: active>>(i%32)&1 == 1})
				break
			}
		}
	}
	return list
}

func featureCount(fd int, name string) (int, error) {
	request := make([]byte, 20) // command, reserved, mask of sets (8), their sizes
	put(request, unix.ETHTOOL_GSSET_INFO)
	binary.NativeEndian.PutUint64(request[8:], 1<<stringSetFeature)
	if err := ethtool(fd, name, request); err != nil {
		if err == unix.EOPNOTSUPP {
			return 0, nil
		}
		return 0, err
	}
	if binary.NativeEndian.Uint64(request[8:]) == 0 {
		return 0, nil
	}
	count := int(binary.NativeEndian.Uint32(request[16:]))
	if count > maxFeatures {
		return 0, fmt.Errorf("the driver of %s claims %d features", name, count)
	}
	return count, nil
}

func put(request []byte, words ...uint32) {
	for i, w := range words {
		binary.NativeEndian.PutUint32(request[4*i:], w)
	}
}

// ethtool passes one request to the driver of the interface.
func ethtool(fd int, name string, request []byte) error {
	var req struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [16]byte // the rest of the kernel's struct ifreq
	}
	copy(req.name[:unix.IFNAMSIZ-1], name)
	req.data = unsafe.Pointer(&request[0])
	var pin runtime.Pinner
	pin.Pin(&request[0])
	defer pin.Unpin()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&req))); errno != 0 {
		return errno
	}
	return nil
}
