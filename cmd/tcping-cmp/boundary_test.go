package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goPackage is what go list says of one package. The imports of its tests
// count: a test that decodes with the accused's own codec proves nothing.
type goPackage struct {
	ImportPath, Dir                    string
	Standard                           bool
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func (p goPackage) allImports() []string {
	return slices.Concat(p.Imports, p.TestImports, p.XTestImports)
}

// listPackages returns every package of the module and what it depends on, by
// import path.
func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-test",
		"-json=ImportPath,Dir,Standard,GoFiles,Imports,TestImports,XTestImports", "tcping-cmp/...")
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	packages := map[string]goPackage{}
	for d := json.NewDecoder(out); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.ImportPath, " [") && !strings.HasSuffix(p.ImportPath, ".test") {
			packages[p.ImportPath] = p
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal("go list:", err)
	}
	return packages
}

// reaches returns the chain of imports from a package to one for which goal
// holds, or nil. The package's own tests count, those of what it imports do
// not.
func reaches(packages map[string]goPackage, from string, goal func(string) bool) []string {
	via := map[string]string{}
	queue := packages[from].allImports()
	for _, p := range queue {
		via[p] = from
	}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		if p == from {
			continue
		}
		if goal(p) {
			chain := []string{p}
			for p != from {
				p = via[p]
				chain = append([]string{p}, chain...)
			}
			return chain
		}
		for _, next := range packages[p].Imports {
			if _, seen := via[next]; !seen {
				via[next] = p
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// below returns a predicate: the package is root or lies below it.
func below(root string) func(string) bool {
	return func(p string) bool { return p == root || strings.HasPrefix(p, root+"/") }
}

var (
	isOwn         = below("tcping-cmp")
	isHandcrafted = below("tcping-cmp/handcrafted")
	isNetstack    = below("tcping-cmp/netstack")
	isGVisor      = below("gvisor.dev/gvisor")
	isCompare     = below("tcping-cmp/compare")
	isTap         = below("tcping-cmp/tap")
)

func isCore(p string) bool {
	return below("tcping-cmp/handcrafted/wire")(p) || below("tcping-cmp/handcrafted/arp")(p) || below("tcping-cmp/handcrafted/tcp")(p)
}

// TestBoundaries holds who may know whom.
func TestBoundaries(t *testing.T) {
	packages := listPackages(t)
	for path := range packages {
		if !isOwn(path) {
			continue
		}
		forbid := func(why string, goal func(string) bool) {
			if chain := reaches(packages, path, goal); chain != nil {
				t.Errorf("%s: %s", why, strings.Join(chain, " → "))
			}
		}
		switch {
		case isCompare(path):
			forbid("the judge shares no code with the accused", func(p string) bool {
				return isHandcrafted(p) || isNetstack(p)
			})
		case isCore(path):
			forbid("the hand-made core knows the standard library only", func(p string) bool {
				return !isCore(p) && !packages[p].Standard
			})
			coreHasNoIO(t, packages[path])
		case isHandcrafted(path):
			forbid("the hand-made host knows tap only", func(p string) bool {
				return isOwn(p) && !isHandcrafted(p) && !isTap(p) || isGVisor(p)
			})
		case isTap(path):
			forbid("tap knows nobody", func(p string) bool { return isOwn(p) && !isTap(p) })
		case isNetstack(path):
			forbid("the reference does not know the hand-made stack", isHandcrafted)
		}
	}
	for _, room := range []string{"handcrafted/tcp", "handcrafted/wire", "netstack", "tap", "compare", "compare/capture"} {
		if _, ok := packages["tcping-cmp/"+room]; !ok {
			t.Errorf("no package tcping-cmp/%s: this test looks in the wrong place", room)
		}
	}
}

// coreHasNoIO checks that a package of the hand-made core, its tests aside,
// neither reads a clock nor reaches out.
func coreHasNoIO(t *testing.T, p goPackage) {
	for _, forbidden := range []string{"net", "os", "os/signal", "log", "log/slog", "net/http", "sync", "math/rand", "crypto/rand"} {
		if slices.Contains(p.Imports, forbidden) {
			t.Errorf("%s imports %s: the core does no I/O, takes no locks and has no randomness of its own", p.ImportPath, forbidden)
		}
	}
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
	sources := []string{"Rand", "New", "NewPCG", "NewChaCha8"} // the others draw from the runtime's
	for _, name := range p.GoFiles {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				x, _ := sel.X.(*ast.Ident)
				switch {
				case x == nil:
				case x.Name == "time" && slices.Contains(clock, sel.Sel.Name):
					t.Errorf("%s: time.%s in the core: the time is passed in", fset.Position(n.Pos()), sel.Sel.Name)
				case x.Name == "rand" && slices.Contains(p.Imports, "math/rand/v2") && !slices.Contains(sources, sel.Sel.Name):
					t.Errorf("%s: rand.%s in the core: randomness is passed in", fset.Position(n.Pos()), sel.Sel.Name)
				}
			}
			return true
		})
	}
}
