package library

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"tcping-cmp/compare/scenario"
)

// Case is a scenario over one version of IP: what is played.
type Case struct {
	Entry
	Version int // of IP
}

// suffix6 tells the IPv6 case of a scenario from the IPv4 one.
const suffix6 = "@ipv6"

// ID is the name of the case: that of the scenario, with @ipv6 behind it where
// there is an IPv4 case as well.
func (c Case) ID() string {
	if c.Version == 6 && len(c.Versions) > 1 {
		return c.Name + suffix6
	}
	return c.Name
}

// Script reads the scenario for the version of IP.
func (c Case) Script() (*scenario.Script, error) {
	s, err := c.Entry.Script(c.Version)
	if s != nil {
		s.Name = c.ID()
	}
	return s, err
}

// Cases returns every case in the order of the names.
func Cases() (all []Case) {
	for _, e := range entries() {
		for _, v := range e.Versions {
			all = append(all, Case{e, v})
		}
	}
	return all
}

// Select returns the cases that a pattern means: part of their ID, or all of
// it with the wildcards of a shell. An empty pattern means all. It is an error
// if there is none; the message names the nearest.
func Select(pattern string) ([]Case, error) {
	chosen := Cases()
	match := func(id string) bool { return strings.Contains(id, pattern) }
	if strings.ContainsAny(pattern, "*?[") {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%q is no pattern: its bracket has no end", pattern)
		}
		match = func(id string) bool { ok, _ := path.Match(pattern, id); return ok }
	}
	chosen = slices.DeleteFunc(chosen, func(c Case) bool { return !match(c.ID()) })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no scenario has %q in its name%s", pattern, didYouMean(pattern))
	}
	return chosen, nil
}

// FindCase returns the case with an ID.
func FindCase(id string) (Case, error) {
	for _, c := range Cases() {
		if c.ID() == id {
			return c, nil
		}
		if c.Topic() == strings.TrimSuffix(id, "/") {
			return Case{}, fmt.Errorf("%s is a topic and no scenario: tcping-cmp suite --list %s/ shows those that it has", c.Topic(), c.Topic())
		}
	}
	return Case{}, fmt.Errorf("no scenario is called %q%s", id, didYouMean(id))
}
