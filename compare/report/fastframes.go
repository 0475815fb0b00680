package report

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"runtime"
	"slices"
	"strconv"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
)

// framesAtOnce is how many frames one goroutine encodes at a time.
const framesAtOnce = 256

// frameHead is what all frames of a conversation have in common.
type frameHead struct {
	c           *capture.Conversation
	number      int // of the comparison
	side, stack string
	repeat      int
}

// frameInput is what a frame's record is made of.
type frameInput struct {
	event  *capture.Event
	number int
	role   string
	window int64 // octets
	rules.Inferred
}

// batch is frames on their way to their lines.
type batch struct {
	in   []frameInput
	out  []byte
	err  error
	enc  frameEncoder
	done chan struct{}
}

// frames writes the records of all frames of a conversation. What the frames
// imply is found out one after the other; their lines are made at the same
// time, and written in order.
func (l *lines) frames(h frameHead) {
	names, inference := compare.Roles(h.c), rules.NewInference(h.c)
	ring := make([]*batch, min(runtime.GOMAXPROCS(0)+1, len(h.c.Events)/framesAtOnce+1))
	for n := range ring {
		ring[n] = &batch{enc: newFrameEncoder(h), done: make(chan struct{}, 1)}
		ring[n].done <- struct{}{}
	}
	turn := 0
	for i := 0; i < len(h.c.Events); turn++ {
		b := ring[turn%len(ring)]
		l.take(b)
		b.in = b.in[:0]
		for ; i < len(h.c.Events) && len(b.in) < framesAtOnce; i++ {
			b.in = append(b.in, frameInput{h.c.Events[i], i + 1, names.Name(i), names.Window(i), inference.Next()})
		}
		go b.encode()
	}
	for range ring {
		l.take(ring[turn%len(ring)])
		turn++
	}
}

// take waits for a batch and writes its lines.
func (l *lines) take(b *batch) {
	<-b.done
	if l.err == nil {
		l.err = b.err
	}
	if l.err == nil {
		_, l.err = l.w.Write(b.out)
	}
	b.out = b.out[:0]
}

func (b *batch) encode() {
	for n := range b.in {
		if b.out, b.err = b.enc.line(b.out, &b.in[n]); b.err != nil {
			break
		}
	}
	b.done <- struct{}{}
}

// frameEncoder makes the lines of frames as encoding/json does of a
// FrameRecord, without its reflection.
type frameEncoder struct {
	frameHead
	prefix  []byte // up to the number of the frame
	fetch   *capture.Fetcher
	raw     []byte
	flags   map[capture.TCPFlags][]byte // what has been seen, as JSON
	marks   map[capture.Marks][]byte
	layouts map[uint32][]byte
	last    struct { // most frames are like the one before
		flags  capture.TCPFlags
		marks  capture.Marks
		layout uint32
		asJSON [3][]byte
	}
}

func newFrameEncoder(h frameHead) frameEncoder {
	b := []byte(`{"schema":"` + Schema + `","record":"frame","comparison":`)
	b = strconv.AppendInt(b, int64(h.number), 10)
	b = append(appendJSON(append(b, `,"side":`...), h.side), `,"stack":`...)
	b = append(appendJSON(b, h.stack), `,"repeat":`...)
	b = append(strconv.AppendInt(b, int64(h.repeat), 10), `,"frame":`...)
	return frameEncoder{
		frameHead: h, prefix: b, fetch: h.c.Fetcher(),
		flags: map[capture.TCPFlags][]byte{}, marks: map[capture.Marks][]byte{}, layouts: map[uint32][]byte{},
	}
}

// line appends the record of a frame.
func (x *frameEncoder) line(b []byte, in *frameInput) ([]byte, error) {
	var err error
	if x.raw, err = x.fetch.Raw(in.event); err != nil {
		return b, err
	}
	if in.event.Kind != capture.TCP {
		return append(appendJSON(b, x.record(in)), '\n'), nil
	}
	x.seen(in.event)
	b = append(b, x.prefix...)
	b = strconv.AppendInt(b, int64(in.number), 10)
	b = appendInt(b, `,"time_ns":`, in.event.Time-x.c.StartOfFrames)
	b = appendWord(b, `,"direction":"`, in.event.Dir.String())
	b = append(b, `,"kind":"tcp"`...)
	b = appendWord(b, `,"role":"`, in.role)
	b = appendInt(b, `,"length_bytes":`, int64(in.event.WireLen))
	b = append(appendHex(append(b, `,"raw":"`...), x.raw), `","marks":`...)
	b = append(b, x.last.asJSON[1]...)
	b = appendPacket(b, in.event)
	b = x.appendSegment(b, in)
	b = appendInferred(b, in)
	return append(b, "}\n"...), nil
}

// record is the record of a frame.
func (x *frameEncoder) record(in *frameInput) *FrameRecord {
	f := frameOf(x.c, in.event, x.raw)
	f.Comparison, f.Side, f.Stack, f.Repeat, f.Frame = x.number, x.side, x.stack, x.repeat, in.number
	f.Role = in.role
	if f.TCP != nil {
		f.TCP.WindowOctets = in.window
	}
	f.Inferred = inferred(in.event, in.Inferred)
	return f
}

// seen looks up the lists of a frame.
func (x *frameEncoder) seen(e *capture.Event) {
	last := &x.last
	if layout := x.c.LayoutID(e); last.asJSON[0] == nil || layout != last.layout || e.Marks != last.marks || e.Flags != last.flags {
		last.flags, last.marks, last.layout = e.Flags, e.Marks, layout
		last.asJSON = [3][]byte{
			remember(x.flags, e.Flags, func() any { return flagList(e.Flags) }),
			remember(x.marks, e.Marks, func() any { return marks(e.Marks) }),
			remember(x.layouts, layout, func() any { return optionList(x.c.Layout(e)) }),
		}
	}
}

// remember makes the JSON of what a key stands for once.
func remember[K comparable](known map[K][]byte, key K, make func() any) []byte {
	b, ok := known[key]
	if !ok {
		b = appendJSON(nil, make())
		known[key] = b
	}
	return b
}

func (x *frameEncoder) appendSegment(b []byte, in *frameInput) []byte {
	e := in.event
	b = append(append(b, `,"tcp":{"flags":`...), x.last.asJSON[0]...)
	b = appendInt(b, `,"seq":`, int64(e.Seq))
	b = appendInt(b, `,"ack":`, int64(e.Ack))
	b = appendInt(b, `,"seq_relative":`, e.RelSeq)
	b = appendInt(b, `,"ack_relative":`, e.RelAck)
	b = appendInt(b, `,"window_raw":`, int64(e.Window))
	b = appendInt(b, `,"window_octets":`, in.window)
	b = appendInt(b, `,"urgent_pointer":`, int64(e.Urgent))
	b = appendInt(b, `,"payload_octets":`, int64(e.PayloadLen))
	b = appendWord(b, `,"checksum":"`, checksum(e.Marks))
	b = append(append(b, `,"options":`...), x.last.asJSON[2]...)
	if e.Marks.Has(capture.HasMSS) {
		b = appendInt(b, `,"mss":`, int64(e.MSS))
	}
	if e.Marks.Has(capture.HasWindowScale) {
		b = appendInt(b, `,"window_scale":`, int64(e.WindowScale))
	}
	if e.Marks.Has(capture.HasTimestamps) {
		b = appendInt(b, `,"tsval":`, int64(e.TSVal))
		b = appendInt(b, `,"tsecr":`, int64(e.TSEcr))
	}
	b = append(b, `,"sack":[`...)
	for n, s := range x.c.SACK(e) {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(appendInt(appendInt(b, `{"left":`, int64(s.Left)), `,"right":`, int64(s.Right)), '}')
	}
	return append(b, "]}"...)
}

func appendPacket(b []byte, e *capture.Event) []byte {
	ip := packet(e)
	b = appendInt(b, `,"ip":{"version":`, int64(ip.Version))
	b = appendInt(b, `,"ttl":`, int64(ip.TTL))
	b = appendInt(b, `,"dscp":`, int64(ip.DSCP))
	b = appendInt(b, `,"ecn":`, int64(ip.ECN))
	b = appendInt(b, `,"id":`, int64(ip.ID))
	if ip.FlowLabel != 0 {
		b = appendInt(b, `,"flow_label":`, int64(ip.FlowLabel))
	}
	b = strconv.AppendBool(append(b, `,"dont_fragment":`...), ip.DontFragment)
	return append(appendWord(b, `,"checksum":"`, ip.Checksum), '}')
}

func appendInferred(b []byte, in *frameInput) []byte {
	b = appendWord(b, `,"inferred":{"client_state":"`, in.Client.String())
	b = appendWord(b, `,"server_state":"`, in.Server.String())
	if in.event.Marks.Has(capture.HeaderBad) {
		return append(b, '}')
	}
	b = appendInt(b, `,"segment":{"snd_una":`, in.Una)
	b = appendInt(b, `,"snd_nxt":`, in.Next)
	b = appendInt(b, `,"rcv_nxt":`, in.Rcv)
	b = appendInt(b, `,"snd_wnd_octets":`, in.Inferred.Window)
	b = appendInt(b, `,"bytes_in_flight":`, in.InFlight)
	b = appendInt(b, `,"ack_rtt_ns":`, in.AckRTT)
	b = appendInt(b, `,"srtt_ns":`, in.SRTT)
	b = appendInt(b, `,"rto_ns":`, in.RTO)
	b = append(b, `,"analysis":[`...)
	if in.Analysis != 0 {
		for n, name := range in.Analysis.Names() {
			b = appendWord(b, [...]string{`"`, `,"`}[min(n, 1)], name)
		}
	}
	b = appendInt(b, `],"duplicate_ack_num":`, int64(in.Duplicate))
	if again := in.Inferred.Kind.String(); again != "" {
		b = appendWord(b, `,"retransmission":"`, again)
	}
	return append(b, "}}"...)
}

// pair writes the record of a row.
func (l *lines) pair(number, n int, row *compare.Row) {
	b := append(l.raw[:0], `{"schema":"`+Schema+`","record":"pair","comparison":`...)
	b = strconv.AppendInt(b, int64(number), 10)
	b = appendInt(b, `,"row":`, int64(n))
	b = appendInt(b, `,"reference_frame":`, int64(row.Ref)+1)
	b = appendInt(b, `,"tested_frame":`, int64(row.Test)+1)
	b = appendWord(b, `,"verdict":"`, row.Worst.String())
	b = strconv.AppendBool(append(b, `,"moved":`...), row.Moved)
	l.raw = append(b, "}\n"...)
	if l.err == nil {
		_, l.err = l.w.Write(l.raw)
	}
}

// appendInt appends a field with a number.
func appendInt(b []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(b, name...), value, 10)
}

// appendWord appends a field with a word of ours, which needs no escaping.
func appendWord(b []byte, name, word string) []byte {
	return append(append(append(b, name...), word...), '"')
}

// appendJSON appends anything, as newLines's encoder writes it.
func appendJSON(b []byte, value any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("BUG: a record that has no JSON: " + err.Error())
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}

// hexPairs are the two digits of each byte, the first one in the low half.
var hexPairs = func() (pairs [256]uint64) {
	const digits = "0123456789abcdef"
	for n := range pairs {
		pairs[n] = uint64(digits[n>>4]) | uint64(digits[n&15])<<8
	}
	return pairs
}()

// appendHex appends bytes in hexadecimal, four at once.
func appendHex(b, raw []byte) []byte {
	n := len(b)
	b = slices.Grow(b, 2*len(raw))[:n+2*len(raw)]
	out := b[n:]
	for len(raw) >= 4 && len(out) >= 8 {
		x := hexPairs[raw[0]] | hexPairs[raw[1]]<<16 | hexPairs[raw[2]]<<32 | hexPairs[raw[3]]<<48
		binary.LittleEndian.PutUint64(out, x)
		raw, out = raw[4:], out[8:]
	}
	hex.Encode(out, raw)
	return b
}
