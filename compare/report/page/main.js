// The page: its comparisons one at a time, the keys, and the list of them.

const articles = [...document.querySelectorAll(".report")];
const views = new Map(); // promises, by number
const ready = new Map(); // what they gave
let shown = 0;

// view unpacks a comparison when it is first looked at.
async function view(n) {
  if (!views.has(n)) {
    views.set(n, unpack(document.getElementById("data-" + articles[n].dataset.n)).then(deck => {
      ready.set(n, new ReportView(articles[n], deck));
      return ready.get(n);
    }));
  }
  return views.get(n);
}

async function show(n) {
  if (!articles[n]) return;
  shown = n;
  articles.forEach((a, k) => { a.hidden = k !== n; });
  for (const [k, tab] of [...document.querySelectorAll(".tabs a[href^='#report']")].entries()) {
    if (k === n) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  try {
    await view(n);
    requestAnimationFrame(() => performance.mark("rows")); // they are in sight with this frame
  } catch (failure) {
    articles[n].querySelector(".workbench").replaceWith(make("p", "violation", "The frames cannot be unpacked: this browser is too old (a browser of 2023 or later can), or the file is damaged. " + failure));
    throw failure;
  }
}

// An address such as #frames-2 shows the comparison it points into.
function follow() {
  const target = document.getElementById(location.hash.slice(1)), article = target?.closest(".report");
  const n = articles.indexOf(article);
  show(n < 0 ? shown : n).then(() => {
    target?.scrollIntoView();
    setTimeout(unpackAll, 200);
  });
}

// unpackAll unpacks the other comparisons too, for quick tabs and for paper,
// as long as they are small.
async function unpackAll() {
  for (const [n, a] of articles.entries()) {
    const data = document.getElementById("data-" + a.dataset.n);
    if (data.textContent.length < 2e6) await view(n);
  }
}

const help = document.querySelector(".help");
const opener = document.querySelector(".help-button");
opener.hidden = false;
opener.addEventListener("click", () => help.showModal());
help.querySelector(".close").addEventListener("click", () => help.close());
help.addEventListener("click", e => { if (e.target === help) help.close(); });

// Keys that mean something to the page or to what has the focus: they are the
// ladder's only inside of it.
const rolling = new Set(["ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "Enter", " "]);

document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || help.open) return;
  if (e.target.matches("input:not([type=checkbox]), select, textarea")) return;
  if (rolling.has(e.key) && (!e.target.closest(".workbench") || e.target.matches("a, button, summary, input, pre"))) return;
  if (e.key === "?") help.showModal();
  else if (e.key === "]") show((shown + 1) % articles.length);
  else if (e.key === "[") show((shown + articles.length - 1) % articles.length);
  else if (!ready.get(shown)?.key(e.key)) return;
  e.preventDefault();
});

let printed = [];
addEventListener("beforeprint", () => {
  printed = articles.map(a => a.hidden);
  articles.forEach(a => { a.hidden = false; });
  ready.forEach(v => v.print(true));
});
addEventListener("afterprint", () => {
  articles.forEach((a, n) => { a.hidden = printed[n]; });
  ready.forEach(v => v.print(false));
});

addEventListener("hashchange", follow);
if (articles.length) follow();
