// The time–sequence graph in the grammar of tcptrace, both stacks over each
// other, and the small graphs below it.

// traceOf is what one side's graph of one direction is made of, each thing at
// its place on the axis.
function traceOf(side, dir, place) {
  const trace = { bars: [], acks: [], blocks: [], marks: [] };
  let acked = NONE, edge = NONE;
  for (let i = 0; i < side.length; i++) {
    if (!side.isTCP(i)) continue;
    const t = place[i], flags = side.flags[i];
    if (side.dir[i] === dir) {
      const low = side.seq[i], high = low + side.octets(i);
      if (high > low) trace.bars.push({ t, i, low, high, again: side.again(i), push: Boolean(flags & PSH) && side.payload[i] > 0 });
      if (flags & (SYN | FIN | RST) && !side.again(i)) trace.marks.push({ t, i, at: high, text: flags & SYN ? "SYN" : flags & FIN ? "FIN" : "RST" });
      continue;
    }
    if (flags & RST) trace.marks.push({ t, i, at: Math.max(acked, 0), text: "RST" });
    if (!(flags & ACK)) continue;
    const ack = side.ack[i], window = side.window[i];
    trace.acks.push({ t, i, ack, edge: window < 0 ? NONE : ack + window, same: ack === acked && window >= 0 && ack + window === edge && !side.octets(i) });
    if (window === 0 && !(flags & RST)) trace.marks.push({ t, i, at: ack, text: "0" });
    for (const [left, right] of side.blocks.get(i) ?? []) trace.blocks.push({ t, i, low: left, high: right });
    acked = ack;
    edge = ack + window;
  }
  return trace;
}

// Sequence is the large graph.
class Sequence extends Paper {
  constructor(deck, zoom, names) {
    super(zoom, "sequence", "", "octets");
    Object.assign(this, { deck, names, dir: OUT, sides: new Set([REF, TEST]), layers: new Set(["ack", "window", "sack"]), row: NONE });
  }

  // begin takes the places of the frames on the axis.
  begin(places) {
    this.places = places;
    this.traces = this.deck.sides.map((s, n) => [OUT, IN].map(dir => traceOf(s, dir, places[n])));
    this.turn(this.dir);
  }

  turn(dir) {
    this.dir = dir;
    const say = side => { const bars = this.traces[side][dir].bars; return `${this.names[side]} ${bars.length} segments, ${bars.filter(b => b.again).length} of them sent again`; };
    this.canvas.ariaLabel = `Sequence numbers over time, ${dir === OUT ? "client to server" : "server to client"}: ${say(REF)}; ${say(TEST)}`;
    this.soon();
  }

  // range is that of the segments and acknowledgements in sight; the edge of
  // the window may be far above.
  range() {
    if (this.zoom.box) return this.zoom.box;
    let low = Infinity, high = -Infinity;
    const take = (a, b) => { low = Math.min(low, a); high = Math.max(high, b); };
    for (const side of this.sides) {
      const trace = this.traces[side][this.dir];
      visible(trace.bars, this.zoom, b => { if (b.t >= this.zoom.x0 && b.t <= this.zoom.x1) take(b.low, b.high); });
      visible(trace.acks, this.zoom, a => { if (a.t <= this.zoom.x1) take(a.ack, this.layers.has("edge") && a.edge !== NONE ? a.edge : a.ack); });
    }
    if (low > high) [low, high] = [0, 1];
    const room = Math.max((high - low) * 0.06, 0.5);
    return [low - room, high + room * 2];
  }

  content(c) {
    this.#row(c);
    for (const side of this.sides) this.#lines(c, side, this.traces[side][this.dir]);
    for (const side of this.sides) this.#bars(c, side, this.traces[side][this.dir]);
    if (this.layers.has("sack")) for (const side of this.sides) this.#blocks(c, this.traces[side][this.dir].blocks);
    for (const side of this.sides) this.#marks(c, side, this.traces[side][this.dir]);
  }

  // row shows where the current row of the ladder is.
  #row(c) {
    if (this.row === NONE) return;
    c.lineWidth = 5;
    for (const side of this.sides) {
      const i = this.deck.frames[side][this.row];
      if (i === NONE) continue;
      const x = this.x(this.places[side][i]);
      c.strokeStyle = this.color[SIDES[side].name];
      c.globalAlpha = 0.22;
      stroke(c, x, 0, x, this.height);
      c.globalAlpha = 1;
    }
  }

  #lines(c, side, trace) {
    const how = SIDES[side];
    c.strokeStyle = this.color[how.name];
    c.lineWidth = how.line;
    for (const [layer, value, dash] of [["ack", "ack", []], ["window", "edge", [5, 3]]]) {
      if (!this.layers.has(layer)) continue;
      c.setLineDash(dash);
      const steps = new Steps(c);
      visible(trace.acks, this.zoom, a => { if (a[value] !== NONE) steps.to(this.x(a.t), this.y(a[value])); });
      steps.end(Math.min(this.x(this.places[side].at(-1)), this.width));
      c.setLineDash([]);
    }
    if (!this.layers.has("ack")) return;
    let before = -9;
    c.beginPath(); // a duplicate acknowledgement is a tick
    visible(trace.acks, this.zoom, a => {
      const x = this.x(a.t), y = this.y(a.ack);
      if (!a.same || x - before < 2) return;
      before = x;
      c.moveTo(x, y);
      c.lineTo(x, y + 5);
    });
    c.stroke();
  }

  #bars(c, side, trace) {
    const how = SIDES[side], few = [];
    let x0 = NONE, low = 0, high = 0, again = false;
    const flush = () => {
      if (x0 === NONE) return;
      c.strokeStyle = again ? this.color.bad : this.color[how.name];
      c.lineWidth = again ? how.bar + 1 : how.bar;
      stroke(c, x0, Math.max(low, high + 2), x0, high);
    };
    visible(trace.bars, this.zoom, b => {
      const x = Math.round(this.x(b.t) * 2) / 2, bottom = this.y(b.low), top = this.y(b.high);
      if (x === x0 && again === b.again && bottom >= high - 1 && top <= low + 1) {
        low = Math.max(low, bottom);
        high = Math.min(high, top);
      } else {
        flush();
        [x0, low, high, again] = [x, bottom, top, b.again];
      }
      if (few.length < 600) few.push([x, bottom, top, b]);
    });
    flush();
    if (few.length < 600) for (const [x, bottom, top, b] of few) this.#ends(c, how, x, bottom, top, b);
  }

  // ends are what tells a segment of one stack from one of the other, that it
  // was pushed (a diamond) and that it was sent again (an R).
  #ends(c, how, x, bottom, top, b) {
    c.strokeStyle = c.fillStyle = b.again ? this.color.bad : this.color[how.name];
    c.lineWidth = 1.25;
    const w = 3.5, tall = bottom - top > 9;
    c.beginPath();
    if (how.end === "flat") {
      for (const y of tall ? [bottom, top] : [top]) { c.moveTo(x - w, y); c.lineTo(x + w, y); }
    } else {
      c.moveTo(x - w, top + w); c.lineTo(x, top); c.lineTo(x + w, top + w);
      if (tall) { c.moveTo(x - w, bottom - w); c.lineTo(x, bottom); c.lineTo(x + w, bottom - w); }
    }
    c.stroke();
    if (b.push) { c.beginPath(); c.moveTo(x, top - 5); c.lineTo(x + 3, top - 2); c.lineTo(x, top + 1); c.lineTo(x - 3, top - 2); c.fill(); }
    if (b.again) this.#label(c, "R", x + 8, (bottom + top) / 2);
  }

  #blocks(c, blocks) {
    c.strokeStyle = c.fillStyle = this.color.sack;
    c.lineWidth = 1.5;
    let n = 0, before = -9;
    visible(blocks, this.zoom, b => {
      const x = this.x(b.t), bottom = this.y(b.low), top = this.y(b.high);
      c.beginPath();
      c.moveTo(x - 2.5, bottom); c.lineTo(x, bottom); c.lineTo(x, top); c.lineTo(x - 2.5, top);
      c.stroke();
      if (n++ < 300 && x - before > 10) { before = x; this.#label(c, "S", x + 6, top); }
    });
  }

  #marks(c, side, trace) {
    c.fillStyle = this.color[SIDES[side].name];
    let before = -99, height = 0;
    visible(trace.marks, this.zoom, m => {
      const x = this.x(m.t), y = this.y(m.at);
      if (x < 0 || x > this.width || (x - before < 26 && Math.abs(y - height) < 12)) return;
      [before, height] = [x, y];
      this.#label(c, m.text, side === REF ? x - 16 : x + 17, y + 7);
    });
  }

  // label writes a word, inside the graph.
  #label(c, text, x, y) {
    const half = c.measureText(text).width / 2;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillText(text, Math.min(Math.max(x, MARGIN.left + half + 1), this.width - MARGIN.right - half - 1), Math.min(Math.max(y, 7), this.height - MARGIN.bottom - 7));
  }

  // near is the frame that is drawn closest to a point, if one is close.
  near(x, y) {
    let best = null, least = 14;
    const from = this.timeAt(x - least), to = this.timeAt(x + least);
    for (const side of this.sides) {
      const trace = this.traces[side][this.dir];
      const take = (p, low, high) => {
        if (p.t < from || p.t > to) return;
        const up = this.y(low) - y, down = y - this.y(high), off = Math.hypot(this.x(p.t) - x, Math.max(0, -up, -down));
        if (off < least) { least = off; best = { side, i: p.i }; }
      };
      const sight = { x0: from, x1: to };
      visible(trace.acks, sight, a => take(a, a.ack, a.ack));
      visible(trace.blocks, sight, b => take(b, b.low, b.high));
      visible(trace.bars, sight, b => take(b, b.low, b.high));
    }
    return best;
  }
}

// Small is a graph of one number of each side over the same time: a line, and
// points of another list if there is one.
class Small extends Paper {
  constructor(zoom, title, unit) {
    super(zoom, "small", title, unit);
    Object.assign(this, { sides: new Set([REF, TEST]), dir: OUT });
  }

  range() {
    let high = 0;
    for (const side of this.sides) {
      for (const points of [this.lines, this.dots]) {
        if (points) visible(points[side][this.dir], this.zoom, p => { if (p.t <= this.zoom.x1) high = Math.max(high, p.v); });
      }
    }
    return [0, high * 1.1 || 1];
  }

  content(c) {
    for (const side of this.sides) {
      c.strokeStyle = c.fillStyle = this.color[SIDES[side].name];
      c.lineWidth = SIDES[side].line;
      const steps = new Steps(c), list = this.lines[side][this.dir];
      visible(list, this.zoom, p => steps.to(this.x(p.t), this.y(p.v)));
      steps.end(this.x(list.at(-1)?.t ?? 0));
      if (this.dots) this.#dots(c, side);
    }
  }

  // dots are round for the reference and squares for the tested stack, and
  // those on one pixel are drawn once.
  #dots(c, side) {
    let x0 = NONE, y0 = NONE;
    c.beginPath();
    visible(this.dots[side][this.dir], this.zoom, p => {
      const x = this.x(p.t), y = this.y(p.v);
      if (Math.abs(x - x0) < 1 && Math.abs(y - y0) < 1) return;
      [x0, y0] = [x, y];
      c.moveTo(x + 2, y);
      if (side === REF) c.arc(x, y, 2, 0, 7);
      else c.rect(x - 1.8, y - 1.8, 3.6, 3.6);
    });
    c.fill();
  }
}
