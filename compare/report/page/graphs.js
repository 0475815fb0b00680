// All graphs of a comparison: one direction and one zoom for them all, and
// what the pointer does on them.

class Graphs {
  constructor(deck, names, select) {
    Object.assign(this, { deck, names, select, dir: OUT });
    this.zoom = new Zoom();
    this.sequence = new Sequence(deck, this.zoom, names);
    this.small = [["Round trip: samples as points, SRTT (RFC 6298) as a line", "time"], ["Octets in flight", "octets"], ["Receive window of the other end, octets", "octets"]].map(([title, unit]) => new Small(this.zoom, title, unit));
    this.papers = [this.sequence, ...this.small];
    this.tip = make("div", "tip");
    this.tip.hidden = true;
    this.rubber = make("div", "rubber");
    this.rubber.hidden = true;
    this.sequence.canvas.tabIndex = 0;
    this.#pointer(this.sequence.canvas);
    const field = make("div", "field", this.sequence.canvas, this.rubber, this.tip);
    this.elements = [this.#bar(), field, this.#legend(), ...this.small.map(p => make("figure", "", make("figcaption", "", p.canvas.ariaLabel), p.canvas))];
    this.zoom.watchers.push(() => { this.whole.disabled = this.zoom.whole; });
    this.along(false);
  }

  // along lays the frames out by time, or by the rows of the ladder.
  along(rows) {
    this.axes.forEach((b, n) => { b.ariaPressed = String(Boolean(n) === rows); });
    const places = this.deck.sides.map((side, n) => (rows ? this.deck.rowOf[n] : side.time));
    this.sequence.begin(places);
    this.#series(places);
    this.zoom.begin(rows ? this.deck.length - 1 : Math.max(...places.map(p => p.at(-1) ?? 0)), rows);
  }

  // series are the points of the small graphs: from the frames of a direction,
  // or from those that answer them.
  #series(places) {
    const lists = () => [REF, TEST].map(() => [OUT, IN].map(() => []));
    const smooth = lists(), samples = lists(), flights = lists(), windows = lists();
    this.deck.sides.forEach((side, n) => {
      const next = [0, 0];
      for (let i = 0; i < side.length; i++) {
        if (!side.isTCP(i) || side.flags[i] & RST) continue;
        const t = places[n][i], own = side.dir[i], other = 1 - own;
        next[own] = side.next[i];
        if (side.srtt[i] > 0) smooth[n][own].push({ t, v: side.srtt[i] });
        if (side.flight[i] > 0) flights[n][own].push({ t, v: side.flight[i] });
        if (side.rtt[i] > 0) samples[n][other].push({ t, v: side.rtt[i] });
        if (side.window[i] >= 0) windows[n][other].push({ t, v: side.window[i] });
        if (side.flags[i] & ACK && side.ack[i] >= next[other]) flights[n][other].push({ t, v: 0 });
      }
    });
    Object.assign(this.small[0], { lines: smooth, dots: samples });
    this.small[1].lines = flights;
    this.small[2].lines = windows;
  }

  #bar() {
    const ways = this.#choice("Direction", ["client → server", "server → client"], "Data of this direction (d)", n => this.turn(n));
    const axes = this.#choice("Axis", ["by time", "by row"], "Time, or the rows of the ladder in even steps (x)", n => this.along(n === 1));
    [this.ways, this.axes] = [[...ways.children], [...axes.children]];
    this.whole = button("all", "The whole time (0)", () => this.zoom.reset());
    return make("div", "bar", ways, axes,
      this.#check("ref", this.names[REF], true, on => this.#side(REF, on)), this.#check("test", this.names[TEST], true, on => this.#side(TEST, on)),
      ...[["ack", "ACK", true], ["window", "window edge", true], ["sack", "SACK", true], ["edge", "whole window", false]].map(([layer, text, on]) => this.#check("", text, on, yes => this.#layer(layer, yes))),
      make("span", "zoom", button("+", "Closer (+)", () => this.zoom.by(0.5)), button("−", "Wider (-)", () => this.zoom.by(2)), this.whole));
  }

  #choice(label, texts, title, choose) {
    const group = make("div", "ways", ...texts.map((text, n) => {
      const b = button(text, title, () => choose(n));
      b.ariaPressed = String(n === 0);
      return b;
    }));
    group.role = "group";
    group.ariaLabel = label;
    return group;
  }

  #check(kind, text, on, change) {
    const box = make("input");
    box.type = "checkbox";
    box.checked = on;
    box.addEventListener("change", () => change(box.checked));
    return make("label", kind, box, " ", text);
  }

  #side(side, on) {
    for (const p of this.papers) {
      if (on) p.sides.add(side);
      else p.sides.delete(side);
      p.soon();
    }
  }

  #layer(layer, on) {
    if (on) this.sequence.layers.add(layer);
    else this.sequence.layers.delete(layer);
    this.sequence.soon();
  }

  turn(dir) {
    this.dir = dir;
    this.ways.forEach((b, n) => { b.ariaPressed = String(n === dir); });
    this.zoom.box = undefined;
    this.sequence.turn(dir);
    for (const p of this.small) { p.dir = dir; p.soon(); }
  }

  #legend() {
    const p = make("p", "legend");
    for (const [sign, text] of [["I", "segment of " + this.names[REF]], ["↕", "segment of " + this.names[TEST]], ["◆", "PSH"], ["R", "sent again"], ["━", "acknowledged"], ["╍", "edge of the window"], ["ı", "duplicate ACK"], ["] S", "SACK block"], ["0", "window closed"]]) {
      p.append(make("b", sign === "R" ? "bad" : sign === "] S" ? "sack" : sign === "I" ? "ref" : sign === "↕" ? "test" : "", sign), " " + text + " ");
    }
    p.append(make("span", "mouse", make("br"), "Drag to zoom, double-click for all of it; the wheel zooms with Ctrl, or after a click into the graph; a click on a segment opens its frame."));
    return p;
  }

  // show marks the current row of the ladder.
  show(row) {
    this.sequence.row = row ?? NONE;
    this.sequence.soon();
  }

  #pointer(canvas) {
    let from = null;
    const at = e => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
    canvas.addEventListener("pointerdown", e => { if (e.button === 0) { from = at(e); canvas.setPointerCapture(e.pointerId); } });
    canvas.addEventListener("pointermove", e => {
      const [x, y] = at(e);
      if (from && Math.hypot(x - from[0], y - from[1]) > 4) this.#rubber(from, [x, y]);
      else if (!from) this.#hover(x, y);
    });
    canvas.addEventListener("pointerup", e => {
      if (!from) return;
      const start = from, end = at(e);
      from = null;
      const dragged = !this.rubber.hidden;
      this.rubber.hidden = true;
      if (dragged) return this.#box(start, end);
      const hit = this.sequence.near(...end);
      if (hit) this.select(hit.side, hit.i);
    });
    canvas.addEventListener("pointercancel", () => { from = null; this.rubber.hidden = true; });
    canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    canvas.addEventListener("dblclick", () => this.zoom.reset());
    canvas.addEventListener("wheel", e => {
      if (!e.ctrlKey && document.activeElement !== canvas) return;
      e.preventDefault();
      if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) this.zoom.pan(e.deltaX / this.sequence.width);
      else this.zoom.by(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 300))), this.sequence.timeAt(at(e)[0]));
    }, { passive: false });
    canvas.addEventListener("keydown", e => {
      const d = { ArrowLeft: -0.2, ArrowRight: 0.2 }[e.key];
      if (!d) return;
      this.zoom.pan(d);
      e.preventDefault();
    });
  }

  #rubber(a, b) {
    const flat = Math.abs(a[1] - b[1]) < 14, s = this.rubber.style;
    this.tip.hidden = true;
    this.rubber.hidden = false;
    s.left = Math.min(a[0], b[0]) + "px";
    s.width = Math.abs(a[0] - b[0]) + "px";
    s.top = (flat ? 0 : Math.min(a[1], b[1])) + "px";
    s.height = (flat ? this.sequence.height - MARGIN.bottom : Math.abs(a[1] - b[1])) + "px";
  }

  // box zooms to what was dragged over: to the time alone if the drag was
  // level.
  #box(a, b) {
    const g = this.sequence, [x0, x1] = [a[0], b[0]].map(x => g.timeAt(x)).sort((p, q) => p - q);
    if (Math.abs(a[0] - b[0]) < 4) return;
    const box = Math.abs(a[1] - b[1]) < 14 ? undefined : [a[1], b[1]].map(y => g.valueAt(y)).sort((p, q) => p - q);
    this.zoom.set(x0, x1, box);
  }

  #hover(x, y) {
    const hit = this.sequence.near(x, y);
    this.tip.hidden = !hit;
    this.sequence.canvas.classList.toggle("on", Boolean(hit));
    if (!hit) return;
    const side = this.deck.sides[hit.side];
    this.tip.replaceChildren(make("b", hit.side === REF ? "ref" : "test", `${this.names[hit.side]} #${hit.i + 1}`), ` ${duration(side.time[hit.i])} ${arrow(side.dir[hit.i])} ${plain(side, hit.i)}`);
    const right = x > this.sequence.width / 2;
    Object.assign(this.tip.style, { left: right ? "auto" : x + 12 + "px", right: right ? this.sequence.width - x + 12 + "px" : "auto", top: Math.max(0, y - 30) + "px" });
  }
}
