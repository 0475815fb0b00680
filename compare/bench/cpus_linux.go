package bench

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// pin puts every thread of the process on one CPU, the last of those it may
// use: the first has most of the machine's interrupts.
func pin() (release func(), err error) {
	var all, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		return nil, fmt.Errorf("asking for the CPUs: %w", err)
	}
	for cpu := range len(all) * 64 {
		if all.IsSet(cpu) {
			one.Zero()
			one.Set(cpu)
		}
	}
	procs := runtime.GOMAXPROCS(1)
	release = func() {
		setAffinity(&all)
		runtime.GOMAXPROCS(procs)
	}
	if err := setAffinity(&one); err != nil {
		release()
		return nil, fmt.Errorf("keeping the process on one CPU: %w", err)
	}
	return release, nil
}

// setAffinity does it to every thread. A new one inherits from that which
// makes it, so it is over when a pass has met no thread that was not there in
// the pass before.
func setAffinity(set *unix.CPUSet) error {
	done := map[int]bool{}
	for more := true; more; {
		more = false
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil || done[id] {
				continue
			}
			if err := unix.SchedSetaffinity(id, set); err != nil && err != unix.ESRCH {
				return err
			}
			done[id], more = true, true
		}
	}
	return nil
}
