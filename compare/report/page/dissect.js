// A dissector for the eye: every field of a frame with the bytes it stands in.
// It judges nothing; the verdicts come with the page.

// Fields collects them in their order.
class Fields {
  constructor(bytes, side, i) {
    this.list = [];
    this.group = "";
    Object.assign(this, { bytes, side, i });
  }

  // add notes a field: its name as Wireshark's filters have it, its value, and
  // where it is. Fields that are free by design are not worth a mark.
  add(name, label, value, from, size, free) {
    if (from + size <= this.bytes.length || size === 0) this.list.push({ group: this.group, name, label, value: String(value), from, size, free: Boolean(free) });
  }

  uint(from, size) {
    let v = 0;
    for (let k = from; k < from + size; k++) v = v * 256 + (this.bytes[k] ?? 0);
    return v;
  }

  hex(from, size) { return "0x" + this.uint(from, size).toString(16).padStart(2 * size, "0"); }
  mac(from) { return Array.from(this.bytes.subarray(from, from + 6), b => b.toString(16).padStart(2, "0")).join(":"); }
  v4(from) { return Array.from(this.bytes.subarray(from, from + 4)).join("."); }

  v6(from) {
    const words = Array.from({ length: 8 }, (_, n) => this.uint(from + 2 * n, 2).toString(16)).join(":");
    const zeros = words.match(/\b0(:0)+\b/g)?.sort((a, b) => b.length - a.length)[0];
    return zeros ? words.replace(zeros, "::").replace(/:{3,}/, "::") : words;
  }
}

const LINK_ETHERNET = 1;
const ETHERTYPES = { 0x0800: "IPv4", 0x0806: "ARP", 0x86dd: "IPv6", 0x8100: "802.1Q", 0x88a8: "802.1ad" };
const PROTOCOLS = { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 0: "hop-by-hop options", 43: "routing", 44: "fragment", 60: "destination options" };
const named = (table, value) => (table[value] ? `${table[value]} (${value})` : String(value));

function dissect(bytes, side, i) {
  const f = new Fields(bytes, side, i);
  f.group = "Frame";
  f.add("frame", "what it is", side.roleOf(i), 0, 0);
  f.add("frame.len", "length on the wire", side.wire[i] + " bytes", 0, 0);
  const noted = side.strings[side.note[i]];
  if (noted) f.add("frame.notes", "noticed", noted, 0, 0);
  inferred(f);
  if (side.link === LINK_ETHERNET) ethernet(f);
  const ip = side.ip[i];
  if (side.kind[i] === 2) arp(f, ip);
  else if (bytes[ip] >> 4 === 4 && ip < bytes.length) ipv4(f, ip);
  else if (bytes[ip] >> 4 === 6 && ip < bytes.length) ipv6(f, ip, side.l4[i]);
  if (side.isTCP(i)) tcp(f, side.l4[i]);
  else if (side.kind[i] === 3 || side.kind[i] === 4) icmp(f, side.l4[i]);
  return f.list;
}

// inferred is what the frames so far imply of the two ends; the numbers are
// those of the frame's sender.
function inferred(f) {
  const { side, i } = f, text = n => side.strings[n];
  f.group = "Connection after it, as the frames imply";
  const ends = [side.client, side.server].map(column => text(column[i]) || "unknown");
  f.add("state", "client, server", ends.join(", "), 0, 0);
  if (!side.isTCP(i)) return;
  const sender = side.dir[i] === OUT ? "client's " : "server's ";
  f.add("una", sender + "SND.UNA, SND.NXT", `${side.una[i]}, ${side.next[i]}`, 0, 0);
  f.add("rcv", sender + "RCV.NXT", side.rcv[i], 0, 0);
  f.add("sndwnd", sender + "SND.WND", side.sndwnd[i] < 0 ? "unknown" : number(side.sndwnd[i]), 0, 0);
  if (side.flight[i]) f.add("tcp.analysis.bytes_in_flight", "octets in flight", number(side.flight[i]), 0, 0);
  if (side.rtt[i]) f.add("tcp.analysis.ack_rtt", "round trip of what it acknowledges", duration(side.rtt[i]), 0, 0);
  f.add("tcp.analysis.rto", sender + "SRTT, RTO", `${side.srtt[i] ? duration(side.srtt[i]) : "–"}, ${duration(side.rto[i])}`, 0, 0);
  if (text(side.why[i])) f.add("tcp.analysis.retransmission", "sent again by", text(side.why[i]), 0, 0);
  if (text(side.words[i])) f.add("tcp.analysis", "tcp.analysis", text(side.words[i]), 0, 0);
}

function ethernet(f) {
  f.group = "Ethernet";
  f.add("eth.dst", "destination", f.mac(0), 0, 6, true);
  f.add("eth.src", "source", f.mac(6), 6, 6, true);
  let at = 12;
  for (; [0x8100, 0x88a8].includes(f.uint(at, 2)) && at < 24; at += 4) {
    f.add("vlan", "VLAN tag", `${ETHERTYPES[f.uint(at, 2)]}, ${f.uint(at + 2, 2) & 0xfff}`, at, 4);
  }
  f.add("eth.type", "type", named(ETHERTYPES, f.uint(at, 2)), at, 2);
}

function arp(f, at) {
  f.group = "ARP";
  f.add("arp.opcode", "operation", named({ 1: "request", 2: "reply" }, f.uint(at + 6, 2)), at + 6, 2);
  f.add("arp.src.hw_mac", "sender's MAC", f.mac(at + 8), at + 8, 6, true);
  f.add("arp.src", "sender's address", f.v4(at + 14), at + 14, 4, true);
  f.add("arp.dst.hw_mac", "target's MAC", f.mac(at + 18), at + 18, 6, true);
  f.add("arp.target", "target's address", f.v4(at + 24), at + 24, 4);
}

const ECN = ["not ECN-capable", "ECT(1)", "ECT(0)", "congestion experienced"];

function ipv4(f, at) {
  f.group = "IPv4";
  const flags = f.bytes[at + 6] >> 5, header = (f.bytes[at] & 15) * 4;
  f.add("ip.version", "version", 4, at, 1);
  f.add("ip.hdr_len", "header length", header + " bytes", at, 1);
  f.add("ip.dsfield.dscp", "DSCP", f.bytes[at + 1] >> 2, at + 1, 1);
  f.add("ip.dsfield.ecn", "ECN", ECN[f.bytes[at + 1] & 3], at + 1, 1);
  f.add("ip.len", "total length", f.uint(at + 2, 2), at + 2, 2);
  f.add("ip.id", "identification", f.hex(at + 4, 2), at + 4, 2, true);
  f.add("ip.flags.df", "don't fragment", flags & 2 ? "set" : "clear", at + 6, 1);
  f.add("ip.flags.mf", "more fragments", flags & 1 ? "set" : "clear", at + 6, 1);
  f.add("ip.frag_offset", "fragment offset", (f.uint(at + 6, 2) & 0x1fff) * 8, at + 6, 2);
  f.add("ip.ttl", "TTL", f.bytes[at + 8], at + 8, 1);
  f.add("ip.proto", "protocol", named(PROTOCOLS, f.bytes[at + 9]), at + 9, 1);
  f.add("ip.checksum", "checksum", f.hex(at + 10, 2), at + 10, 2, true);
  f.add("ip.src", "source", f.v4(at + 12), at + 12, 4, true);
  f.add("ip.dst", "destination", f.v4(at + 16), at + 16, 4, true);
  if (header > 20) f.add("ip.options", "options", header - 20 + " bytes", at + 20, header - 20);
}

function ipv6(f, at, l4) {
  f.group = "IPv6";
  const traffic = f.uint(at, 2) >> 4 & 0xff;
  f.add("ip.version", "version", 6, at, 1);
  f.add("ip.dsfield.dscp", "DSCP", traffic >> 2, at, 2);
  f.add("ip.dsfield.ecn", "ECN", ECN[traffic & 3], at + 1, 1);
  f.add("ipv6.flow", "flow label", "0x" + (f.uint(at + 1, 3) & 0xfffff).toString(16).padStart(5, "0"), at + 1, 3, true);
  f.add("ip.len", "payload length", f.uint(at + 4, 2), at + 4, 2);
  f.add("ipv6.nxt", "next header", named(PROTOCOLS, f.bytes[at + 6]), at + 6, 1);
  f.add("ip.ttl", "hop limit", f.bytes[at + 7], at + 7, 1);
  f.add("ip.src", "source", f.v6(at + 8), at + 8, 16, true);
  f.add("ip.dst", "destination", f.v6(at + 24), at + 24, 16, true);
  if (l4 > at + 40) f.add("ip.options", "extension headers", l4 - at - 40 + " bytes", at + 40, l4 - at - 40);
}

function icmp(f, at) {
  f.group = "ICMP";
  f.add("icmp.type", "type", f.bytes[at], at, 1);
  f.add("icmp.code", "code", f.bytes[at + 1], at + 1, 1);
  f.add("icmp.checksum", "checksum", f.hex(at + 2, 2), at + 2, 2, true);
  f.add("icmp.rest", "rest of the header", f.hex(at + 4, 4), at + 4, 4);
}

function tcp(f, at) {
  const { side, i } = f, header = (f.bytes[at + 12] >> 4) * 4, flags = side.flags[i];
  f.group = "TCP";
  f.add("tcp.srcport", "source port", f.uint(at, 2), at, 2, side.dir[i] === OUT);
  f.add("tcp.dstport", "destination port", f.uint(at + 2, 2), at + 2, 2, side.dir[i] === IN);
  f.add("tcp.seq", "sequence number", side.seq[i], at + 4, 4);
  f.add("tcp.seq_raw", "on the wire", f.uint(at + 4, 4), at + 4, 4, true);
  f.add("tcp.ack", "acknowledgement", flags & ACK ? side.ack[i] : "–", at + 8, 4);
  f.add("tcp.ack_raw", "on the wire", f.uint(at + 8, 4), at + 8, 4, true);
  f.add("tcp.hdr_len", "header length", header + " bytes", at + 12, 1);
  f.add("tcp.flags", "flags", flagsOf(flags), at + 12, 2);
  f.add("tcp.window_size_value", "window", f.uint(at + 14, 2), at + 14, 2);
  f.add("tcp.window_size", "window, scaled", side.window[i] < 0 ? "scale unknown" : number(side.window[i]) + " octets", at + 14, 2);
  const noted = side.strings[side.note[i]].match(/(?<!ip-)checksum-(\w+)/);
  f.add("tcp.checksum", "checksum", f.hex(at + 16, 2) + (noted ? ", " + noted[1] : ""), at + 16, 2, !noted);
  f.add("tcp.urgent_pointer", "urgent pointer", f.uint(at + 18, 2), at + 18, 2);
  options(f, at + 20, at + header);
  f.group = "Payload";
  if (side.payload[i] > 0) f.add("tcp.len", "octets", number(side.payload[i]), 0, 0);
  const data = side.data[i];
  if (side.payload[i] > 0 && data < f.bytes.length) f.add("tcp.payload", "text", printableText(f.bytes.subarray(data, data + 48)), data, Math.min(side.payload[i], f.bytes.length - data));
}

function printableText(bytes) {
  const text = Array.from(bytes, b => (b >= 32 && b < 127 ? String.fromCharCode(b) : "·")).join("");
  return bytes.length === 48 ? text + "…" : text;
}

// options reads as far as the lengths make sense.
function options(f, at, end) {
  f.group = "TCP options";
  const base = f.side.base[1 - f.side.dir[f.i]];
  end = Math.min(end, f.bytes.length);
  while (at < end) {
    const kind = f.bytes[at];
    if (kind === 0) return f.add("tcp.options.eol", "end of list", end - at - 1 + " bytes of padding", at, end - at);
    if (kind === 1) { f.add("tcp.options.nop", "no operation", "", at++, 1); continue; }
    const size = f.bytes[at + 1];
    if (!(size >= 2 && at + size <= end)) return f.add("tcp.options.malformed", `option ${kind}`, `length ${size ?? "missing"} is impossible`, at, end - at);
    option(f, kind, at, size, base);
    at += size;
  }
}

function option(f, kind, at, size, base) {
  if (kind === 2 && size === 4) f.add("tcp.options.mss_val", "MSS", f.uint(at + 2, 2), at, size);
  else if (kind === 3 && size === 3) f.add("tcp.options.wscale.shift", "window scale", `${f.bytes[at + 2]} (×${2 ** Math.min(f.bytes[at + 2], 14)})`, at, size);
  else if (kind === 4) f.add("tcp.options.sack_perm", "SACK permitted", "", at, size);
  else if (kind === 8 && size === 10) {
    f.add("tcp.options.timestamp.tsval", "TSval", f.uint(at + 2, 4), at + 2, 4, true);
    f.add("tcp.options.timestamp.tsecr", "TSecr", f.uint(at + 6, 4), at + 6, 4, true);
  } else if (kind === 5) {
    for (let k = at + 2; k + 8 <= at + size; k += 8) {
      f.add("tcp.options.sack", "SACK block", `${f.uint(k, 4) - base >>> 0}–${f.uint(k + 4, 4) - base >>> 0}`, k, 8);
    }
  } else f.add("tcp.options." + kind, `option ${kind}`, f.hex(at + 2, Math.min(size - 2, 6)) + (size > 8 ? "…" : ""), at, size);
}

// concerns reports whether a difference in one field is about another one.
function concerns(field, name) {
  if (field === name || name.startsWith(field + ".")) return true;
  if (field.startsWith("tcp.flags.") && name === "tcp.flags") return true;
  if (field.startsWith("tcp.options.order")) return name.startsWith("tcp.options");
  if (field === "tcp.options.mss") return name === "tcp.options.mss_val";
  if (field === "tcp.window_size") return name === "tcp.window_size_value";
  return false;
}
