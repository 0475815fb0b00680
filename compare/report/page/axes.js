// The common axis of all graphs of a comparison, and the paper that each of
// them is drawn on. The axis is time, or the rows of the ladder in even steps:
// then idle time takes no room, and frames that stand beside each other in the
// ladder stand above each other.

// Zoom is what part of the axis is looked at, and of the numbers if somebody
// chose a box.
class Zoom {
  constructor() { this.watchers = []; }

  // begin takes another axis, which ends at last.
  begin(last, rows) {
    Object.assign(this, { last: Math.max(last, 1), rows });
    this.reset();
  }

  reset() { this.set(-this.last * 0.02, this.last * 1.02); }

  set(x0, x1, box) {
    const least = Math.min(this.rows ? 4 : 1000, this.last / 10); // a microsecond is enough
    if (x1 - x0 < least) { const mid = (x0 + x1) / 2; x0 = mid - least / 2; x1 = mid + least / 2; }
    const most = this.last * 1.04;
    if (x1 - x0 > most) { x0 = -this.last * 0.02; x1 = x0 + most; }
    if (x0 < -this.last * 0.02) { x1 += -this.last * 0.02 - x0; x0 = -this.last * 0.02; }
    if (x1 > this.last * 1.02) { x0 -= x1 - this.last * 1.02; x1 = this.last * 1.02; }
    Object.assign(this, { x0, x1, box });
    for (const w of this.watchers) w();
  }

  // by zooms with one moment held still.
  by(factor, at = (this.x0 + this.x1) / 2) { this.set(at - (at - this.x0) * factor, at + (this.x1 - at) * factor); }
  pan(share) { const d = (this.x1 - this.x0) * share; this.set(this.x0 + d, this.x1 + d, this.box); }
  get whole() { return !this.box && this.x1 - this.x0 >= this.last * 1.039; }
}

// ticks are round numbers between two, about so many.
function ticks(from, to, about) {
  const raw = (to - from) / about, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw);
  const list = [];
  for (let k = Math.ceil(from / step); k * step <= to; k++) list.push(k * step);
  return list;
}

function octets(n) {
  for (const [unit, size, from] of [["M", 1e6, 1e6], ["k", 1e3, 1e4]]) if (Math.abs(n) >= from) return number(+(n / size).toFixed(2)) + unit;
  return number(+n.toFixed(2));
}

const MARGIN = { left: 58, right: 10, top: 8, bottom: 20 };

// Paper is one canvas with its axes.
class Paper {
  constructor(zoom, kind, label, unit) {
    Object.assign(this, { zoom, unit });
    this.canvas = make("canvas", kind);
    this.canvas.role = "img";
    this.canvas.ariaLabel = label;
    this.context = this.canvas.getContext("2d");
    zoom.watchers.push(() => this.soon());
    new ResizeObserver(() => this.soon()).observe(this.canvas);
    for (const q of ["(prefers-color-scheme: dark)", "print"]) matchMedia(q).addEventListener("change", () => this.soon());
  }

  soon() { this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.draw(); }); }

  x(t) { return MARGIN.left + (t - this.zoom.x0) / (this.zoom.x1 - this.zoom.x0) * (this.width - MARGIN.left - MARGIN.right); }
  y(v) { return this.height - MARGIN.bottom - (v - this.y0) / (this.y1 - this.y0) * (this.height - MARGIN.top - MARGIN.bottom); }
  timeAt(x) { return this.zoom.x0 + (x - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right) * (this.zoom.x1 - this.zoom.x0); }
  valueAt(y) { return this.y0 + (this.height - MARGIN.bottom - y) / (this.height - MARGIN.top - MARGIN.bottom) * (this.y1 - this.y0); }

  // draw measures, draws the axes, and lets the graph draw the rest.
  draw() {
    const { canvas, context: c } = this, ratio = devicePixelRatio || 1;
    [this.width, this.height] = [canvas.clientWidth, canvas.clientHeight];
    if (!this.width || !this.height) return;
    canvas.width = Math.round(this.width * ratio);
    canvas.height = Math.round(this.height * ratio);
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(canvas);
    this.color = Object.fromEntries(["fg", "soft", "line", "ref", "test", "bad", "sack", "bg"].map(n => [n, style.getPropertyValue("--" + n).trim()]));
    c.font = "11px " + style.getPropertyValue("--mono");
    [this.y0, this.y1] = this.range();
    this.#axes();
    c.save();
    c.beginPath();
    c.rect(MARGIN.left, 0, this.width - MARGIN.left - MARGIN.right, this.height - MARGIN.bottom + 4);
    c.clip();
    this.content(c);
    c.restore();
  }

  #axes() {
    const { context: c, width, height, zoom } = this;
    c.strokeStyle = this.color.line;
    c.fillStyle = this.color.soft;
    c.lineWidth = 1;
    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const v of ticks(this.y0, this.y1, Math.max(2, height / 55))) {
      if (this.unit === "octets" && !Number.isInteger(v)) continue;
      const y = Math.round(this.y(v)) + 0.5;
      stroke(c, MARGIN.left, y, width - MARGIN.right, y);
      c.fillText(this.unit === "time" ? duration(Math.round(v)) : octets(v), MARGIN.left - 6, y);
    }
    c.textAlign = "center";
    c.textBaseline = "alphabetic";
    const first = zoom.rows ? 1 : 0; // rows count from 1
    for (const tick of ticks(Math.max(zoom.x0, 0) + first, zoom.x1 + first, Math.max(2, width / 130))) {
      if (zoom.rows && !Number.isInteger(tick)) continue;
      const t = tick - first;
      const x = Math.round(this.x(t)) + 0.5;
      if (x > width - 24) continue;
      stroke(c, x, height - MARGIN.bottom, x, height - MARGIN.bottom + 4);
      c.fillText(zoom.rows ? "row " + tick : tickTime(t, zoom.x1 - zoom.x0), x, height - 5);
    }
    stroke(c, MARGIN.left, height - MARGIN.bottom + 0.5, width - MARGIN.right, height - MARGIN.bottom + 0.5);
  }
}

// tickTime says a moment as exactly as the span needs.
function tickTime(t, span) {
  const [unit, size] = span >= 2e9 ? ["s", 1e9] : span >= 2e6 ? ["ms", 1e6] : ["µs", 1e3];
  return +(t / size).toFixed(3) + " " + unit;
}

function stroke(c, x0, y0, x1, y1) {
  c.beginPath();
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
  c.stroke();
}

// SIDES is how each stack is drawn: by colour, by the width of its lines, and
// by the ends of its bars.
const SIDES = [{ name: "ref", line: 1, bar: 1.5, end: "flat" }, { name: "test", line: 1.75, bar: 2.25, end: "arrow" }];

// Steps draws a line that keeps its height until the next point, with what
// falls on one pixel drawn once.
class Steps {
  constructor(c) {
    this.c = c;
    c.beginPath();
  }

  to(x, y) {
    if (this.x === undefined) this.c.moveTo(x, y);
    else if (x - this.x < 0.4 && Math.abs(y - this.y) < 0.4) return;
    else {
      this.c.lineTo(x, this.y);
      this.c.lineTo(x, y);
    }
    this.x = x;
    this.y = y;
  }

  end(x) {
    if (this.x !== undefined && x > this.x) this.c.lineTo(x, this.y);
    this.c.stroke();
  }
}

// visible calls f for the points in sight, and for the last one before them
// and the first one after, so that lines go on to the edge.
function visible(points, zoom, f) {
  let from = 0;
  for (let step = 1 << 20; step; step >>= 1) if (from + step < points.length && points[from + step].t < zoom.x0) from += step;
  for (let k = from; k < points.length; k++) {
    f(points[k]);
    if (points[k].t > zoom.x1) return;
  }
}
