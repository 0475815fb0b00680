package main

import (
	"os"
	"path/filepath"
	"testing"
)

// documented are the pages whose commands are run, beside the research notes.
var documented = []string{"tutorial/README.md", "extending.md"}

// TestDocumentedCommands runs the commands of pages one after the other, in a
// new directory with the scripts that lie beside the page.
func TestDocumentedCommands(t *testing.T) {
	needRoot(t)
	if ok, err := condition("tool:tshark"); err != nil || !ok {
		t.Skip("needs tshark: ", err)
	}
	for _, name := range documented {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("../../docs", name)
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			list := examples(string(page))
			if len(list) == 0 {
				t.Fatal("the page has no commands")
			}
			dir := t.TempDir()
			scripts, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.pkt"))
			if err != nil {
				t.Fatal(err)
			}
			for _, script := range scripts {
				text, err := os.ReadFile(script)
				if err == nil {
					err = os.WriteFile(filepath.Join(dir, filepath.Base(script)), text, 0o666)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if diff := runExamples(dir, list); diff != "" {
				t.Errorf("the page does not say what happens (-page +now):\n%s", diff)
			}
		})
	}
}
