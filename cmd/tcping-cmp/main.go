// Command tcping-cmp lets a TCP written by hand and a reference TCP hold the
// same conversation, records every Ethernet frame of both, and says where they
// differ and whether it matters.
//
// Results go to standard output, everything else to standard error. The exit
// status is 0 when nothing is wrong, 1 when the comparison (or a ping) found
// something, 2 for trouble of any other kind, and 130 or 143 after SIGINT or
// SIGTERM.
//
// # Limitations
//
// Everything but diff needs Linux.
package main

import (
	"io"
	"os"
)

func main() { os.Exit(mainStatus()) }

// mainStatus is main without the exit, for testscript.
func mainStatus() int {
	return execute(os.Args[1:], streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, os.LookupEnv, giveUpPrivileges)
}

// streams are the three standard streams.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
}
