package main

import (
	"errors"
	"fmt"
	"net/netip"

	"tcping-cmp/compare/lab"
	"tcping-cmp/netstack"
	"tcping-cmp/tap"
)

// inLab reports whether the conversations take place in the lab behind a TAP.
func (f *linkFlags) inLab(target string) bool {
	return target == "" && (f.Link == "auto" || f.Link == "tap")
}

// enter makes the lab usable for an ordinary user, in a child process, whose
// status ends this one. Where that is not possible the lab moves to a wire in
// memory, unless the TAP was asked for by name.
func (f *linkFlags) enter(a *app, target string) error {
	if !f.inLab(target) {
		return nil
	}
	entry := lab.Enter()
	switch {
	case entry.Ran:
		return childError(entry.Status)
	case entry.Ready:
		return nil
	case f.Link == "tap":
		return fmt.Errorf("no lab behind a TAP: %s; to have it, %s; --link mem needs nothing", entry.Reason, entry.Fix)
	}
	f.Link = "mem"
	fmt.Fprintf(a.Err, "tcping-cmp: no lab behind a TAP: %s; to have it, %s. The wire is in memory now, and the server is netstack's.\n", entry.Reason, entry.Fix)
	return nil
}

// childError is the exit status of a child that did this process's work.
type childError int

func (e childError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// place returns where the conversations happen.
func (f *linkFlags) place(a *app, targetText string) (lab.Place, error) {
	switch {
	case targetText != "":
		return f.ethPlace(a, targetText)
	case f.Link == "mem":
		return lab.NewMem("netstack over a wire in memory", netstack.Serve, f.lab), nil
	}
	return lab.NewTAP(f.lab), nil
}

// ethPlace is an interface of this host.
func (f *linkFlags) ethPlace(a *app, targetText string) (lab.Place, error) {
	t, err := parseTarget(targetText)
	if err != nil {
		return nil, err
	}
	addr, err := t.resolve(a.ctx)
	if err != nil {
		return nil, err
	}
	options := lab.EthOptions{Target: addr, Interface: f.Interface}
	if f.Address != "" {
		if options.Address, err = netip.ParseAddr(f.Address); err != nil {
			return nil, fmt.Errorf("--address %q is no IP address: give a spare one of the interface's subnet", f.Address)
		}
	}
	place, err := lab.NewEth(options)
	return place, meantInterface(err, f.Interface)
}

// meantInterface adds to an error about an interface which one could have been
// meant.
func meantInterface(err error, name string) error {
	if !errors.Is(err, tap.ErrNoInterface) {
		return err
	}
	var known []string
	for _, i := range interfaceNames() {
		known = append(known, i.Value)
	}
	return fmt.Errorf("%w%s", err, didYouMean(name, known))
}
