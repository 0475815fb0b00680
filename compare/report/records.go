package report

import "encoding/json"

// Schema is the name of the format of the JSON Lines. Within v2 fields are
// only added. In v1 the summaries of suite and script had the sentence of an
// error in place of the object; it is read as well.
const (
	Schema   = "tcping-cmp/v2"
	schemaV1 = "tcping-cmp/v1"
)

// Head begins every record.
type Head struct {
	Schema string `json:"schema"`
	Record string `json:"record"` // run, frame, pair, difference, rule, summary
}

// SettingRecord is a line of an environment.
type SettingRecord struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// RunRecord describes one stack's conversation.
type RunRecord struct {
	Head
	Comparison  int             `json:"comparison"` // number of the comparison it belongs to, from 1; 0 if there is none
	Side        string          `json:"side"`       // reference or tested; empty outside a comparison
	Stack       string          `json:"stack"`
	Repeat      int             `json:"repeat"` // from 1
	Client      string          `json:"client"`
	Server      string          `json:"server"`
	Source      string          `json:"source"` // file or link
	Frames      int             `json:"frames"`
	StartNS     int64           `json:"start_ns"` // since 1970
	DurationNS  int64           `json:"duration_ns"`
	State       string          `json:"state"`
	PeerState   string          `json:"peer_state"`
	Error       string          `json:"error"`
	FromStart   bool            `json:"from_start"` // both SYNs were captured
	Dropped     uint64          `json:"dropped_frames"`
	LeftOut     int             `json:"left_out_frames"` // of other conversations
	AtClient    bool            `json:"at_client"`       // captured at the client's own link
	Stalls      []StallRecord   `json:"stalls"`          // when the process that recorded it did not run for 30 ms or more; times are late by as much
	LinkType    uint16          `json:"link_type"`       // what a frame begins with, by its number in the registry of pcap's LINKTYPE_; 1 is Ethernet
	Settings    []SettingRecord `json:"settings"`
	Environment []SettingRecord `json:"environment"`
}

// StallRecord is a time in which the recorder did not run.
type StallRecord struct {
	From int64 `json:"from_ns"` // since the first frame; below 0 before it
	To   int64 `json:"to_ns"`
}

// FrameRecord is one frame: its bytes and what they mean.
type FrameRecord struct {
	Head
	Comparison int        `json:"comparison"`
	Side       string     `json:"side"`
	Stack      string     `json:"stack"`
	Repeat     int        `json:"repeat"`    // from 1; of check: the number of the conversation
	Frame      int        `json:"frame"`     // from 1
	TimeNS     int64      `json:"time_ns"`   // since the first frame
	Direction  string     `json:"direction"` // out: from the client
	Kind       string     `json:"kind"`
	Role       string     `json:"role"`
	Length     uint32     `json:"length_bytes"` // on the link
	Raw        string     `json:"raw"`          // hex, as captured
	Marks      []string   `json:"marks"`
	IP         *IPRecord  `json:"ip,omitempty"`
	TCP        *TCPRecord `json:"tcp,omitempty"`
	ARP        *ARPRecord `json:"arp,omitempty"`
	ICMP       *TypeCode  `json:"icmp,omitempty"`

	Inferred InferredRecord `json:"inferred"`
}

// InferredRecord is what the frames up to this one imply; nothing of it is in
// a header. The states are those after the frame. Of an end that is not at the
// capture's own link it is assumed that what passed the capture reached it.
type InferredRecord struct {
	Client string `json:"client_state"` // by RFC 9293; empty if the capture begins in the middle
	Server string `json:"server_state"`

	Segment *InferredSegment `json:"segment,omitempty"` // of TCP segments
}

// InferredSegment is what is implied of a segment and of the end that sent it.
type InferredSegment struct {
	Una          int64    `json:"snd_una"`                  // of the sender, after the segment, relative
	Next         int64    `json:"snd_nxt"`                  // the same
	Rcv          int64    `json:"rcv_nxt"`                  // as the sender says, relative; 0 before it has said anything
	Window       int64    `json:"snd_wnd_octets"`           // what the sender is allowed in flight, scaled; -1 if it is not known
	InFlight     int64    `json:"bytes_in_flight"`          // octets sent and neither acknowledged nor reported by SACK, as tcp.analysis.bytes_in_flight, but acknowledged octets that are sent again do not count; 0 if it has none
	AckRTT       int64    `json:"ack_rtt_ns"`               // as tcp.analysis.ack_rtt; 0 if it has none
	SRTT         int64    `json:"srtt_ns"`                  // of the sender, estimated by RFC 6298; 0 before the first sample
	RTO          int64    `json:"rto_ns"`                   // the same, with the minimum of a second and the back-off
	Analysis     []string `json:"analysis"`                 // fields of Wireshark's tcp.analysis
	DuplicateACK int      `json:"duplicate_ack_num"`        // as tcp.analysis.duplicate_ack_num; 0 if it is none
	Again        string   `json:"retransmission,omitempty"` // why octets are sent again: timer, fast, tail loss probe, spurious, window probe, unknown
}

// IPRecord is what the IP header says.
type IPRecord struct {
	Version      int    `json:"version"`
	TTL          uint8  `json:"ttl"`
	DSCP         uint8  `json:"dscp"`
	ECN          uint8  `json:"ecn"`
	ID           uint16 `json:"id"`
	FlowLabel    uint32 `json:"flow_label,omitempty"` // IPv6, 20 bits; left out where it is 0
	DontFragment bool   `json:"dont_fragment"`
	Checksum     string `json:"checksum"` // right, wrong, none (IPv6)
}

// TCPRecord is what the TCP header says.
type TCPRecord struct {
	Flags        []string      `json:"flags"`
	Seq          uint32        `json:"seq"`
	Ack          uint32        `json:"ack"`
	RelSeq       int64         `json:"seq_relative"`
	RelAck       int64         `json:"ack_relative"`
	Window       uint16        `json:"window_raw"`
	WindowOctets int64         `json:"window_octets"` // scaled; -1 if the scale is unknown
	Urgent       uint16        `json:"urgent_pointer"`
	Payload      uint32        `json:"payload_octets"`
	Checksum     string        `json:"checksum"` // right, wrong, partial, completed, unverified
	Options      []string      `json:"options"`
	MSS          *uint16       `json:"mss,omitempty"`
	WindowScale  *uint8        `json:"window_scale,omitempty"`
	TSVal        *uint32       `json:"tsval,omitempty"`
	TSEcr        *uint32       `json:"tsecr,omitempty"`
	SACK         []BlockRecord `json:"sack"`
}

// BlockRecord is a SACK block as on the wire.
type BlockRecord struct {
	Left  uint32 `json:"left"`
	Right uint32 `json:"right"`
}

// ARPRecord is what an ARP frame says.
type ARPRecord struct {
	Operation uint8  `json:"operation"`
	Sender    string `json:"sender"`
	Target    string `json:"target"`
}

// TypeCode is the kind of an ICMP message.
type TypeCode struct {
	Type uint8 `json:"type"`
	Code uint8 `json:"code"`
}

// PairRecord is a row of the two ladders; frames count from 1, 0 is none.
type PairRecord struct {
	Head
	Comparison int    `json:"comparison"`
	Row        int    `json:"row"` // from 1
	Reference  int    `json:"reference_frame"`
	Tested     int    `json:"tested_frame"`
	Verdict    string `json:"verdict"` // the worst difference in the row
	Moved      bool   `json:"moved"`   // the counterpart stands in another row
}

// DifferenceRecord is one difference with all its places.
type DifferenceRecord struct {
	Head
	Comparison  int                `json:"comparison"`
	Number      int                `json:"number"`
	ID          string             `json:"id"`
	Class       string             `json:"class"`
	Field       string             `json:"field"`
	Role        string             `json:"role"`
	Direction   string             `json:"direction"`
	Verdict     string             `json:"verdict"`
	By          []string           `json:"by"`
	Rule        string             `json:"rule"`
	Clause      string             `json:"clause"`
	Reason      string             `json:"reason"`
	Spread      string             `json:"spread"`
	Seen        *SeenRecord        `json:"seen,omitempty"` // left out if each stack held one conversation, and for rules
	Cause       string             `json:"cause"`          // id of the difference it follows from; empty if it stands for itself
	Known       string             `json:"known"`          // why it is accepted of the stack at fault; empty if it is not
	KnownOf     string             `json:"known_of"`       // the stack it is accepted of; empty if it is not
	New         bool               `json:"new"`            // it is not in the baseline that the result was held against
	Repeat      int                `json:"repeat"`         // which of the stacks' conversations the frames belong to, from 1
	Occurrences []OccurrenceRecord `json:"occurrences"`
}

// SeenRecord says in how many conversations a difference shows: of the stack
// under test against the reference's first, and of the reference's own others
// against it.
type SeenRecord struct {
	Tested      int     `json:"tested"`
	TestedOf    int     `json:"tested_of"`
	Reference   int     `json:"reference"`
	ReferenceOf int     `json:"reference_of"`
	Chance      float64 `json:"chance"` // that chance makes such a split, or a clearer one, of stacks that show it equally often (Fisher's exact test, one-sided)
}

// OccurrenceRecord is one place of a difference; frames count from 1, 0 is
// none.
type OccurrenceRecord struct {
	ReferenceFrame int    `json:"reference_frame"`
	TestedFrame    int    `json:"tested_frame"`
	Reference      string `json:"reference"`
	Tested         string `json:"tested"`
	Finding        string `json:"finding,omitempty"` // for rules
	Got            int64  `json:"got,omitempty"`     // for rules that measure: the number that was seen; left out: 0
	Want           int64  `json:"want,omitempty"`    // for rules that measure: the number that the rule demands; left out: 0
}

// NormalisedRecord is what was taken out before comparing.
type NormalisedRecord struct {
	Name      string `json:"name"`
	Why       string `json:"why"`
	Reference string `json:"reference"`
	Tested    string `json:"tested"`
}

// RuleRecord is a requirement and what it says of both stacks.
type RuleRecord struct {
	Head
	Comparison int    `json:"comparison"`
	ID         string `json:"id"`
	Clause     string `json:"clause"`
	Level      string `json:"level"`
	Meaning    string `json:"meaning"`
	Reference  string `json:"reference"` // holds, broken, not exercised
	Tested     string `json:"tested"`
}

// SummaryRecord ends every output.
type SummaryRecord struct {
	Head
	Verdict     string             `json:"verdict"` // the worst against the stacks under test; error if there is no comparison
	ExitStatus  int                `json:"exit_status"`
	Comparisons []ComparisonRecord `json:"comparisons"`
	Error       *ErrorRecord       `json:"error,omitempty"`
}

// ComparisonRecord is one comparison in a summary.
type ComparisonRecord struct {
	Comparison  int                `json:"comparison"`
	Reference   string             `json:"reference"`
	Tested      string             `json:"tested"`
	Verdict     string             `json:"verdict"`
	ExitStatus  int                `json:"exit_status"`
	Differences int                `json:"differences"`
	Violations  int                `json:"violations"`
	Unspecified int                `json:"unspecified"`
	Deviations  int                `json:"deviations"`
	Permitted   int                `json:"permitted"`
	Noise       int                `json:"noise"`
	Artefacts   int                `json:"artefacts"`
	Known       int                `json:"known"` // known and accepted; the other numbers do not count them
	Normalised  []NormalisedRecord `json:"normalised"`
}

// ErrorRecord says why there is no result.
type ErrorRecord struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// UnmarshalJSON also takes the sentence alone, as v1 had it.
func (e *ErrorRecord) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		e.Code = "trouble" // it did not say which
		return json.Unmarshal(text, &e.Message)
	}
	type object ErrorRecord
	return json.Unmarshal(text, (*object)(e))
}
