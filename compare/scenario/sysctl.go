package scenario

import "strings"

// pair is one sysctl as it is written.
type pair struct{ key, value string }

// commandLines splits a command into lines and joins those that end in a
// backslash.
func commandLines(text string) []string {
	text = strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(text)
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// sysctls finds key=value in a line that sets sysctls: in the form of Linux
// (sysctl -w net.ipv4.tcp_sack=0), FreeBSD (sysctl net.inet.tcp.sack.enable=0),
// a write to /proc/sys, and the helper of packetdrill's suite. The line is
// never executed. why says why it, or a part of it, has no effect.
func sysctls(line string) (pairs []pair, why string) {
	words := shellWords(line)
	if len(words) == 0 {
		return nil, ""
	}
	program := words[0][strings.LastIndexByte(words[0], '/')+1:]
	switch {
	case program == "sysctl", strings.HasPrefix(program, "set_sysctls"):
		return sysctlArgs(words[1:])
	case program == "echo" && len(words) == 4 && words[2] == ">" && strings.HasPrefix(words[3], "/proc/sys/"):
		return []pair{{sysctlKey(words[3]), words[1]}}, ""
	case program == "ip":
		return ipArgs(words)
	}
	return nil, "commands are not executed"
}

func sysctlArgs(words []string) (pairs []pair, why string) {
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		switch {
		case strings.HasPrefix(w, "#"):
			return pairs, why
		case ok && key != "":
			pairs = append(pairs, pair{sysctlKey(key), value})
		case !strings.HasPrefix(w, "-"):
			why = "what is not NAME=VALUE is not executed"
		}
	}
	return pairs, why
}

// ipArgs finds what the ip command of Linux says about the link and the
// route.
func ipArgs(words []string) (pairs []pair, why string) {
	for i := 1; i+1 < len(words); i++ {
		switch words[i] {
		case "mtu", "initcwnd", "initrwnd":
			pairs = append(pairs, pair{"ip." + words[i], words[i+1]})
		}
	}
	if pairs == nil {
		why = "commands are not executed"
	}
	return pairs, why
}

// sysctlKey writes the key with dots, whatever form it has.
func sysctlKey(s string) string {
	s = strings.TrimPrefix(s, "/proc/sys/")
	if strings.Contains(s, "/") {
		s = strings.ReplaceAll(s, "/", ".")
	}
	return s
}

// shellWords splits a line at blanks outside of quotes, and drops the quotes.
func shellWords(line string) []string {
	var out []string
	var b strings.Builder
	quote, inWord := byte(0), false
	flush := func() {
		if inWord {
			out = append(out, b.String())
			b.Reset()
			inWord = false
		}
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			quote, inWord = c, true
		case c == ' ' || c == '\t':
			flush()
		default:
			b.WriteByte(c)
			inWord = true
		}
	}
	flush()
	return out
}
