package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version says what was built, with what, and which netstack is inside.
func version() string {
	own, netstack := "(unknown)", "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		own = info.Main.Version
		for _, d := range info.Deps {
			if d.Path == "gvisor.dev/gvisor" {
				netstack = d.Version
			}
		}
	}
	return fmt.Sprintf("tcping-cmp %s, netstack %s, %s %s/%s", own, netstack, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
