package main

import "testing"

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
			keepsItsWord(t, "../../docs/"+page.name)
		})
	}
}
