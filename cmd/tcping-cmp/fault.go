package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tcping-cmp/compare/lab"
	"tcping-cmp/tap"
	"tcping-cmp/tap/fault"
)

// faultFlag is the flag that makes a stack misbehave.
type faultFlag struct {
	Fault []string `complete:"fault" placeholder:"NAME" help:"Make the stacks under test misbehave on the wire by this fault (tcping-cmp faults lists them). NAME:once, NAME:N or NAME:always says how often. May be given several times."`
}

// faults are the faults by their names.
func (f *faultFlag) faults() ([]fault.Fault, error) {
	var list []fault.Fault
	for _, name := range f.Fault {
		found, err := fault.Find(name)
		if err != nil {
			return nil, faultError(name, err)
		}
		list = append(list, found)
	}
	return list, nil
}

// faulty is a stack that misbehaves on the wire.
type faulty struct {
	lab.Stack
	faults []fault.Fault
}

// Settings names the faults beside the stack's own settings.
func (s faulty) Settings() []lab.Setting {
	return append(faultSettings(s.faults), s.Stack.Settings()...)
}

func faultSettings(faults []fault.Fault) []lab.Setting {
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = f.Name
	}
	return []lab.Setting{{Name: "fault on purpose", Value: strings.Join(names, ", ")}}
}

// Attach implements lab.Stack: the faults are between the stack and what
// records it.
func (s faulty) Attach(ctx context.Context, link tap.Link, network lab.Network) (lab.Host, error) {
	wrapped := fault.Wrap(link, s.faults...)
	host, err := s.Stack.Attach(ctx, wrapped, network)
	if err != nil {
		wrapped.Detach()
		return nil, err
	}
	return faultyClient{host, wrapped}, nil
}

type faultyClient struct {
	lab.Host
	link *fault.Link
}

// Close implements lab.Host.
func (h faultyClient) Close() error {
	err := h.Host.Close()
	h.link.Detach()
	return err
}

// faultError says what to do about a fault that is not known.
func faultError(name string, err error) error {
	return fmt.Errorf("--fault: %w: tcping-cmp faults lists them%s", err, meantFault(name, err))
}

// meantFault names the faults that could have been meant, if there is none of
// the name.
func meantFault(name string, err error) string {
	if !errors.Is(err, fault.ErrUnknown) {
		return ""
	}
	var known []string
	for _, f := range fault.All() {
		known = append(known, f.Name)
	}
	name, _, _ = strings.Cut(name, ":")
	return didYouMean(name, known)
}
