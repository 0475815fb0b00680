// What is inside a row: its differences, what is known of the connection at
// that moment, every field of both frames, and their bytes.

class Detail {
  constructor(deck, element, names, on) {
    Object.assign(this, { deck, element, names, on });
  }

  close() {
    this.row = NONE;
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  async show(row) {
    this.row = row;
    const { deck } = this, frames = [REF, TEST].map(side => deck.frames[side][row]);
    const bytes = await Promise.all([REF, TEST].map(side => (frames[side] === NONE ? null : deck.bytes(side, frames[side]))));
    if (this.row !== row) return; // another one was opened meanwhile
    const found = deck.at(row);
    const fields = [REF, TEST].map(side => (bytes[side] ? dissect(bytes[side], deck.sides[side], frames[side]) : []));
    const lines = this.#pair(fields, found);
    this.element.replaceChildren(
      this.#head(row, frames), make("div", "inside", make("div", "left", ...this.#found(found), this.#fields(lines)),
        make("div", "dumps", ...[REF, TEST].filter(side => bytes[side]).map(side => this.#dump(side, frames[side], bytes[side], lines)))));
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }

  #head(row, frames) {
    const at = side => (frames[side] === NONE ? "no frame" : `#${frames[side] + 1} after ${duration(this.deck.sides[side].time[frames[side]])}`);
    return make("div", "detail-head",
      make("h4", "", make("span", "ref", `${this.names[REF]} ${at(REF)}`), " ", make("span", "test", `${this.names[TEST]} ${at(TEST)}`)),
      button("▲", "Previous difference (p)", () => this.on.step(-1)), button("▼", "Next difference (n)", () => this.on.step(1)),
      button("✕", "Close (Esc)", () => this.on.close()));
  }

  #found(found) {
    if (!found.length) return [make("p", "soft", "No difference.")];
    return found.sort((a, b) => b.v - a.v).map(d => make("div", "found " + d.kind,
      make("p", "what", badge(d), " ", make("strong", "", d.title), d.by ? ` by ${d.by}` : ""),
      make("p", "values", make("span", "ref", d.values[REF]), " ", make("span", "test", d.values[TEST])),
      d.finding ? make("p", "", d.finding) : null,
      make("p", "why", link(d.clause, d.link), d.clause ? ": " : "", d.reason)));
  }

  // pair puts the fields of both frames into lines, one a field, in the order
  // of the headers.
  #pair(fields, found) {
    const lines = [], seen = new Map();
    for (const side of [REF, TEST]) {
      const count = new Map();
      let after = -1;
      for (const f of fields[side]) {
        const n = count.get(f.name) ?? 0, key = f.name + " " + n;
        count.set(f.name, n + 1);
        let line = seen.get(key);
        if (!line) {
          line = { ...f, of: [null, null] };
          seen.set(key, line);
          lines.splice(after + 1, 0, line);
        }
        after = lines.indexOf(line);
        line.of[side] = f;
      }
    }
    for (const line of lines) {
      line.verdict = Math.max(0, ...found.filter(d => concerns(d.field, line.name)).map(d => d.v));
      const [x, y] = line.of;
      line.other = !line.verdict && x && y && x.value !== y.value;
    }
    return lines;
  }

  #fields(lines) {
    const body = make("tbody");
    let group = "";
    for (const line of lines) {
      if (line.group !== group) {
        const head = make("th", "", (group = line.group));
        head.colSpan = 4;
        head.scope = "rowgroup";
        body.append(make("tr", "group", head));
      }
      const name = make("th", "", line.label);
      name.scope = "row";
      name.title = line.name;
      const mark = make("td", "mark " + VERDICTS[line.verdict], line.verdict ? GLYPHS[line.verdict] : line.other ? "·" : "", line.other ? hidden("differs") : "");
      const tr = make("tr", line.verdict ? "lit " + VERDICTS[line.verdict] : line.other ? "free" : "", name, make("td", "ref", line.of[REF]?.value ?? ""), mark, make("td", "test", line.of[TEST]?.value ?? ""));
      tr.addEventListener("pointerenter", () => this.#point(line, true));
      tr.addEventListener("pointerleave", () => this.#point(line, false));
      body.append(tr);
    }
    const head = make("thead", "", make("tr", "", make("td"), ...[["ref", this.names[REF]], ["", ""], ["test", this.names[TEST]]].map(([kind, text]) => make(text ? "th" : "td", kind, text))));
    return make("div", "scroll", make("table", "fields", head, body));
  }

  // point shows where in the bytes a field is.
  #point(line, on) {
    for (const side of [REF, TEST]) {
      const f = line.of[side];
      for (let k = f?.from ?? 0; f && k < f.from + f.size; k++) {
        for (const e of this.element.querySelectorAll(`.dump.${side === REF ? "ref" : "test"} [data-k="${k}"]`)) e.classList.toggle("here", on);
      }
    }
  }

  // dump is the bytes, in hex and as text, those of differing fields lit.
  #dump(which, i, bytes, lines) {
    const side = this.deck.sides[which], lit = new Array(bytes.length).fill(""), label = [];
    for (const line of lines) {
      const f = line.of[which];
      for (let k = f?.from ?? 0; f && k < f.from + f.size; k++) {
        label[k] = f.group + ": " + f.label;
        if (line.verdict) lit[k] = "lit " + VERDICTS[line.verdict];
        else if (line.other && !lit[k]) lit[k] = "free";
      }
    }
    const pre = make("pre", "");
    const wide = matchMedia("(max-width: 44rem)").matches ? 8 : 16;
    for (let at = 0; at < bytes.length; at += wide) {
      pre.append(make("i", "", at.toString(16).padStart(4, "0") + " "));
      const hex = [], text = [];
      for (let k = at; k < Math.min(at + wide, bytes.length); k++) {
        const b = bytes[k], one = make("span", lit[k], b.toString(16).padStart(2, "0")), two = make("span", lit[k], b >= 32 && b < 127 ? String.fromCharCode(b) : "·");
        one.title = label[k] ?? "";
        one.dataset.k = two.dataset.k = k;
        hex.push(" ", one);
        text.push(two);
      }
      pre.append(...hex, "   ".repeat(wide - text.length) + "  ", ...text, "\n");
    }
    const left = side.wire[i] - bytes.length;
    if (left > 0) pre.append(make("i", "", `… ${number(left)} bytes more, not in this page`));
    pre.tabIndex = 0;
    pre.ariaLabel = `Bytes of ${this.names[which]} #${i + 1}`;
    pre.role = "region";
    return make("div", "dump " + (which === REF ? "ref" : "test"), make("h5", "", this.names[which]), pre);
  }
}
