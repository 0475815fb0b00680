package lab

import (
	"fmt"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"tcping-cmp/compare/scenario"
)

// constants are the symbols that scripts write for values of socket options.
var constants = map[string]int64{
	"IP_PMTUDISC_DONT": 0, "IP_PMTUDISC_WANT": 1, "IP_PMTUDISC_DO": 2, "IP_PMTUDISC_PROBE": 3,
	"IPTOS_LOWDELAY": 0x10, "IPTOS_THROUGHPUT": 0x08, "IPTOS_RELIABILITY": 0x04, "IPTOS_MINCOST": 0x02,
	"IPTOS_DSCP_EF": 0xb8, "IPTOS_DSCP_LE": 0x04,
}

// constant gives the value of a symbol: of the table, of a DSCP class, or the
// number of an error.
func constant(w string) (int64, bool) {
	if v, ok := constants[w]; ok {
		return v, true
	}
	var class, drop int64
	if n, _ := fmt.Sscanf(w, "IPTOS_DSCP_CS%1d", &class); n == 1 {
		return class << 5, true
	}
	if n, _ := fmt.Sscanf(w, "IPTOS_DSCP_AF%1d%1d", &class, &drop); n == 2 {
		return class<<5 | drop<<3, true
	}
	for e := syscall.Errno(1); strings.HasPrefix(w, "E") && e < 200; e++ {
		if unix.ErrnoName(e) == w {
			return int64(e), true
		}
	}
	return 0, false
}

// optionValue reads the value of a socket option.
func optionValue(e scenario.Expr) (OptionValue, bool) {
	switch e := e.(type) {
	case scenario.Text:
		return OptionValue{Text: e.S}, true
	case scenario.Struct:
		return structValue(e)
	case scenario.List:
		if len(e) == 1 {
			return optionValue(e[0])
		}
	}
	if n, ok := scenario.IntOf(e); ok {
		return Number(n), true
	}
	var v OptionValue
	list := words(e)
	for _, w := range list {
		n, ok := constant(w)
		if !ok {
			return v, false
		}
		v.N[0] |= n
	}
	return v, len(list) > 0
}

// structValue reads a linger structure.
func structValue(fields scenario.Struct) (v OptionValue, ok bool) {
	for _, f := range fields {
		a, isAssign := f.(scenario.Assign)
		if !isAssign {
			return v, false
		}
		n, isNumber := scenario.IntOf(a.Value)
		switch name, _ := a.Target.(scenario.Word); {
		case !isNumber:
			return v, false
		case name == "onoff" || name == "l_onoff":
			v.N[0] = n
		case name == "linger" || name == "l_linger":
			v.N[1] = n
		default:
			return v, false
		}
	}
	return v, true
}

func optionName(e scenario.Expr) string {
	if w := words(e); len(w) == 1 {
		return w[0]
	}
	return "an option without a name"
}

func (p *player) setsockopt(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		name := optionName(k.Arg(2))
		v, ok := optionValue(k.Arg(3))
		if !ok {
			return outcome{err: errIgnored, text: name + " with such a value has no meaning here"}
		}
		err := s.SetOption(name, v)
		if err == syscall.ENOPROTOOPT {
			return outcome{err: errIgnored, text: fmt.Sprintf("%s does not know %s", p.stack.Name(), name)}
		}
		return done(err)
	}
}

// getsockopt compares the value where the script gives one.
func (p *player) getsockopt(k *scenario.Call, s *socket) func() outcome {
	return func() outcome {
		name := optionName(k.Arg(2))
		got, err := s.Option(name)
		if err == syscall.ENOPROTOOPT {
			return outcome{err: errIgnored, text: fmt.Sprintf("%s does not know %s", p.stack.Name(), name)}
		}
		out := done(err)
		if want, ok := optionValue(k.Arg(3)); ok && err == nil && want != got {
			out.text = fmt.Sprintf("%s is %s, the script expects %s", name, got.describe(name), want.describe(name))
		}
		return out
	}
}

func (v OptionValue) describe(name string) string {
	switch {
	case v.Text != "":
		return v.Text
	case name == "SO_ERROR" && v.N[0] != 0:
		return unix.ErrnoName(syscall.Errno(v.N[0]))
	case name == "SO_LINGER":
		return fmt.Sprintf("{%d, %d}", v.N[0], v.N[1])
	}
	return fmt.Sprint(v.N[0])
}

// pollOne asks one socket, and gives what it is ready for and what the script
// expects, empty if that is nothing in particular.
func (p *player) pollOne(fields scenario.Struct) (ready []string, want string) {
	var events []string
	var s *socket
	for _, f := range fields {
		a, _ := f.(scenario.Assign)
		switch name, _ := a.Target.(scenario.Word); name {
		case "fd":
			fd, _ := scenario.IntOf(a.Value)
			s = p.sockets[fd]
		case "events":
			events = words(a.Value)
		case "revents":
			list := slices.Sorted(slices.Values(words(a.Value)))
			want = strings.Join(list, "|")
		}
	}
	if s == nil {
		return nil, want
	}
	r := s.Ready()
	for _, state := range []struct {
		on, asked bool
		name      string
	}{
		{r.Error, true, "POLLERR"}, {r.HangUp, true, "POLLHUP"},
		{r.Readable, slices.Contains(events, "POLLIN"), "POLLIN"},
		{r.Writable, slices.Contains(events, "POLLOUT"), "POLLOUT"},
		{r.PeerClosed, slices.Contains(events, "POLLRDHUP"), "POLLRDHUP"},
	} {
		if state.on && state.asked {
			ready = append(ready, state.name)
		}
	}
	return ready, want
}
