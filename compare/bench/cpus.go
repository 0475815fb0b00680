package bench

// CPUs says how many CPUs the process may use during a turn.
type CPUs int

// The choices.
const (
	AllCPUs CPUs = iota // whatever the process was given
	OneCPU              // one: figures of latency do not fall into two groups
)

func (c CPUs) String() string {
	if c == OneCPU {
		return "one CPU"
	}
	return "all CPUs"
}

// take restricts the process and returns what undoes it.
func (c CPUs) take() (release func(), err error) {
	if c != OneCPU {
		return func() {}, nil
	}
	return pin()
}
