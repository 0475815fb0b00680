// One comparison: ladder, detail, graphs, tables, and what binds them.

class ReportView {
  constructor(article, deck) {
    this.article = article;
    this.deck = deck;
    this.names = [article.dataset.ref, article.dataset.test];
    this.find = selector => article.querySelector(selector);
    this.#frames();
    requestAnimationFrame(() => setTimeout(() => this.#graphs())); // the rows come first
    this.#verdicts();
    this.#rules();
    this.#places();
    for (const e of article.querySelectorAll(".workbench, .filters, .rules-filter")) e.hidden = false;
  }

  #frames() {
    const bench = this.find(".workbench"), element = this.find(".ladder"), count = this.find(".count");
    this.search = bench.querySelector("input");
    this.detail = new Detail(this.deck, this.find(".detail"), this.names, {
      step: by => this.ladder.step(by), close: () => { this.ladder.close(); element.focus({ preventScroll: true }); },
    });
    element.id = "ladder-" + this.article.dataset.n;
    this.ladder = new Ladder(this.deck, element, this.names, {
      current: row => this.graph?.show(row),
      opened: row => {
        bench.classList.toggle("opened", row !== NONE);
        if (row === NONE) this.detail.close();
        else this.detail.show(row).then(() => { this.ladder.reveal(); this.#sight(); });
      },
      filtered: (n, all) => { count.textContent = n === all ? `${number(all)} rows` : `${number(n)} of ${number(all)} rows`; },
      unfilter: () => this.#unfilter(),
    });
    element.style.setProperty("--rows", this.deck.length);
    for (const b of bench.querySelectorAll("[data-go]")) b.addEventListener("click", () => this.ladder.step(Number(b.dataset.go)));
    let wait;
    this.search.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(() => this.#words(), this.deck.length > 2000 ? 120 : 0); });
    this.search.addEventListener("keydown", e => {
      if (e.key !== "Enter" && e.key !== "Escape" && e.key !== "ArrowDown") return;
      if (e.key === "Escape") this.search.value = "";
      clearTimeout(wait);
      this.#words();
      e.preventDefault();
      e.stopPropagation();
      element.focus();
    });
  }

  #words() {
    this.ladder.words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.ladder.filter();
    this.ladder.go(this.ladder.current);
  }

  #unfilter() {
    this.search.value = "";
    this.ladder.words = [];
    for (const chip of this.article.querySelectorAll(".chip")) chip.ariaPressed = "true";
    this.#shown();
  }

  // verdicts are the chips: what is not pressed is not shown.
  #verdicts() {
    this.find(".filters").addEventListener("click", e => {
      const chip = e.target.closest(".chip");
      if (!chip) return;
      chip.ariaPressed = String(chip.ariaPressed !== "true");
      this.#shown();
    });
  }

  #shown() {
    const off = new Set([...this.article.querySelectorAll(".chip")].filter(c => c.ariaPressed !== "true").map(c => c.dataset.verdict));
    for (const li of this.article.querySelectorAll(".differences li")) {
      li.hidden = [li, ...li.querySelectorAll("li")].every(e => off.has(e.dataset.verdict));
    }
    this.ladder.shown = new Set(KINDS.filter(v => !off.has(v)));
    this.ladder.filter();
  }

  // places makes a button of every row in which a difference is seen.
  #places() {
    for (const p of this.article.querySelectorAll("[data-places]")) {
      const rows = this.deck.places.get(Number(p.dataset.places));
      if (!rows) continue;
      const shown = rows.slice(0, 12).map(row => {
        const [a, b] = [REF, TEST].map(side => this.deck.frames[side][row] + 1 || "–");
        const b1 = button(a === b ? `#${a}` : `#${a}|${b}`, "Show it in the ladder", () => this.show(row));
        b1.className = "place";
        return b1;
      });
      p.replaceChildren("seen in ", ...shown.flatMap(b => [b, " "]), rows.length > shown.length ? `and ${number(rows.length - shown.length)} more rows` : "");
    }
  }

  // show opens a row in the ladder and goes there.
  show(row) {
    this.ladder.goRow(row, true);
    this.ladder.element.focus({ preventScroll: true });
    this.#sight();
  }

  // sight brings the ladder, and what is open below it, into the window.
  #sight() { this.find(".workbench").scrollIntoView({ block: "nearest" }); }

  #graphs() {
    const box = this.find(".graphs");
    this.graph = new Graphs(this.deck, this.names, (side, i) => this.show(this.deck.rowOf[side][i]));
    this.graph.show(this.ladder.row);
    box.append(...this.graph.elements);
    box.hidden = false;
  }

  #rules() {
    const bar = this.find(".rules-filter"), select = bar.querySelector("select"), input = bar.querySelector("input");
    const rows = [...this.article.querySelectorAll(".rules tbody tr")];
    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      for (const tr of rows) {
        const g = tr.dataset.group, within = select.value === "" || g === select.value || (select.value === "exercised" && g === "matters");
        tr.hidden = !(within && words.every(w => tr.textContent.toLowerCase().includes(w)));
        if (!tr.hidden) n++;
      }
      bar.querySelector("output").textContent = `${n} of ${rows.length} requirements`;
      this.find(".rules").hidden = n === 0;
    };
    if (this.find(".rules").dataset.broken === "0") select.value = "exercised";
    select.addEventListener("change", apply);
    input.addEventListener("input", apply);
    apply();
  }

  print(begins) { this.ladder.print(begins); }

  // key does what a key stands for, and reports whether it stands for anything.
  key(key) {
    const { ladder, graph } = this;
    if ("dx+=-0".includes(key) && !graph) return false;
    switch (key) {
      case "j": case "ArrowDown": ladder.go(ladder.current + 1); break;
      case "k": case "ArrowUp": ladder.go(ladder.current - 1); break;
      case "PageDown": ladder.go(ladder.current + 15); break;
      case "PageUp": ladder.go(ladder.current - 15); break;
      case "g": case "Home": ladder.go(0); break;
      case "G": case "End": ladder.go(ladder.view.length - 1); break;
      case "n": ladder.step(1); break;
      case "p": ladder.step(-1); break;
      case "Enter": case " ": ladder.toggle(); break;
      case "/": this.search.focus(); this.search.select(); break;
      case "d": graph.turn(1 - graph.dir); return true;
      case "x": graph.along(!graph.zoom.rows); return true;
      case "+": case "=": graph.zoom.by(0.5); return true;
      case "-": graph.zoom.by(2); return true;
      case "0": graph.zoom.reset(); return true;
      case "Escape":
        if (ladder.open !== NONE) this.detail.on.close();
        else if (ladder.view.length !== this.deck.length) this.#unfilter();
        else return false;
        return true;
      default: return false;
    }
    if (key !== "/") {
      ladder.element.focus({ preventScroll: true });
      this.#sight();
    }
    return true;
  }
}
