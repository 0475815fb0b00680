package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// requireRoot turns a skip for want of privilege or of a tool into a failure.
var requireRoot = os.Getenv("TCPING_CMP_REQUIRE_ROOT") == "1"

func TestMain(m *testing.M) {
	programs := map[string]func(){
		"tcping-cmp": main,
		"exits":      exits,
	}
	for name, f := range platformPrograms {
		programs[name] = f
	}
	testscript.Main(m, programs)
}

// TestScripts runs testdata/script: one file a sub-command or a claim.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                platformCommands,
		Condition:           condition,
		Setup: func(env *testscript.Env) error {
			library, err := filepath.Abs("../../compare/scenario/library")
			// GORACE: a program with the race detector waits a second at its end otherwise.
			env.Vars = append(env.Vars, "PATH="+env.Getenv("PATH")+":/usr/sbin", "LIBRARY="+library, "GORACE="+os.Getenv("GORACE"))
			return err
		},
	})
}

// condition adds [root]: the script may make devices and namespaces; and
// [tool:NAME]: the program is installed. Where everything is required, their
// absence is an error and no reason to skip.
func condition(cond string) (bool, error) {
	ok := false
	switch {
	case cond == "root":
		ok = os.Geteuid() == 0 && hasTun()
	case len(cond) > 5 && cond[:5] == "tool:":
		_, err := exec.LookPath(cond[5:])
		if err != nil {
			_, err = exec.LookPath(filepath.Join("/usr/sbin", cond[5:]))
		}
		ok = err == nil
	default:
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	if !ok && requireRoot {
		return false, fmt.Errorf("%s is missing, and TCPING_CMP_REQUIRE_ROOT is set", cond)
	}
	return ok, nil
}

func hasTun() bool {
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err == nil {
		f.Close()
	}
	return err == nil
}

// exits runs a program that has to end with a given status, 128+n after signal
// n: exits STATUS PROGRAM ARG... It passes signals on.
func exits() {
	want, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fatal(err)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	got := make(chan os.Signal, 1)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM)
	if err := cmd.Start(); err != nil {
		fatal(err)
	}
	go func() {
		for s := range got {
			cmd.Process.Signal(s)
		}
	}()
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != want {
		fatal(fmt.Errorf("exits: %v, want exit status %d", cmd.ProcessState, want))
	}
	os.Exit(0)
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(99)
}
