package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/netstack"
)

// scriptCommand plays scripts.
type scriptCommand struct {
	Paths     []string `arg:"" complete:"files" name:"file" help:"A script in packetdrill's notation, or a folder: every .pkt file below it is played."`
	Stack     []string `enum:"handcrafted,netstack" default:"handcrafted" help:"The stack under test: handcrafted or netstack. Can be given more than once."`
	Reference string   `enum:"handcrafted,netstack" default:"netstack" placeholder:"STACK" help:"The stack that the others are held against by --oracle diff: netstack or handcrafted."`
	Oracle    string   `enum:"diff,shape,strict" default:"diff" placeholder:"ORACLE" help:"What decides: diff (the stacks against each other, with the shape shown beside it), shape (flags, relative numbers, length and order as the script expects), or strict (as packetdrill judges)."`
	Profile   string   `enum:"rfc,tcping.py" default:"rfc" help:"How the hand-made stack behaves: rfc or tcping.py."`
	Define    []string `short:"D" sep:"none" placeholder:"NAME=VALUE" help:"What a symbol of the scripts stands for, such as MSS=1460; it beats --define in a script. Can be given more than once."`
	Pcap      string   `complete:"folders" placeholder:"DIR" help:"Write one pcapng file a script into this folder."`
	Jobs      int      `short:"j" placeholder:"N" help:"How many scripts are played at the same time; by default as many as there are processors."`

	faultFlag
	outputFlag
	baselineFlag
	renderFlags
}

// Validate is called by kong.
func (c *scriptCommand) Validate() error {
	for _, d := range c.Define {
		if name, value, _ := strings.Cut(d, "="); name == "" || value == "" {
			return fmt.Errorf("--define %s: give a name and what it stands for, such as MSS=1460", d)
		}
	}
	return errors.Join(needsTwo(c.Oracle, c.Stack, c.Reference), enoughJobs(c.Jobs))
}

// enoughJobs refuses what nobody can mean; 0 is for as many as there are
// processors.
func enoughJobs(n int) error {
	if n < 0 {
		return fmt.Errorf("--jobs %d: give how many are played at the same time, such as 4", n)
	}
	return nil
}

// needsTwo says that the differential oracle has nothing to hold a stack
// against when that is the reference itself.
func needsTwo(oracle string, stacks []string, reference string) error {
	if lab.Oracle(oracle) != lab.Differential || slices.ContainsFunc(stacks, func(s string) bool { return s != reference }) {
		return nil
	}
	other := netstack.Name
	if reference == other {
		other = handcraftedName
	}
	return fmt.Errorf("%s is under test and the reference as well, so there is nothing to compare: add --reference %s, or --oracle shape", reference, other)
}

// Run plays every script and prints what was found.
func (c *scriptCommand) Run(a *app) error {
	files, err := scriptFiles(c.Paths)
	if err == nil {
		err = errors.Join(c.baselineFlag.open(), c.outputFlag.prepare())
	}
	if err == nil && c.Pcap != "" {
		err = makeFolder(c.Pcap)
	}
	var stacks []lab.VirtualStack
	if err == nil {
		stacks, err = c.stacks()
	}
	if err != nil {
		return c.ended(a, nil, err)
	}
	b := &scriptBatch{stacks: stacks, oracle: lab.Oracle(c.Oracle), pcap: c.Pcap, jobs: c.Jobs}
	sources := make([]scriptSource, len(files))
	for i, name := range files {
		sources[i] = scriptSource{name: name, read: func() (*scenario.Script, error) { return readScript(name, c.Define...) }}
	}
	return b.run(a, newSuiteResult(c.judged(), b, nil), sources)
}

// judged is what a suite has to know to judge the scripts as it judges its own.
func (c *scriptCommand) judged() *suiteCommand {
	return &suiteCommand{Oracle: c.Oracle, Stack: c.Stack, outputFlag: c.outputFlag, baselineFlag: c.baselineFlag, renderFlags: c.renderFlags}
}

// makeFolder makes a folder for captures if there is none.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return outputError(path, err)
	}
	return nil
}

// stacks are the stacks to play to: with the differential oracle the
// reference first.
func (c *scriptCommand) stacks() ([]lab.VirtualStack, error) {
	faults, err := c.faults()
	if err != nil {
		return nil, err
	}
	var names []string
	if c.Oracle == string(lab.Differential) {
		names = append(names, c.Reference)
	}
	for _, name := range c.Stack {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	list := make([]lab.VirtualStack, len(names))
	for i, name := range names {
		list[i] = newVirtualStack(name, c.Profile)
		if len(faults) > 0 && (i > 0 || c.Oracle != string(lab.Differential)) {
			list[i] = faultyVirtual{list[i], faults}
		}
	}
	return list, nil
}

// newVirtualStack returns a stack in virtual time by its name on the command
// line.
func newVirtualStack(name, profile string) lab.VirtualStack {
	if name == netstack.Name {
		return netstack.Virtual()
	}
	return virtualHandmade{profileNamed(profile)}
}

// scriptFiles lists the files that are meant, each once: files as they are,
// and of folders the .pkt files in the order of their names.
func scriptFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, saidError{fmt.Sprintf("there is no file or folder %s: check its name", path), err}
		case err != nil:
			return nil, inputError(path, err)
		case !info.IsDir():
			files = append(files, path)
			continue
		}
		before := len(files)
		err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(name, ".pkt") {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, inputError(path, err)
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s holds no .pkt file: give a file, or a folder with scripts", path)
		}
	}
	return files, nil
}

// maxScript is more than any script has; a file beyond it is not read.
const maxScript = 64 << 20

// readScript reads a script; defines are NAME=VALUE.
func readScript(name string, defines ...string) (*scenario.Script, error) {
	info, err := os.Stat(name)
	if err == nil && info.Size() > maxScript {
		return nil, fmt.Errorf("%s has %d bytes, and a script has at most %d: is it the right file?", name, info.Size(), maxScript)
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, inputError(name, err)
	}
	f, err := scenario.Parse(name, src)
	if err != nil {
		return nil, err
	}
	for _, d := range defines {
		f.Options = append(f.Options, scenario.Option{Name: "define", Value: d})
	}
	return scenario.Compile(f)
}
