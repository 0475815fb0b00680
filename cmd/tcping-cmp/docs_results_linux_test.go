package main

import (
	"os"
	"testing"
)

// TestResultPages runs the commands of the pages about results. Those that hold
// a conversation in real time have several tries, as those of the notes have.
func TestResultPages(t *testing.T) {
	for _, page := range []struct{ name, tool string }{{"results.md", ""}, {"wireshark.md", "tool:tshark"}} {
		t.Run(page.name, func(t *testing.T) {
			if page.tool != "" {
				needRoot(t)
				if ok, err := condition(page.tool); err != nil || !ok {
					t.Skip("needs tshark: ", err)
				}
			}
			text, err := os.ReadFile("../../docs/" + page.name)
			if err != nil {
				t.Fatal(err)
			}
			list := examples(string(text))
			if len(list) == 0 {
				t.Fatal("the page has no commands")
			}
			if *update {
				if err := os.WriteFile("../../docs/"+page.name, rewritten(t, string(text)), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			diff := ""
			for range 5 {
				if diff = runExamples(t.TempDir(), list); diff == "" {
					return
				}
			}
			t.Errorf("the page does not say what happens (-page +now):\n%s", diff)
		})
	}
}
