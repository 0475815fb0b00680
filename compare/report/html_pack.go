package report

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// packed is what the page's script draws ladders and graphs from: columns of
// numbers, and texts by their place in Strings. It goes into the page
// compressed, the bytes of the frames apart, since few are ever looked at.
type packed struct {
	Sides       [2]packedSide      `json:"sides"` // reference, tested
	Rows        packedRows         `json:"rows"`
	Strings     []string           `json:"strings"`
	Differences []packedDifference `json:"differences"` // by number, from 1

	bytes   []byte // of the frames, the reference's first
	numbers map[string]int32
}

// packedSide is a conversation, a column for each thing a frame has.
type packedSide struct {
	Link    uint16    `json:"link"` // LINKTYPE of the bytes
	Base    [2]uint32 `json:"base"` // the number from which each direction counts
	Time    []int64   `json:"time"` // nanoseconds since the frame before
	Dir     []int32   `json:"dir"`
	Kind    []int32   `json:"kind"`
	Flags   []int32   `json:"flags"`
	Seq     []int64   `json:"seq"` // relative, as are all numbers
	Ack     []int64   `json:"ack"`
	Window  []int64   `json:"window"` // octets; -1: the scale is not known
	Payload []int64   `json:"payload"`
	Wire    []int64   `json:"wire"`
	Role    []int32   `json:"role"` // text
	Text    []int32   `json:"text"` // text, for what is no segment
	Note    []int32   `json:"note"` // text: what was noticed while decoding
	IP      []int32   `json:"ip"`   // offsets of the headers
	L4      []int32   `json:"l4"`
	Data    []int32   `json:"data"`
	Kept    []int32   `json:"kept"` // how many bytes the page has
	SACK    []int64   `json:"sack"` // frame, left, right, and so on

	// What the frames imply, as in rules.Inferred.
	Client   []int32 `json:"client"` // text: the state
	Server   []int32 `json:"server"`
	Una      []int64 `json:"una"`
	Next     []int64 `json:"next"`
	Rcv      []int64 `json:"rcv"`
	SndWnd   []int64 `json:"sndwnd"`
	SRTT     []int64 `json:"srtt"`
	RTO      []int64 `json:"rto"`
	InFlight []int64 `json:"flight"`
	AckRTT   []int64 `json:"rtt"`
	Words    []int32 `json:"words"` // text: tcp.analysis
	Why      []int32 `json:"why"`   // text: the kind of retransmission
}

func pack(r *compare.Report) (*packed, error) {
	p := &packed{Strings: []string{""}, numbers: map[string]int32{"": 0}}
	for n, side := range [...]compare.Sides{compare.Reference, compare.Tested} {
		if err := p.side(&p.Sides[n], r, side); err != nil {
			return nil, err
		}
	}
	p.rows(r)
	p.differences(r)
	return p, nil
}

// text returns where a text is in Strings.
func (p *packed) text(s string) int32 {
	if n, ok := p.numbers[s]; ok {
		return n
	}
	n := int32(len(p.Strings))
	p.numbers[s] = n
	p.Strings = append(p.Strings, printable(s))
	return n
}

// The page has every byte of a short conversation; of the payload of a long
// one it has the beginning.
const (
	wholeBytes = 64 << 10 // on the wire, a conversation
	someOctets = 16
)

func (p *packed) side(s *packedSide, r *compare.Report, side compare.Sides) error {
	c := conversation(r, side)
	s.SACK = []int64{}
	s.Link, s.Base = uint16(c.Type), [2]uint32{c.Base(tap.Out), c.Base(tap.In)}
	var total int64
	for _, e := range c.Events {
		total += int64(e.CapLen)
	}
	var raw []byte
	var implied rules.Inferred
	before, inference := c.StartOfFrames, rules.NewInference(c)
	for i, e := range c.Events {
		var err error
		if raw, err = c.Raw(e, raw[:0]); err != nil {
			return err
		}
		keep := len(raw)
		if total > wholeBytes {
			keep = min(keep, headersOf(e)+someOctets)
		}
		p.bytes = append(p.bytes, raw[:keep]...)
		s.Kept = append(s.Kept, int32(keep))
		s.Time = append(s.Time, e.Time-before)
		before = e.Time
		p.frame(s, r, side, int32(i), e)
		inference.Next(&implied)
		p.inferred(s, &implied)
		if e.Kind == capture.TCP {
			for _, b := range c.SACK(e) {
				left := e.RelAck + int64(int32(b.Left-e.Ack))
				s.SACK = append(s.SACK, int64(i), left, left+int64(b.Right-b.Left))
			}
		}
	}
	return nil
}

// headersOf is how many bytes of a frame come before what it carries.
func headersOf(e *capture.Event) int {
	if e.Kind == capture.TCP {
		return int(e.PayloadOffset)
	}
	return 128
}

func (p *packed) frame(s *packedSide, r *compare.Report, side compare.Sides, i int32, e *capture.Event) {
	s.Dir = append(s.Dir, int32(e.Dir))
	s.Kind = append(s.Kind, int32(e.Kind))
	s.Flags = append(s.Flags, int32(e.Flags))
	s.Seq = append(s.Seq, e.RelSeq)
	s.Ack = append(s.Ack, e.RelAck)
	s.Payload = append(s.Payload, int64(e.PayloadLen))
	s.Wire = append(s.Wire, int64(e.WireLen))
	s.Role = append(s.Role, p.text(r.Role(side, i)))
	s.IP = append(s.IP, int32(e.IPOffset))
	s.L4 = append(s.L4, int32(e.L4Offset))
	s.Data = append(s.Data, int32(e.PayloadOffset))
	window, text, noted := int64(-1), "", marks(e.Marks)
	switch e.Kind {
	case capture.TCP:
		window = r.Window(side, i)
		if sum := checksum(e.Marks); sum != "right" && sum != "completed" {
			noted = append(noted, "checksum-"+sum)
		}
	default:
		text = r.Describe(side, i)
	}
	if e.Marks.Has(capture.IPChecksumBad) {
		noted = append(noted, "ip-checksum-wrong")
	}
	s.Window = append(s.Window, window)
	s.Text = append(s.Text, p.text(text))
	s.Note = append(s.Note, p.text(strings.Join(noted, ", ")))
}

func (p *packed) inferred(s *packedSide, x *rules.Inferred) {
	s.Client, s.Server = append(s.Client, p.text(x.Client.String())), append(s.Server, p.text(x.Server.String()))
	s.Una, s.Next, s.Rcv = append(s.Una, x.Una), append(s.Next, x.Next), append(s.Rcv, x.Rcv)
	s.SndWnd = append(s.SndWnd, x.Window)
	s.SRTT, s.RTO, s.AckRTT = append(s.SRTT, x.SRTT), append(s.RTO, x.RTO), append(s.AckRTT, x.AckRTT)
	s.InFlight = append(s.InFlight, x.InFlight)
	s.Words = append(s.Words, p.text(strings.Join(x.Words(), ", ")))
	s.Why = append(s.Why, p.text(x.Kind.String()))
}

// data writes the whole for a script element. Base64 has no character that
// could end it.
func (p *packed) data() (template.JS, error) {
	deck, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(`{"deck":"`)
	if err := deflate(&b, deck); err != nil {
		return "", err
	}
	b.WriteString(`","bytes":"`)
	if err := deflate(&b, p.bytes); err != nil {
		return "", err
	}
	b.WriteString(`"}`)
	return template.JS(b.String()), nil
}

func deflate(b *strings.Builder, data []byte) error {
	var small bytes.Buffer
	z := zlib.NewWriter(&small)
	if _, err := z.Write(data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	to := base64.NewEncoder(base64.StdEncoding, b)
	if _, err := small.WriteTo(to); err != nil {
		return err
	}
	return to.Close()
}
