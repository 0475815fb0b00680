package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/templexxx/xhex"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// framesAtOnce is how many frames one goroutine encodes at a time: so few that what
// they are made of and what comes of them stay in its cache, and so many that
// handing them over costs little beside it.
const framesAtOnce = 64

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
	*rules.Inferred
}

// batch is frames on their way to their lines.
type batch struct {
	walk
	from     int
	inferred []rules.Inferred
	*frameEncoder
}

// walk is what all encoders of its frames go through together.
type walk struct {
	events    []*capture.Event
	names     compare.Names
	inference *rules.Inference
}

// frames writes the records of all frames of a conversation. What the frames
// imply is found out one after the other; their lines are made at the same
// time, and written in order.
func (l *lines) frames(h frameHead, names compare.Names) {
	w := walk{h.c.Events, names, rules.NewInference(h.c)}
	l.encode((len(w.events)+framesAtOnce-1)/framesAtOnce, func() encoder {
		return &batch{walk: w, inferred: make([]rules.Inferred, 0, framesAtOnce), frameEncoder: newFrameEncoder(h)}
	})
}

// take finds out what the next frames imply.
func (b *batch) take(piece int) {
	b.from = piece * framesAtOnce
	b.inferred = b.inferred[:min(framesAtOnce, len(b.events)-b.from)]
	for n := range b.inferred {
		b.inference.Next(&b.inferred[n])
	}
}

// encode appends the lines of a batch.
func (b *batch) encode(out []byte) ([]byte, error) {
	events := b.events[b.from:][:len(b.inferred)]
	b.fetch.Ahead(events[0], events[len(events)-1])
	if room := roomFor(events); room > cap(out) {
		out = make([]byte, 0, room+room/8)
	}
	for n, e := range events {
		i := b.from + n
		in := frameInput{e, i + 1, b.names.Name(i), b.names.Window(i), &b.inferred[n]}
		var err error
		if out, err = b.line(out, &in); err != nil {
			return out, err
		}
	}
	return out, nil
}

// roomFor is about what the lines of frames take.
func roomFor(events []*capture.Event) int {
	const line = 1200 // without the bytes of the frame
	n := line * len(events)
	for _, e := range events {
		n += 2 * int(e.CapLen)
	}
	return n
}

// frameEncoder makes the lines of frames as encoding/json does of a
// FrameRecord, without its reflection. What a frame has in common with the
// last one of its direction, which is most of it, is copied.
type frameEncoder struct {
	frameHead
	prefix  []byte // up to the number of the frame
	fetch   *capture.Fetcher
	layouts map[uint32][]byte // the lists of options that have been seen, as JSON
	headers map[headerValues]*headerText
	frame   digits
	last    [2]likeness
}

// lineRoom is more than the numbers and the words inferred of a plain segment
// take.
const lineRoom = (fieldCount+3)*fieldRoom + 256

// likeness is the text of the last segment of a direction.
type likeness struct {
	headers    headerValues
	text       *headerText
	contents   contentValues
	afterwards []byte // from the window to the timestamps
	states     [2]rules.State
	inferred   []byte // from the SACK blocks, of which there are none, to the numbers inferred
	fields     [fieldCount]field
	id, seq    digits
}

// The fields of a segment that are numbers of their own.
const (
	timeNS = iota
	ackNumber
	seqRelative
	ackRelative
	tsVal
	tsEcr
	sndUna
	sndNxt
	rcvNxt
	sndWnd
	inFlight
	ackRTT
	srtt
	rto
	fieldCount
)

var fieldNames = [fieldCount]string{
	timeNS: "time_ns", ackNumber: "ack", seqRelative: "seq_relative", ackRelative: "ack_relative", tsVal: "tsval", tsEcr: "tsecr",
	sndUna: "snd_una", sndNxt: "snd_nxt", rcvNxt: "rcv_nxt", sndWnd: "snd_wnd_octets", inFlight: "bytes_in_flight",
	ackRTT: "ack_rtt_ns", srtt: "srtt_ns", rto: "rto_ns",
}

// headerText is the same for all segments with the same headerValues.
type headerText struct {
	link      []byte // from the direction to the bytes
	network   []byte // from there to the identification
	transport []byte // from there to the sequence number
}

func (t *headerText) length() int { return len(t.link) + len(t.network) + len(t.transport) }

// manyHeaders is how many texts are kept at the most.
const manyHeaders = 256

// headerValues are what a headerText depends on.
type headerValues struct {
	role      string
	dir       tap.Direction
	marks     capture.Marks
	wireLen   uint32
	flowLabel uint32
	flags     capture.TCPFlags
	ttl, tos  uint8
}

// contentValues are what afterwards depends on.
type contentValues struct {
	octets         int64
	marks          capture.Marks
	layout         uint32
	payload        uint32
	window, urgent uint16
	mss            uint16
	shift          uint8
}

func newFrameEncoder(h frameHead) *frameEncoder {
	b := []byte(`{"schema":"` + Schema + `","record":"frame","comparison":`)
	b = strconv.AppendInt(b, int64(h.number), 10)
	b = append(appendJSON(append(b, `,"side":`...), h.side), `,"stack":`...)
	b = append(appendJSON(b, h.stack), `,"repeat":`...)
	b = append(strconv.AppendInt(b, int64(h.repeat), 10), `,"frame":`...)
	x := &frameEncoder{
		frameHead: h, prefix: b, fetch: h.c.Fetcher(),
		layouts: map[uint32][]byte{}, headers: map[headerValues]*headerText{},
		frame: newDigits(),
	}
	for dir := range x.last {
		l := &x.last[dir]
		l.setStates(l.states)
		l.id, l.seq = newDigits(), newDigits()
		for n, name := range fieldNames {
			start := `,"`
			if n == sndUna {
				start = `,"segment":{"`
			}
			l.fields[n] = newField(start + name + `":`)
		}
	}
	return x
}

// line appends the record of a frame.
func (x *frameEncoder) line(b []byte, in *frameInput) ([]byte, error) {
	e := in.event
	raw, err := x.fetch.Raw(e)
	if err != nil {
		return b, err
	}
	if e.Kind != capture.TCP {
		return append(appendJSON(b, x.record(in, raw)), '\n'), nil
	}
	like := x.like(in)
	number := &like.fields
	b = slices.Grow(b, len(x.prefix)+like.text.length()+2*len(raw)+len(like.afterwards)+lineRoom)
	b = x.frame.append(append(b, x.prefix...), int64(in.number))
	b = number[timeNS].append(b, e.Time-x.c.StartOfFrames)
	b = appendHex(append(b, like.text.link...), raw)
	b = like.id.append(append(b, like.text.network...), int64(e.IPID))
	b = like.seq.append(append(b, like.text.transport...), int64(e.Seq))
	b = number[ackNumber].append(b, int64(e.Ack))
	b = number[seqRelative].append(b, e.RelSeq)
	b = number[ackRelative].append(b, e.RelAck)
	b = append(b, like.afterwards...)
	if e.Marks.Has(capture.HasTimestamps) {
		b = number[tsVal].append(b, int64(e.TSVal))
		b = number[tsEcr].append(b, int64(e.TSEcr))
	}
	b = like.appendInferred(b, in, x.c.SACK(e))
	return append(b, "}\n"...), nil
}

// like returns the text of frames like this one.
func (x *frameEncoder) like(in *frameInput) *likeness {
	e := in.event
	l := &x.last[e.Dir]
	headers := headerValues{in.role, e.Dir, e.Marks, e.WireLen, e.FlowLabel, e.Flags, e.TTL, e.TOS}
	if l.text == nil || l.headers != headers {
		l.headers, l.text = headers, x.headersOf(&headers, in)
	}
	contents := contentValues{in.window, e.Marks, x.c.LayoutID(e), e.PayloadLen, e.Window, e.Urgent, e.MSS, e.WindowScale}
	if l.afterwards == nil || l.contents != contents {
		l.contents = contents
		x.setContents(l, in)
	}
	if states := [2]rules.State{in.Client, in.Server}; l.states != states {
		l.setStates(states)
	}
	return l
}

func (x *frameEncoder) headersOf(values *headerValues, in *frameInput) *headerText {
	text := x.headers[*values]
	if text == nil {
		if len(x.headers) == manyHeaders {
			clear(x.headers)
		}
		text = newHeaderText(in)
		x.headers[*values] = text
	}
	return text
}

func newHeaderText(in *frameInput) *headerText {
	e, ip := in.event, packet(in.event)
	link := appendWord(nil, `,"direction":"`, e.Dir.String())
	link = append(link, `,"kind":"tcp"`...)
	link = appendWord(link, `,"role":"`, in.role)
	link = appendInt(link, `,"length_bytes":`, int64(e.WireLen))
	link = append(link, `,"raw":"`...)

	network := appendJSON([]byte(`","marks":`), marks(e.Marks))
	network = appendInt(network, `,"ip":{"version":`, int64(ip.Version))
	network = appendInt(network, `,"ttl":`, int64(ip.TTL))
	network = appendInt(network, `,"dscp":`, int64(ip.DSCP))
	network = appendInt(network, `,"ecn":`, int64(ip.ECN))
	network = append(network, `,"id":`...)

	var transport []byte
	if ip.FlowLabel != 0 {
		transport = appendInt(transport, `,"flow_label":`, int64(ip.FlowLabel))
	}
	transport = strconv.AppendBool(append(transport, `,"dont_fragment":`...), ip.DontFragment)
	transport = append(appendWord(transport, `,"checksum":"`, ip.Checksum), `},"tcp":{"flags":`...)
	transport = append(appendJSON(transport, flagList(e.Flags)), `,"seq":`...)
	return &headerText{link, network, transport}
}

func (x *frameEncoder) setContents(l *likeness, in *frameInput) {
	e := in.event
	b := appendInt(l.afterwards[:0], `,"window_raw":`, int64(e.Window))
	b = appendInt(b, `,"window_octets":`, in.window)
	b = appendInt(b, `,"urgent_pointer":`, int64(e.Urgent))
	b = appendInt(b, `,"payload_octets":`, int64(e.PayloadLen))
	b = appendWord(b, `,"checksum":"`, checksum(e.Marks))
	b = append(b, `,"options":`...)
	b = append(b, x.layout(e)...)
	if e.Marks.Has(capture.HasMSS) {
		b = appendInt(b, `,"mss":`, int64(e.MSS))
	}
	if e.Marks.Has(capture.HasWindowScale) {
		b = appendInt(b, `,"window_scale":`, int64(e.WindowScale))
	}
	l.afterwards = b
}

// record is the record of a frame.
func (x *frameEncoder) record(in *frameInput, raw []byte) *FrameRecord {
	f := frameOf(x.c, in.event, raw)
	f.Comparison, f.Side, f.Stack, f.Repeat, f.Frame = x.number, x.side, x.stack, x.repeat, in.number
	f.Role = in.role
	if f.TCP != nil {
		f.TCP.WindowOctets = in.window
	}
	f.Inferred = inferred(in.event, *in.Inferred)
	return f
}

// layout is the list of a segment's options, as JSON.
func (x *frameEncoder) layout(e *capture.Event) []byte {
	id := x.c.LayoutID(e)
	b, ok := x.layouts[id]
	if !ok {
		b = appendJSON(nil, optionList(x.c.Layout(e)))
		x.layouts[id] = b
	}
	return b
}

// appendSACK ends the record of a TCP header.
func appendSACK(b []byte, blocks []capture.SACKBlock) []byte {
	b = append(b, noSACK[:len(noSACK)-len("]}")]...)
	for n, s := range blocks {
		if n > 0 {
			b = append(b, ',')
		}
		b = append(appendInt(appendInt(b, `{"left":`, int64(s.Left)), `,"right":`, int64(s.Right)), '}')
	}
	return append(b, "]}"...)
}

const noSACK = `,"sack":[]}`

// setStates makes the text between the timestamps and the numbers inferred of
// a segment without SACK blocks.
func (l *likeness) setStates(states [2]rules.State) {
	l.states = states
	b := append(l.inferred[:0], noSACK...)
	b = appendWord(b, `,"inferred":{"client_state":"`, states[0].String())
	l.inferred = appendWord(b, `,"server_state":"`, states[1].String())
}

// appendInferred ends a segment's record but for its last brace.
func (l *likeness) appendInferred(b []byte, in *frameInput, blocks []capture.SACKBlock) []byte {
	if len(blocks) == 0 {
		b = append(b, l.inferred...)
	} else {
		b = append(appendSACK(b, blocks), l.inferred[len(noSACK):]...)
		b = slices.Grow(b, lineRoom) // the blocks have taken some
	}
	if in.event.Marks.Has(capture.HeaderBad) {
		return append(b, '}')
	}
	number := &l.fields
	b = number[sndUna].append(b, in.Una)
	b = number[sndNxt].append(b, in.Next)
	b = number[rcvNxt].append(b, in.Rcv)
	b = number[sndWnd].append(b, in.Inferred.Window)
	b = number[inFlight].append(b, in.InFlight)
	b = number[ackRTT].append(b, in.AckRTT)
	b = number[srtt].append(b, in.SRTT)
	b = number[rto].append(b, in.RTO)
	again := in.Inferred.Kind.String()
	if in.Analysis == 0 && in.Duplicate == 0 && again == "" {
		return append(b, `,"analysis":[],"duplicate_ack_num":0}}`...)
	}
	b = append(b, `,"analysis":[`...)
	for n, name := range in.Analysis.Names() {
		b = appendWord(b, [...]string{`"`, `,"`}[min(n, 1)], name)
	}
	b = appendInt(b, `],"duplicate_ack_num":`, int64(in.Duplicate))
	if again != "" {
		b = appendWord(b, `,"retransmission":"`, again)
	}
	return append(b, "}}"...)
}

// rowsAtOnce is how many rows, or places of a difference, one goroutine
// encodes at a time.
const rowsAtOnce = 512

// pairs writes the records of all rows.
func (l *lines) pairs(number int, rows []compare.Row) {
	prefix := strconv.AppendInt([]byte(`{"schema":"`+Schema+`","record":"pair","comparison":`), int64(number), 10)
	l.list(len(rows), rowsAtOnce, func(b []byte, from, to int) ([]byte, error) {
		for n := from; n < to; n++ {
			b = appendPair(append(b, prefix...), n+1, &rows[n])
		}
		return b, nil
	})
}

func appendPair(b []byte, n int, row *compare.Row) []byte {
	b = appendInt(b, `,"row":`, int64(n))
	b = appendInt(b, `,"reference_frame":`, int64(row.Ref)+1)
	b = appendInt(b, `,"tested_frame":`, int64(row.Test)+1)
	b = appendWord(b, `,"verdict":"`, row.Worst.String())
	b = strconv.AppendBool(append(b, `,"moved":`...), row.Moved)
	return append(b, "}\n"...)
}

// appendInt appends a field with a number.
func appendInt(b []byte, name string, value int64) []byte {
	return appendNumber(append(b, name...), value)
}

// appendWord appends a field with a word of ours, which needs no escaping.
func appendWord(b []byte, name, word string) []byte {
	return append(append(append(b, name...), word...), '"')
}

// appendString appends a string as JSON. Nearly all are plain.
func appendString(b []byte, s string) []byte {
	for n := range len(s) {
		if c := s[n]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendJSON(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
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

// appendHex appends bytes in hexadecimal.
func appendHex(b, raw []byte) []byte {
	n := len(b)
	b = slices.Grow(b, 2*len(raw))[:n+2*len(raw)]
	xhex.Encode(b[n:], raw)
	return b
}
