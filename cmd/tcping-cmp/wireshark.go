package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tcping-cmp/compare/report"
)

// wiresharkCommand makes a profile for Wireshark.
type wiresharkCommand struct {
	Dir string `arg:"" optional:"" complete:"folders" help:"The profile's folder, which is made: below profiles in Wireshark's personal configuration (Help, About Wireshark, Folders), and its name is the profile's. Without it the colour rules are printed, for View, Coloring Rules, Import."`
}

// Run writes the files of the profile.
func (c *wiresharkCommand) Run(a *app) error {
	if c.Dir == "" {
		return report.WiresharkColors(a.Out)
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return outputError(c.Dir, err)
	}
	for _, f := range []struct {
		name  string
		write func(w io.Writer) error
	}{
		{"colorfilters", report.WiresharkColors},
		{"preferences", report.WiresharkPreferences},
		{"dfilter_buttons", report.WiresharkButtons},
	} {
		if err := writeOutput(filepath.Join(c.Dir, f.name), f.write); err != nil {
			return err
		}
	}
	name := filepath.Base(filepath.Clean(c.Dir))
	_, err := fmt.Fprintf(a.Out, "%s is a Wireshark profile: wireshark -C %s FILE\n", c.Dir, name)
	return err
}
