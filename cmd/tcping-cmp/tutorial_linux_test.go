package main

import (
	"os"
	"testing"
)

// TestTutorial runs the commands of the tutorial, in a folder with its scripts.
func TestTutorial(t *testing.T) {
	needRoot(t)
	if ok, err := condition("tool:tshark"); err != nil || !ok {
		t.Skip("needs tshark: ", err)
	}
	const folder = "../../docs/tutorial/"
	page, err := os.ReadFile(folder + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	list := examples(string(page))
	if len(list) < 10 {
		t.Fatalf("the tutorial has %d commands", len(list))
	}
	if diff := runExamples(dir, list); diff != "" {
		t.Errorf("the tutorial does not say what happens (-tutorial +now):\n%s", diff)
	}
}
