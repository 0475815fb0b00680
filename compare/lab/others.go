//go:build !linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap"
)

// errLinux is what everything that needs the Linux kernel answers elsewhere.
var errLinux = fmt.Errorf("this needs Linux: run it there, or use --link mem (%w)", errors.ErrUnsupported)

// Enter needs Linux.
func Enter() Entry {
	return Entry{Reason: "the lab needs Linux", Fix: "run on Linux"}
}

// NewTAP needs Linux; opening a site of it fails.
func NewTAP(LabOptions) Place { return elsewhere{} }

type elsewhere struct{}

func (elsewhere) Open(context.Context, scenario.Application) (*Site, error) { return nil, errLinux }
func (elsewhere) Close() error                                              { return nil }

// EthOptions say how a real host is reached.
type EthOptions struct {
	Target    netip.AddrPort
	Interface string
	Address   netip.Addr
	Quiet     time.Duration
}

// NewEth needs Linux.
func NewEth(EthOptions) (Place, error) { return nil, errLinux }

// KernelName is what reports call the kernel as a stack.
const KernelName = "kernel"

// Kernel needs Linux; attaching it fails.
func Kernel() Stack { return kernelStack{} }

type kernelStack struct{}

func (kernelStack) Name() string        { return KernelName }
func (kernelStack) Settings() []Setting { return nil }
func (kernelStack) Attach(context.Context, tap.Link, Network) (Host, error) {
	return nil, errLinux
}

// Listen needs Linux.
func Listen(netip.AddrPort, ListenOptions) (Listener, error) { return nil, errLinux }

// ListenAll needs Linux.
func ListenAll(uint16, ListenOptions) ([]Listener, error) { return nil, errLinux }
