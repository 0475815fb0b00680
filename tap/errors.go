package tap

import (
	"errors"
	"fmt"
)

// Errors that opening a link or a guard returns.
var (
	ErrNotSupported = fmt.Errorf("this needs Linux: %w", errors.ErrUnsupported)
	ErrPrivilege    = errors.New("no privilege")
	ErrNoTUN        = errors.New("no /dev/net/tun")
	ErrNameTaken    = errors.New("device name is taken")
	ErrNoInterface  = errors.New("no such interface")
	ErrNotEthernet  = errors.New("not an Ethernet")
	ErrPortTaken    = errors.New("port is taken")
	ErrNotLocal     = errors.New("not an address of this host")
	ErrAddressTaken = errors.New("address is taken")
)

// Errors of WriteFrame.
var (
	ErrFrameTooShort = errors.New("frame is shorter than an Ethernet header")
	ErrQueueFull     = errors.New("the interface's queue is full, the frame was not sent")
)
