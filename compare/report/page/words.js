// How things are said, and how elements are made.

function make(tag, kind, ...children) {
  const e = document.createElement(tag);
  if (kind) e.className = kind;
  e.append(...children.filter(c => c !== undefined && c !== null));
  return e;
}

function button(text, title, action) {
  const b = make("button", "", text);
  b.type = "button";
  b.title = title;
  b.addEventListener("click", action);
  return b;
}

function link(text, address) {
  if (!address) return text;
  const a = make("a", "", text);
  a.href = address;
  a.rel = "noreferrer";
  return a;
}

// hidden is for those who listen.
const hidden = text => make("span", "hidden", text);

function badge(d) {
  const glyph = make("b", "", GLYPHS[d.v]);
  glyph.ariaHidden = "true";
  return make("span", "badge " + d.kind, glyph, " " + d.kind);
}

const arrow = dir => (dir === OUT ? "→" : "←");

// duration says nanoseconds with three digits.
function duration(ns) {
  for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]]) {
    if (Math.abs(ns) >= size) return (ns / size).toLocaleString("en", { maximumSignificantDigits: 3, useGrouping: false }) + " " + unit;
  }
  return ns + " ns";
}

const NARROW = "\u2009"; // between groups of digits

function number(n) {
  return n < 10000 ? String(n) : String(n).replace(/\B(?=(\d{3})+$)/g, NARROW);
}

// flagsOf lists the bits that are set, in the order in which people read them.
function flagsOf(flags) {
  return [1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].filter(n => flags >> n & 1).map(n => FLAGS[n]).join(",") || "none";
}

// pieces are a frame's words, each with the fields that it shows.
function pieces(side, i) {
  if (!side.isTCP(i)) return [[side.strings[side.text[i]], ["arp", "icmp", "ip"]]];
  const list = [[flagsOf(side.flags[i]), ["tcp.flags"]], [String(side.seq[i]), ["tcp.seq"]]];
  if (side.payload[i] > 0) list.push(["+" + side.payload[i], ["tcp.len", "tcp.payload"]]);
  if (side.flags[i] & ACK) list.push([" ack " + side.ack[i], ["tcp.ack"]]);
  if (side.window[i] >= 0) list.push([" win " + side.window[i], ["tcp.window_size_value", "tcp.window_size"]]);
  const blocks = side.blocks.get(i);
  if (blocks) list.push([" sack " + blocks.map(b => b.join("–")).join(" "), ["tcp.options.sack"]]);
  if (side.again(i)) list.push([" again", ["tcp.analysis.retransmission", "tcp.analysis.rto", "tcp.analysis.fast_retransmission"]]);
  list[0][0] += " ";
  return list;
}

const plain = (side, i) => pieces(side, i).map(p => p[0]).join("");

// remarks are Wireshark's words for a frame beside those that plain has.
const remarks = (side, i) => side.strings[side.words[i]].split(", ").filter(w => w && w !== "retransmission").map(w => w.replaceAll("_", " ")).join(", ");

// shows reports whether a piece shows a field.
const shows = (piece, field) => piece[1].some(f => field === f || field.startsWith(f + "."));

// shortField is a field's name for the end of a row.
const shortField = field => field.replace(/^tcp\.(options\.|analysis\.)?/, "").replace("timestamp.", "").replace("dsfield.", "");
