package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEveryMessageIsProvoked: a sentence that tells of an error stands in a
// script that provokes it, or in untold with the reason why none does. Of a
// sentence with values in it, three words in a row have to be there.
func TestEveryMessageIsProvoked(t *testing.T) {
	told := expectations(t)
	list := messages(t, ".", "../../compare", "../../tap")
	shared := sharedWords(list)
	excused, found := map[string]string{}, map[string]bool{}
	for _, u := range untold {
		for _, format := range u.formats {
			excused[format] = u.reason
		}
	}
	for _, m := range list {
		found[m.format] = true
		provoked := slices.ContainsFunc(own(m.format, shared), told)
		switch {
		case excused[m.format] != "" && provoked:
			t.Errorf("%s: a script provokes %q, so take it out of untold", m.place, m.format)
		case excused[m.format] == "" && !provoked:
			t.Errorf("%s: no script in testdata/script provokes %q", m.place, m.format)
		}
	}
	for format := range excused {
		if !found[format] {
			t.Errorf("untold has %q, which is nobody's message any more", format)
		}
	}
}

// own are the parts of a sentence that no other has, or all if others have
// each of them.
func own(format string, shared map[string]bool) []string {
	parts := slices.DeleteFunc(telling(format), func(part string) bool { return shared[part] })
	if len(parts) == 0 {
		return telling(format)
	}
	return parts
}

// sharedWords are those by which no sentence is known, because several have
// them.
func sharedWords(list []message) map[string]bool {
	first, shared := map[string]string{}, map[string]bool{}
	for _, m := range list {
		for _, words := range telling(m.format) {
			if other, ok := first[words]; ok && other != m.format {
				shared[words] = true
			}
			first[words] = m.format
		}
	}
	return shared
}

// expectations looks for a pattern in what the scripts expect of standard
// output, standard error and files, without the escapes of regular expressions.
func expectations(t *testing.T) func(pattern string) bool {
	t.Helper()
	paths, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no scripts: ", err)
	}
	expects := regexp.MustCompile(`^(\[[^]]+\] )?(stdout|stderr|grep) `)
	escaped := regexp.MustCompile(`\\([^A-Za-z0-9])`)
	var all strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimRight(line, "\n"); expects.MatchString(line) {
				line = strings.ReplaceAll(escaped.ReplaceAllString(line, "$1"), "''", "'")
				all.WriteString(strings.Join(strings.Fields(strings.TrimRight(line, "$'")), " ") + " \n")
			}
		}
	}
	text := all.String()
	return func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(text) }
}

// message is a format of an error, and where it is made.
type message struct{ place, format string }

// messages are those that the packages of these folders make on Linux.
func messages(t *testing.T, roots ...string) (list []message) {
	t.Helper()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/linktest/") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
			if err != nil || notLinux(file) {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, format := range messagesOf(n) {
					list = append(list, message{files.Position(n.Pos()).String(), format})
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// notLinux reports whether a file is for other systems.
func notLinux(file *ast.File) bool {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:build !linux") {
				return true
			}
		}
	}
	return false
}

// makers are the functions that make an error of a format, or of a sentence;
// the last two take a place first, or say what was expected there.
var makers = []string{"errors.New", "fmt.Errorf", "l.Errorf", "p.fail", "c.fail"}

// messagesOf returns the formats of the errors that are made here: by a call,
// by a saidError, or by a function that is there to word them.
func messagesOf(n ast.Node) []string {
	switch n := n.(type) {
	case *ast.CallExpr:
		if slices.Contains(makers, name(n.Fun)) {
			return literals(n.Args[:min(2, len(n.Args))])
		}
	case *ast.CompositeLit:
		if name(n.Type) == "saidError" && len(n.Elts) > 0 {
			return literals(n.Elts[:1])
		}
	case *ast.FuncDecl:
		if strings.HasSuffix(n.Name.Name, "Sentence") || n.Name.Name == "otherwise" {
			return literals([]ast.Expr{&ast.FuncLit{Type: n.Type, Body: n.Body}})
		}
	}
	return nil
}

// name is that of a function or type, with its package.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return name(e.X) + "." + e.Sel.Name
	}
	return ""
}

// literals are the texts in expressions that tell anything.
func literals(exprs []ast.Expr) (list []string) {
	for _, e := range exprs {
		ast.Inspect(e, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && len(telling(text)) > 0 {
					list = append(list, text)
				}
			}
			return true
		})
	}
	return list
}

// telling are the parts of a sentence by which it is known, as patterns: every
// three words in a row of which a value takes the place of one at the most, or
// the whole if it has fewer words. A format that only joins others has none.
func telling(format string) (parts []string) {
	words := strings.Fields(format)
	literal := func(word string) bool {
		return !strings.Contains(word, "%") && strings.ContainsAny(word, "abcdefghijklmnopqrstuvwxyz")
	}
	for n, i := min(3, len(words)), 0; n > 1 && i+n <= len(words); i++ {
		values, pattern := 0, make([]string, n)
		for j, word := range words[i : i+n] {
			pattern[j] = regexp.QuoteMeta(word)
			if !literal(word) {
				values++
			}
			if strings.Contains(word, "%") {
				pattern[j] = `\S+( \S+)?`
			}
		}
		if n-values >= 2 {
			parts = append(parts, strings.Join(pattern, " "))
		}
	}
	return parts
}

// untold are the messages that no script provokes, by the reason.
var untold = []struct {
	reason  string
	formats []string
}{
	{"the kernel refuses what every kernel has: namespaces that were just made, routes, capabilities of its own", []string{
		"listing the interfaces: %w",
		"giving up new privileges: %w",
		"giving up capabilities: %w",
		"asking for the CPUs: %w",
		"keeping the process on one CPU: %w",
		"route through %s: %w",
		"asking to be told of the acknowledgement: %w",
		"netlink in the new network namespace: %w",
		"loopback in the new network namespace: %w",
		"addresses of %s: %w",
		"setting %s up: %w",
		"asking for the offloads of %s: %w",
		"looking for %s: %w",
		"looking up the thread's network namespace: %w",
		"entering the network namespace: %w",
		"the driver of %s claims %d features",
		"setting up TAP device %s: %w",
		"creating TAP device %q: %w",
		"%w to put a filter on a socket: run as root: %v",
		"interface %d of the route to %s: %w",
		"the kernel does not answer echo requests: is net.ipv4.icmp_echo_ignore_all set?",
		"the kernel behind the link does not answer ARP: %w",
	}},
	{"a moment decides: a file, a device or an interface that changes between two calls, a queue that is full, a RST that comes while sending", []string{
		"the network namespace's thread has ended",
		"network namespace: %w",
		"the link was closed before the conversation was over",
		"the local port %d is in use: try again",
		"%s reset the connection while %d bytes were being sent; it may not take so many",
		"%s has no address: give it one",
		"the interface's queue is full, the frame was not sent",
		"%s: %w: set it up first (ip link set %s up)",
		"%d ports of %v chosen at random: %w",
		"%d bytes before the end: %w",
	}},
	{"a stack that is broken, and those that there are are not", []string{
		"the server sent more than was expected",
		"the ends answer each other without end, %d segments and no octet for an application: stack in %s, peer in %s",
		"%s cannot start: %w",
		"the peer cannot start: %w",
		"the peer cannot listen: %w",
		"%s cannot connect: %w",
		"nothing happens any more: stack in %s, peer in %s",
		"the answer is not an echo",
		"%w: %s sent no TCP segment to %s; %d frames were recorded",
		"the call has no meaning here",
	}},
	{"programs that use the packages see it, and the command words it anew or never asks for that", []string{
		"no user namespace",
		"no TAP device",
		"%w: sysctl %s is 0",
		"%w: sysctl %s is 1",
		"more data than expected",
		"script does not parse",
		"no such format: choose one of %s",
		"scenario %s cannot be played over IPv%d",
		"kernel: the network names no address; give it one",
		"a capture file needs at least one interface",
		"interface %d was not announced to NewWriter",
		"a frame of %d bytes does not fit the snapshot length %d",
		"%d bytes into %d: %w",
		"%s: %d bytes into %d: %w",
		"%s: %d bytes and a VLAN tag into %d: %w",
		"frame does not fit the buffer",
		"frame is shorter than an Ethernet header",
		"a frame of %d bytes on a link with an MTU of %d: %w",
		"not a device name",
		"device name is taken",
		"port is taken",
		"this needs Linux: %w",
		"%s: %w: it was set down or lost while in use",
		"%s: %w: it was deleted while in use",
		"%s: %w: its MTU was changed while in use",
		"TAP device %s: %w: set it up, or open it again if it was deleted",
		"%v: %w: choose another, or let one be chosen",
		"%w for port %d: choose one above 1023",
		"impairment: frames cannot be held for %v; give a positive time",
		"%w: load the kernel module (modprobe tun), or give the container the device: %v",
		"%w to create a TAP device: run as root or give the program CAP_NET_ADMIN: %v",
		"%s: %w: choose another name: %v",
	}},
}
