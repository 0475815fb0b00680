package report_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tcping-cmp/compare"
	"tcping-cmp/compare/report"
)

// pageScript does what a reader does, and leaves what came of it in the title.
const pageScript = `<script>
const rows = document.querySelectorAll(".ladder .row"), say = [];
const key = (row, k) => row.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true }));
rows[3].click(); say.push(document.querySelectorAll(".open").length, document.querySelectorAll(".open .lit").length > 0, /MUST-2/.test(document.querySelector(".open").textContent));
rows[3].click(); say.push(document.querySelectorAll(".open").length);
key(rows[0], "Enter"); say.push(document.querySelectorAll(".open").length, rows[0].getAttribute("aria-expanded"));
rows[0].focus(); key(rows[0], "ArrowDown"); say.push(document.activeElement === rows[1]);
const list = document.querySelector("select"); list.value = "violation"; list.dispatchEvent(new Event("change"));
say.push(document.querySelectorAll("tr[data-verdict]:not([hidden])").length);
document.title = "result " + say.join(" ");
</script></body>`

func TestPageInChromium(t *testing.T) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("needs chromium")
	}
	page := write(t, "html", []*compare.Report{example(t)}, report.Ending{})
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(strings.Replace(page, "</body>", pageScript, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	var messages bytes.Buffer
	c := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--enable-logging=stderr", "--dump-dom", "file://"+file)
	c.Stderr = &messages
	dom, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, messages.String())
	}
	if strings.Contains(messages.String(), "CONSOLE") {
		t.Errorf("the console has messages:\n%s", messages.String())
	}
	if want := "<title>result 1 true true 0 1 true true 2</title>"; !strings.Contains(string(dom), want) {
		_, title, _ := strings.Cut(string(dom), "<title>")
		t.Errorf("no %s but %.80s", want, title)
	}
}
