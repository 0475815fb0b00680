package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// typedAndCompleted is what a person types before Tab and what the line then
// is: sub-commands, flags, values of enums in both spellings, names that only
// the program knows, files and folders.
var typedAndCompleted = []struct{ typed, completed string }{
	{"tcping-cmp sui", "tcping-cmp suite"},
	{"tcping-cmp run --sen", "tcping-cmp run --send"}, // and --send-file: what they share
	{"tcping-cmp run --refer", "tcping-cmp run --reference"},
	{"tcping-cmp run --link t", "tcping-cmp run --link tap"},
	{"tcping-cmp run --link=m", "tcping-cmp run --link=mem"},
	{"tcping-cmp run --stack handcrafted,k", "tcping-cmp run --stack handcrafted,kernel"},
	{"tcping-cmp --color ne", "tcping-cmp --color never"},
	{"tcping-cmp run --quiet --close f", "tcping-cmp run --quiet --close first"},
	{"tcping-cmp ping -i l", "tcping-cmp ping -i lo"},
	{"tcping-cmp suite --replay closing/we-close-first@", "tcping-cmp suite --replay closing/we-close-first@ipv6"},
	{"tcping-cmp rules 6298:5.5:d", "tcping-cmp rules 6298:5.5:double"},
	{"tcping-cmp faults fin-w", "tcping-cmp faults fin-without-ack"},
	{"tcping-cmp check cap", "tcping-cmp check capture.pcapng"},
	{"tcping-cmp run --pcap=cap", "tcping-cmp run --pcap=capture.pcapng"},
	{"tcping-cmp suite --pcap fol", "tcping-cmp suite --pcap folder/"},
	{"tcping-cmp completion fi", "tcping-cmp completion fish"},
}

// workplace is a folder with something to complete.
func workplace(t *testing.T) string {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "capture.pcapng"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

const prompt = "what-now> "

// pressTab types into a shell that is at its prompt, presses Tab, goes to the
// beginning of the line and has the shell print its words instead.
func pressTab(term *terminal, n int, typed string) string {
	all := term.await(prompt, n)
	term.write(typed + "\t\x01print-words \r")
	all = strings.ReplaceAll(term.await(prompt, n+1)[len(all):], "\r", "")
	_, words, _ := strings.Cut(all, "{{")
	words, _, _ = strings.Cut(words, "}}")
	return words
}

// printWords is a function of bash and zsh alike.
const printWords = `print-words() { local s= w; for w in "$@"; do s="$s $w"; done; echo "{""{${s# }}""}"; }`

func TestCompletionInBash(t *testing.T) {
	needTool(t, "bash")
	rc := filepath.Join(t.TempDir(), "rc")
	text := printWords + "\nPS1='" + prompt + "'\nbind 'set enable-bracketed-paste off'\nsource <(tcping-cmp completion bash)\n"
	if err := os.WriteFile(rc, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	term := inTerminal(t, 200, 50, nil, "bash", "-c", fmt.Sprintf("cd %s && exec bash --noprofile --rcfile %s -i", workplace(t), rc))
	for i, c := range typedAndCompleted {
		if got := pressTab(term, i+1, c.typed); got != c.completed {
			t.Errorf("%q becomes %q, want %q", c.typed, got, c.completed)
		}
	}
}

// TestCompletionWithBashCompletion loads the script as the package
// bash-completion does, by its name in a folder.
func TestCompletionWithBashCompletion(t *testing.T) {
	needTool(t, "bash")
	const loader = "/usr/share/bash-completion/bash_completion"
	if _, err := os.Stat(loader); err != nil {
		if requireRoot {
			t.Fatal(err)
		}
		t.Skip("needs the package bash-completion")
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "completions")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	script, err := exec.Command("tcping-cmp", "completion", "bash").Output()
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "tcping-cmp"), script, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	rc := filepath.Join(dir, "rc")
	text := "export BASH_COMPLETION_USER_DIR=" + dir + "\nsource " + loader + "\n" + printWords + "\nPS1='" + prompt + "'\nbind 'set enable-bracketed-paste off'\n"
	if err := os.WriteFile(rc, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	term := inTerminal(t, 200, 50, nil, "bash", "--noprofile", "--rcfile", rc, "-i")
	if got := pressTab(term, 1, "tcping-cmp run --link=m"); got != "tcping-cmp run --link=mem" {
		t.Errorf("%q", got)
	}
}

func TestCompletionInZsh(t *testing.T) {
	needTool(t, "zsh")
	home := t.TempDir()
	script, err := exec.Command("tcping-cmp", "completion", "zsh").Output()
	if err == nil {
		err = os.WriteFile(filepath.Join(home, "_tcping-cmp"), script, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, load string }{
		{"in a folder of fpath", "fpath=(" + home + " $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"},
		{"sourced", "autoload -Uz compinit\ncompinit -u -D\nsource <(tcping-cmp completion zsh)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rc := c.load + printWords + "\nunsetopt prompt_sp\nunset zle_bracketed_paste\nbindkey -e\nPS1='" + prompt + "'\n"
			if err := os.WriteFile(filepath.Join(home, ".zshrc"), []byte(rc), 0o666); err != nil {
				t.Fatal(err)
			}
			term := inTerminal(t, 200, 50, []string{"ZDOTDIR=" + home}, "sh", "-c", "cd "+workplace(t)+" && exec zsh -d -i")
			for i, c := range typedAndCompleted {
				// The line's end takes away the slash that zsh has put there.
				if got := pressTab(term, i+1, c.typed); got != strings.TrimSuffix(c.completed, "/") {
					t.Errorf("%q becomes %q, want %q", c.typed, got, c.completed)
				}
			}
		})
	}
}

// TestCompletionInFish asks fish what it would offer.
func TestCompletionInFish(t *testing.T) {
	needTool(t, "fish")
	dir := workplace(t)
	for _, c := range typedAndCompleted {
		cmd := exec.Command("fish", "--no-config", "-c", "tcping-cmp completion fish | source; complete -C $argv[1]", c.typed)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		wanted := c.completed[strings.LastIndexByte(c.completed, ' ')+1:]
		offered := ""
		for line := range strings.Lines(string(out)) {
			value, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			if value == wanted {
				offered = value
			}
		}
		if offered == "" {
			t.Errorf("%q: %q is not among %q", c.typed, wanted, out)
		}
	}
}
