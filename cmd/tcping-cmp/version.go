package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"tcping-cmp/compare/report"
)

// What a package says of itself, where the sources are no checkout:
// -ldflags "-X main.release=1.2.3 -X main.commit=0123abc
// -X main.commitTime=2026-11-28T20:00:00Z".
var (
	release    string
	commit     string
	commitTime string
)

// versionCommand says what the program was built of.
type versionCommand struct {
	Format string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text, or json: one line."`
}

// versionRecord is what the program was built of.
type versionRecord struct {
	report.Head
	Version    string `json:"version"`     // of the module, or (devel)
	Commit     string `json:"commit"`      // empty where it is not known
	CommitTime string `json:"commit_time"` // RFC 3339; empty where it is not known
	Modified   bool   `json:"modified"`    // the sources were not those of the commit
	Netstack   string `json:"netstack"`    // gVisor's version
	Go         string `json:"go"`
	OS         string `json:"os"`
	Arch       string `json:"arch"`
}

// builtOf reads what the linker and the toolchain have left in the program.
func builtOf() versionRecord {
	v := versionRecord{
		Head:    report.Head{Schema: report.Schema, Record: "version"},
		Version: "(unknown)", Netstack: "(unknown)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		v.read(info)
	}
	if release != "" {
		v.Version = release
	}
	if commit != "" {
		v.Commit, v.CommitTime, v.Modified = commit, commitTime, false
	}
	return v
}

func (v *versionRecord) read(info *debug.BuildInfo) {
	v.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.CommitTime = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	for _, d := range info.Deps {
		if d.Path == "gvisor.dev/gvisor" {
			v.Netstack = d.Version
		}
	}
}

// date is that of the sources; where it is not known they are of today.
func (v versionRecord) date() time.Time {
	if at, err := time.Parse(time.RFC3339, v.CommitTime); err == nil {
		return at
	}
	return time.Now()
}

// String is one line for --version.
func (v versionRecord) String() string {
	return fmt.Sprintf("tcping-cmp %s (%s), netstack %s, %s %s/%s", v.Version, v.revision(), v.Netstack, v.Go, v.OS, v.Arch)
}

// revision is the commit and what there is to say of it.
func (v versionRecord) revision() string {
	switch {
	case v.Commit == "":
		return "commit unknown"
	case v.Modified:
		return "commit " + v.Commit + ", with changes"
	}
	return "commit " + v.Commit
}

// text is a line for each thing.
func (v versionRecord) text(w io.Writer) error {
	_, err := fmt.Fprintf(w, "tcping-cmp %s\n%s\n", v.Version, v.revision())
	if err == nil && v.CommitTime != "" {
		_, err = fmt.Fprintf(w, "committed %s\n", v.CommitTime)
	}
	if err == nil {
		_, err = fmt.Fprintf(w, "netstack %s\n%s\n%s/%s\n", v.Netstack, v.Go, v.OS, v.Arch)
	}
	return err
}

// Run prints.
func (c *versionCommand) Run(a *app) error {
	if c.Format == "json" {
		return writeJSON(a.Out, builtOf())
	}
	return builtOf().text(a.Out)
}
