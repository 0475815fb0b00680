package report

import (
	"encoding/hex"
	"strings"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	"tcping-cmp/compare/rules"
)

// run writes a stack's conversations and their frames. r is nil for a run
// that was not compared.
func (l *lines) run(number int, side string, run *compare.Run, r *compare.Report) {
	record := RunRecord{
		Head: head("run"), Comparison: number, Side: side, Stack: run.Stack, DurationNS: run.Duration.Nanoseconds(),
		State: run.State, PeerState: run.PeerState, Error: run.Error,
		Settings: settings(run.Settings), Environment: []SettingRecord{}, Stalls: []StallRecord{},
	}
	if r != nil {
		record.Environment = settings(r.Environment)
	}
	if len(run.Conversations) == 0 {
		l.write(record)
		return
	}
	for n, c := range run.Conversations {
		record.Repeat = n + 1
		record.Client, record.Server, record.Source = c.Client.String(), c.Server.String(), c.Source
		record.Frames, record.StartNS = len(c.Events), c.StartOfFrames
		record.FromStart, record.Dropped, record.LeftOut = c.FromStart(), c.Dropped, c.LeftOut
		record.AtClient, record.LinkType, record.Stalls = c.Exact, uint16(c.Type), stallsOf(c)
		l.write(record)
		roles := compare.Roles
		if r != nil {
			roles = r.Roles
		}
		l.frames(frameHead{c, number, side, run.Stack, n + 1}, roles(c))
	}
}

// frameOf decodes one frame, whose bytes are raw, into a record.
func frameOf(c *capture.Conversation, e *capture.Event, raw []byte) *FrameRecord {
	f := &FrameRecord{
		Head: head("frame"), TimeNS: e.Time - c.StartOfFrames, Direction: e.Dir.String(), Kind: e.Kind.String(),
		Length: e.WireLen, Raw: hex.EncodeToString(raw), Marks: marks(e.Marks),
	}
	switch e.Kind {
	case capture.ARP:
		f.ARP = &ARPRecord{e.Type, e.ARPSender().String(), e.ARPTarget().String()}
		return f
	case capture.TCP:
		f.TCP = segment(c, e)
	case capture.ICMP4, capture.ICMP6:
		f.ICMP = &TypeCode{e.Type, e.Code}
	case capture.Other:
		return f
	}
	f.IP = packet(e)
	return f
}

func inferred(e *capture.Event, x rules.Inferred) InferredRecord {
	record := InferredRecord{Client: x.Client.String(), Server: x.Server.String()}
	if e.Kind == capture.TCP && !e.Marks.Has(capture.HeaderBad) {
		record.Segment = &InferredSegment{
			Una: x.Una, Next: x.Next, Rcv: x.Rcv, Window: x.Window, InFlight: x.InFlight, AckRTT: x.AckRTT, SRTT: x.SRTT, RTO: x.RTO,
			Analysis: x.Analysis.Names(), DuplicateACK: x.Duplicate, Again: x.Kind.String(),
		}
	}
	return record
}

func packet(e *capture.Event) *IPRecord {
	ip := &IPRecord{
		Version: 4, TTL: e.TTL, DSCP: e.TOS >> 2, ECN: e.ECN(), ID: e.IPID, FlowLabel: e.FlowLabel,
		DontFragment: e.Marks.Has(capture.DontFragment), Checksum: "right",
	}
	switch {
	case e.Marks.Has(capture.IPv6):
		ip.Version, ip.Checksum = 6, "none"
	case e.Marks.Has(capture.IPChecksumBad):
		ip.Checksum = "wrong"
	}
	return ip
}

func segment(c *capture.Conversation, e *capture.Event) *TCPRecord {
	t := &TCPRecord{
		Flags: flagList(e.Flags), Seq: e.Seq, Ack: e.Ack, RelSeq: e.RelSeq, RelAck: e.RelAck,
		Window: e.Window, Urgent: e.Urgent, Payload: e.PayloadLen, Checksum: checksum(e.Marks),
		Options: optionList(c.Layout(e)), SACK: []BlockRecord{},
	}
	for _, b := range c.SACK(e) {
		t.SACK = append(t.SACK, BlockRecord(b))
	}
	if e.Marks.Has(capture.HasMSS) {
		t.MSS = &e.MSS
	}
	if e.Marks.Has(capture.HasWindowScale) {
		t.WindowScale = &e.WindowScale
	}
	if e.Marks.Has(capture.HasTimestamps) {
		t.TSVal, t.TSEcr = &e.TSVal, &e.TSEcr
	}
	return t
}

func flagList(f capture.TCPFlags) []string {
	if f == 0 {
		return []string{}
	}
	return strings.Split(f.String(), ",")
}

func optionList(l capture.Layout) []string {
	names := []string{}
	for _, o := range l {
		names = append(names, o.Name())
	}
	return names
}

func checksum(m capture.Marks) string {
	switch {
	case m.Has(capture.ChecksumBad):
		return "wrong"
	case m.Has(capture.ChecksumPartial):
		return "partial"
	case m.Has(capture.ChecksumUnverified):
		return "unverified"
	case m.Has(capture.ChecksumCompleted):
		return "completed"
	}
	return "right"
}

// markNames are the marks that say something about the frame as a whole.
var markNames = [...]struct {
	mark capture.Marks
	name string
}{
	{capture.SuperFrame, "super-frame"}, {capture.VLANTagged, "vlan"}, {capture.VLANRestored, "vlan-restored"},
	{capture.CutShort, "cut-short"}, {capture.Fragmented, "first-fragment"}, {capture.Padded, "padded"},
	{capture.LengthBad, "ip-length-wrong"}, {capture.HeaderBad, "header-damaged"},
	{capture.OptionsMalformed, "options-malformed"}, {capture.EndPaddingNotZero, "option-padding-not-zero"},
	{capture.IPOptions, "ip-options"}, {capture.IPReserved, "ip-reserved-flag"}, {capture.ChecksumCompleted, "checksum-completed"},
}

func marks(m capture.Marks) []string {
	names := []string{}
	for _, k := range markNames {
		if m.Has(k.mark) {
			names = append(names, k.name)
		}
	}
	return names
}

// stallsOf counts a conversation's stalls from its first frame.
func stallsOf(c *capture.Conversation) []StallRecord {
	list := make([]StallRecord, len(c.Stalls))
	for n, s := range c.Stalls {
		list[n] = StallRecord{s.From - c.StartOfFrames, s.To - c.StartOfFrames}
	}
	return list
}
