package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// doctorCommand says what the machine allows.
type doctorCommand struct {
	Interface string `short:"i" complete:"interface" placeholder:"NAME" help:"Ask on this interface whether somebody else uses its addresses (ARP probes, RFC 5227). Without it nothing is sent."`
	Address   string `placeholder:"ADDR" help:"Ask for this IPv4 address instead, as run --address would."`
}

// Validate is called by kong.
func (c *doctorCommand) Validate() error {
	if c.Address != "" && c.Interface == "" {
		return errors.New("--address is asked for on an interface: name it with --interface")
	}
	return nil
}

// A grade is how a check ended.
type grade int

const (
	gradeOK   grade = iota
	gradeWarn       // something works less well, or only in another way
	gradeFail       // a part of the program cannot work
)

// A finding is one line of doctor: what was looked at, what was seen, and what
// to do about it.
type finding struct {
	grade grade
	name  string
	seen  string
	fix   string // empty where nothing is to be done
}

// Run looks, prints, and ends with status 1 if a part of the program cannot
// work here.
func (c *doctorCommand) Run(a *app) error {
	findings, err := examine(a.ctx, c.Interface, c.Address)
	if err != nil {
		return err
	}
	worst := gradeOK
	for _, f := range findings {
		worst = max(worst, f.grade)
	}
	if err := printFindings(a.Out, findings, a.color(a.Out)); err != nil {
		return err
	}
	if worst == gradeFail {
		return errFound
	}
	return nil
}

// printFindings prints one line a finding and its fix on the next.
func printFindings(w io.Writer, findings []finding, color bool) error {
	width := 0
	for _, f := range findings {
		width = max(width, len(f.name))
	}
	glyphs := [...]string{"ok  ", "warn", "FAIL"}
	paints := [...]string{"32", "33", "31;1"}
	for _, f := range findings {
		glyph := glyphs[f.grade]
		if color {
			glyph = "\x1b[" + paints[f.grade] + "m" + glyph + "\x1b[0m"
		}
		if _, err := fmt.Fprintf(w, "%s  %-*s  %s\n", glyph, width, f.name, f.seen); err != nil {
			return err
		}
		if f.fix != "" {
			if _, err := fmt.Fprintf(w, "%s  → %s\n", strings.Repeat(" ", 4+2+width), f.fix); err != nil {
				return err
			}
		}
	}
	return nil
}
