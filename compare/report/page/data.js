// The data of a comparison: columns of numbers that came compressed.

const REF = 0, TEST = 1, OUT = 0, IN = 1, NONE = -1;
const VERDICTS = ["same", "permitted", "noise", "artefact", "deviation", "unspecified", "violation"];
const KINDS = [...VERDICTS, "known"]; // what one filters by
const GLYPHS = "=~~~?!!";
const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32;
const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE", "R2", "R1", "R0"];
const TCP = 1;

// inflate gives what was compressed as the body of a response, which can be
// read as bytes or as JSON.
function inflate(base64) {
  const text = atob(base64), packed = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) packed[i] = text.charCodeAt(i);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")));
}

// Side is one conversation.
class Side {
  constructor(columns, strings) {
    for (const name in columns) this[name] = columns[name] ?? [];
    this.strings = strings;
    this.length = this.dir.length;
    const time = new Float64Array(this.length);
    for (let i = 0, at = 0; i < time.length; i++) time[i] = at += this.time[i];
    this.time = time;
    this.blocks = new Map(); // of SACK, by frame
    for (let k = 0; k < this.sack.length; k += 3) {
      const i = this.sack[k];
      if (!this.blocks.has(i)) this.blocks.set(i, []);
      this.blocks.get(i).push([this.sack[k + 1], this.sack[k + 2]]);
    }
    this.repeats = new Set(); // roles
    strings.forEach((text, n) => { if (text.endsWith("retransmission")) this.repeats.add(n); });
  }

  isTCP(i) { return this.kind[i] === TCP; }
  octets(i) { return this.payload[i] + (this.flags[i] & SYN ? 1 : 0) + (this.flags[i] & FIN ? 1 : 0); }
  roleOf(i) { return this.strings[this.role[i]]; }
  again(i) { return this.repeats.has(this.role[i]); }
}

// Deck is a comparison: both sides, the rows in which they stand beside each
// other, and what was found in each row.
class Deck {
  constructor(deck, packedBytes) {
    this.strings = deck.strings;
    this.sides = deck.sides.map(s => new Side(s, deck.strings));
    // What is known and accepted is no cause for alarm.
    this.differences = [null, ...deck.differences.map(d => ({ ...d, kind: d.known ? "known" : VERDICTS[d.v], v: d.known ? 1 : d.v }))];
    const rows = deck.rows, n = rows.verdict?.length ?? 0;
    this.length = n;
    this.frames = [Int32Array.from(rows.ref ?? []), Int32Array.from(rows.test ?? [])]; // by side and row
    this.verdict = Uint8Array.from(rows.verdict ?? []);
    this.moved = new Set(rows.moved);
    this.rowOf = this.sides.map(s => new Int32Array(s.length).fill(NONE)); // by side and frame
    for (const side of [REF, TEST]) this.frames[side].forEach((i, row) => { if (i !== NONE) this.rowOf[side][i] = row; });
    this.#index(Int32Array.from(rows.found));
    this.packedBytes = packedBytes;
  }

  // index sorts what was found by row: of row r it is found[start[r]] to
  // found[start[r+1]], five numbers each.
  #index(list) {
    this.start = new Int32Array(this.length + 2);
    for (let k = 0; k < list.length; k += 5) this.start[list[k] + 2]++;
    for (let r = 2; r < this.start.length; r++) this.start[r] += this.start[r - 1];
    this.found = new Int32Array(list.length);
    for (let k = 0; k < list.length; k += 5) {
      const to = 5 * this.start[list[k] + 1]++;
      for (let n = 0; n < 5; n++) this.found[to + n] = list[k + n];
    }
    this.places = new Map(); // rows, by difference
    for (let k = 0; k < this.found.length; k += 5) {
      const d = this.found[k + 1];
      if (!this.places.has(d)) this.places.set(d, []);
      const rows = this.places.get(d);
      if (rows.at(-1) !== this.found[k]) rows.push(this.found[k]);
    }
  }

  // at lists what was found in a row.
  at(row) {
    const list = [];
    for (let k = this.start[row]; k < this.start[row + 1]; k++) {
      const [, n, ref, test, finding] = this.found.subarray(5 * k, 5 * k + 5);
      list.push({ n, ...this.differences[n], values: [this.strings[ref], this.strings[test]], finding: this.strings[finding] });
    }
    return list;
  }

  glyph(row) {
    if (this.moved.has(row)) return "*";
    const v = this.verdict[row];
    if (v <= 3 && this.frames[TEST][row] === NONE) return "-";
    if (v <= 3 && this.frames[REF][row] === NONE) return "+";
    return GLYPHS[v];
  }

  // bytes are those of a frame that the page has. The first call unpacks them
  // all.
  async bytes(side, i) {
    this.unpacked ??= inflate(this.packedBytes).arrayBuffer().then(buffer => {
      const all = new Uint8Array(buffer);
      let at = 0;
      this.from = this.sides.map(s => Float64Array.from(s.kept, n => { const from = at; at += n; return from; }));
      return all;
    });
    const all = await this.unpacked, from = this.from[side][i];
    return all.subarray(from, from + this.sides[side].kept[i]);
  }
}

async function unpack(element) {
  const data = JSON.parse(element.textContent);
  element.textContent = "";
  return new Deck(await inflate(data.deck).json(), data.bytes);
}
