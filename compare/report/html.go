package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"tcping-cmp/compare"
)

//go:embed page
var pageFiles embed.FS

// scripts are the parts of the page's script, in their order.
var scripts = []string{"data.js", "words.js", "dissect.js", "ladder.js", "detail.js", "axes.js", "graph.js", "graphs.js", "report.js", "main.js"}

var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"inc": func(n int) int { return n + 1 }}).ParseFS(pageFiles, "page/*.html"))
})

// HTML writes comparisons as one page that needs nothing else: verdict,
// differences, ladders side by side, graphs, requirements and environment.
func HTML(w io.Writer, reports []*compare.Report, end Ending) error {
	view := htmlPage{htmlShell: newShell(titleOf(reports), pageStyle, pageScript), Failure: printable(end.Message)}
	for n, r := range reports {
		section, err := htmlOf(n, r)
		if err != nil {
			return err
		}
		view.Reports = append(view.Reports, section)
	}
	if len(reports) > 1 {
		view.Consensus = consensusOf(reports)
	}
	return writePage(w, "report.html", view)
}

func writePage(w io.Writer, name string, view any) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := pages().ExecuteTemplate(b, name, view); err != nil {
		return err
	}
	return b.Flush()
}

// titleOf names a page in so many characters as a tab or a list of bookmarks
// shows.
func titleOf(reports []*compare.Report) string {
	const most = 60
	switch len(reports) {
	case 0:
		return "tcping-cmp"
	case 1:
		return cut(printable(mark(reports[0])+" "+pairing(reports[0])), most)
	}
	sign := "="
	if slices.ContainsFunc(reports, func(r *compare.Report) bool { return r.ExitStatus() != 0 }) {
		sign = "!"
	}
	return fmt.Sprintf("%s %d comparisons with %s", sign, len(reports), cut(printable(reports[0].Reference.Stack), most/2))
}

// htmlShell is what every page has: a title, a policy that lets it load
// nothing, one style and one script. The policy names both by their hashes, so
// whatever else might get into a page is not run.
type htmlShell struct {
	Title, Policy string
	Style         template.CSS
	Script        template.JS
}

var (
	pageStyle   = pageFile("style.css")
	pageScript  = scriptOf(scripts...)
	sheetStyle  = pageFile("sheets.css")
	sheetScript = scriptOf("filter.js")
)

func newShell(title, style, script string) htmlShell {
	policy := "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '" + hashOf(style) + "'"
	if script != "" {
		policy += "; script-src '" + hashOf(script) + "'"
	}
	return htmlShell{Title: title, Policy: policy, Style: template.CSS(style), Script: template.JS(script)}
}

// hashOf names an element's content as a policy does.
func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func pageFile(name string) string {
	text, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return string(text)
}

// scriptOf puts the parts of a script together, in a scope of their own.
func scriptOf(names ...string) string {
	var b strings.Builder
	b.WriteString("\"use strict\";\n{\n")
	for _, name := range names {
		b.WriteString(pageFile(name))
	}
	b.WriteString("}\n")
	return b.String()
}
