// The two ladders side by side. Only the rows in sight are elements, so that
// fifty thousand scroll like fifty.

class Ladder {
  constructor(deck, element, names, on) {
    Object.assign(this, { deck, element, names, on });
    this.rows = new Map(); // elements, by position in the view
    this.current = 0; // position in the view
    this.open = NONE; // row
    this.shown = new Set(KINDS);
    this.words = [];
    this.sizer = make("div", "sizer");
    this.sizer.role = "rowgroup";
    element.append(this.sizer);
    element.role = "grid";
    element.tabIndex = 0;
    element.ariaLabel = `Frames of ${names[REF]} and ${names[TEST]}`;
    element.ariaColCount = "3";
    this.filter();
    element.addEventListener("scroll", () => this.soon(), { passive: true });
    element.addEventListener("click", e => this.#clicked(e));
    new ResizeObserver(() => this.measure()).observe(element);
  }

  // measure learns how high a row is, which depends on the width of the page.
  measure() {
    const height = parseFloat(getComputedStyle(this.element).getPropertyValue("--row"));
    if (height === this.height) return this.soon();
    const top = this.height ? this.element.scrollTop / this.height : 0;
    this.height = height;
    this.redraw();
    this.element.scrollTop = top * height;
  }

  // filter takes the rows that have all of the words and one of the verdicts.
  filter() {
    const { deck, words } = this, row = this.row;
    const everything = words.length === 0 && this.shown.size === KINDS.length;
    if (words.length && !this.texts) this.texts = Array.from({ length: deck.length }, (_, r) => this.#text(r));
    const rows = [];
    for (let r = 0; r < deck.length; r++) {
      if (everything || (this.#allowed(r) && words.every(w => this.texts[r].includes(w)))) rows.push(r);
    }
    this.view = rows;
    this.element.ariaRowCount = String(rows.length);
    this.current = Math.max(0, row === undefined ? 0 : rows.findIndex(r => r >= row));
    if (this.height) this.redraw();
    this.on.filtered?.(rows.length, deck.length);
  }

  #allowed(row) {
    if (this.shown.has(VERDICTS[this.deck.verdict[row]])) return true;
    for (let k = this.deck.start[row]; k < this.deck.start[row + 1]; k++) {
      if (this.shown.has(this.deck.differences[this.deck.found[5 * k + 1]].kind)) return true;
    }
    return false;
  }

  // text is what a filter searches.
  #text(row) {
    const parts = [];
    for (const side of [REF, TEST]) {
      const i = this.deck.frames[side][row], s = this.deck.sides[side];
      if (i !== NONE) parts.push(`#${i + 1} `, s.roleOf(i), plain(s, i), s.strings[s.note[i]], remarks(s, i));
    }
    for (let k = this.deck.start[row]; k < this.deck.start[row + 1]; k++) {
      const d = this.deck.differences[this.deck.found[5 * k + 1]];
      parts.push(d.kind, d.title, d.clause, d.by);
    }
    return parts.join(" ").toLowerCase();
  }

  get row() { return this.view?.[this.current]; }

  redraw() {
    this.rows.forEach(e => e.remove());
    this.rows.clear();
    this.sizer.style.height = this.view.length * this.height + "px";
    this.draw();
  }

  soon() {
    this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
  }

  // draw makes the rows in sight and drops those that are not.
  draw() {
    const { element, height } = this;
    if (!height || this.printing) return;
    const from = Math.max(0, Math.floor(element.scrollTop / height) - 12);
    const to = Math.min(this.view.length, Math.ceil((element.scrollTop + element.clientHeight) / height) + 12);
    for (const [at, e] of this.rows) if (at < from || at >= to) { e.remove(); this.rows.delete(at); }
    let after = null;
    for (let at = to - 1; at >= from; at--) {
      let e = this.rows.get(at);
      if (!e) {
        e = this.#make(at);
        this.rows.set(at, e);
        this.sizer.insertBefore(e, after);
      }
      after = e;
    }
    this.#mark();
  }

  #make(at) {
    const row = this.view[at], v = this.deck.verdict[row], found = this.deck.at(row);
    const glyph = this.deck.glyph(row), mark = make("div", "mark " + VERDICTS[v], glyph);
    mark.role = "gridcell";
    mark.ariaLabel = { "*": "other order", "-": "missing", "+": "extra" }[glyph] ?? VERDICTS[v];
    const e = make("div", "row " + VERDICTS[v], this.#cell(REF, row, found), mark, this.#cell(TEST, row, found));
    e.role = "row";
    e.id = `${this.element.id}-${at}`;
    e.ariaRowIndex = String(at + 1);
    e.style.transform = `translateY(${at * this.height}px)`;
    e.dataset.at = at;
    return e;
  }

  // cell is one frame, its differing fields marked; those that no word of it
  // shows stand at its end.
  #cell(which, row, found) {
    const i = this.deck.frames[which][row], kind = which === REF ? "ref" : "test";
    const cell = make("div", "cell " + kind);
    cell.role = "gridcell";
    if (i === NONE) {
      cell.classList.add("gap");
      cell.append(make("span", "x", "—"), hidden("no frame"));
      return cell;
    }
    const side = this.deck.sides[which], text = make("span", "x"), list = pieces(side, i);
    for (const piece of list) {
      const worst = Math.max(0, ...found.filter(d => shows(piece, d.field) || (d.field.startsWith("tcp.flags") && piece[1][0] === "tcp.flags")).map(d => d.v));
      text.append(worst ? make("mark", VERDICTS[worst], piece[0].trim()) : piece[0]);
      if (worst) text.append(piece[0].endsWith(" ") ? " " : "");
      if (worst && piece[0].startsWith(" ")) text.lastElementChild.before(" ");
    }
    const others = new Map();
    for (const d of found) {
      if (d.field !== "frame" && !list.some(p => shows(p, d.field)) && !d.field.startsWith("tcp.flags")) others.set(shortField(d.field), Math.max(d.v, others.get(shortField(d.field)) ?? 0));
    }
    for (const [name, v] of others) text.append(" ", make("mark", "aside " + VERDICTS[v], name));
    const said = remarks(side, i);
    if (said) text.append(make("span", "soft", " " + said));
    cell.append(make("span", "n", String(i + 1)), make("span", "t", duration(side.time[i])), make("span", "a", arrow(side.dir[i])), text);
    return cell;
  }

  // mark shows which row is current, and which is open.
  #mark() {
    for (const [at, e] of this.rows) {
      e.classList.toggle("current", at === this.current);
      e.classList.toggle("open", this.view[at] === this.open);
      e.ariaSelected = String(at === this.current);
      e.ariaExpanded = String(this.view[at] === this.open);
    }
    const e = this.rows.get(this.current);
    if (e) this.element.setAttribute("aria-activedescendant", e.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  #clicked(e) {
    const row = e.target.closest(".row");
    if (!row || String(getSelection()).length) return;
    this.go(Number(row.dataset.at));
    this.toggle();
  }

  // go makes a position of the view the current one and brings it into sight.
  go(at) {
    if (this.view.length === 0) return;
    this.current = Math.min(Math.max(at, 0), this.view.length - 1);
    this.reveal();
    this.draw();
    if (this.open !== NONE) this.#opened(this.row);
    this.on.current?.(this.row);
  }

  reveal() {
    const { element, height, current } = this;
    const top = current * height, room = element.clientHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + room) element.scrollTop = top + height - room;
  }

  // goRow makes a row the current one, and shows it even if the filter did not.
  goRow(row, open) {
    let at = this.view.indexOf(row);
    if (at < 0) {
      this.on.unfilter();
      at = this.view.indexOf(row);
    }
    this.go(at);
    if (open && this.open !== row) this.toggle();
  }

  // step goes to the next row that differs, or the one before.
  step(by) {
    for (let at = this.current + by; at >= 0 && at < this.view.length; at += by) {
      if (this.deck.verdict[this.view[at]]) return this.go(at);
    }
  }

  toggle() {
    if (this.row !== undefined) this.#opened(this.open === this.row ? NONE : this.row);
  }

  close() { this.#opened(NONE); }

  #opened(row) {
    this.open = row;
    this.on.opened?.(row);
    this.reveal();
    this.draw();
  }

  // print makes as many rows as paper bears.
  print(begins) {
    this.printing = false;
    this.redraw();
    if (!begins) return;
    this.printing = true;
    this.rows.forEach(e => e.remove());
    this.rows.clear();
    for (let at = 0; at < Math.min(this.view.length, 2000); at++) {
      const e = this.#make(at);
      this.rows.set(at, e);
      this.sizer.append(e);
    }
  }
}
