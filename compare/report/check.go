package report

import (
	"bufio"
	"fmt"
	"io"

	"tcping-cmp/compare"
	"tcping-cmp/tap"
)

// CheckText writes what was found in the conversations of a capture.
func CheckText(w io.Writer, list []*compare.Checked, s Style) error {
	p := &printer{w: bufio.NewWriter(w), s: s, g: s.glyphs()}
	for n, c := range list {
		p.checked(n+1, c)
	}
	if s.Verbose > 0 && !s.Quiet && len(list) > 0 {
		p.line("")
		for _, l := range Wrap(inferredLegend, s.width()) {
			p.line("%s", s.paint(faint, l))
		}
	}
	color := green
	mark, text := checkedLine(list)
	if mark != "=" {
		color = red
	}
	p.line("%s %s", p.s.paint(color, mark), text)
	return p.w.Flush()
}

func (p *printer) checked(number int, c *compare.Checked) {
	if p.s.Quiet && c.Worst() < compare.Deviation && c.ExitStatus() == 0 {
		return
	}
	v := c.Conversation
	p.heading(fmt.Sprintf("Conversation %d: %s to %s, %s", number, v.Client, v.Server, Plural(len(v.Events), "frame")))
	for _, text := range remarks(c) {
		p.line("  %s", text)
	}
	for n := range c.Broken {
		p.brokenRule(&c.Broken[n])
	}
	p.line("  %d rules hold, %d broken, %d not exercised", len(c.Held), len(c.Broken), c.NotExercised)
	if t := storyOf(c, p.s); t != nil {
		p.story(t)
	} else if p.s.Verbose > 0 {
		p.line("  its frames are not at hand: check -v --format json saves them")
	}
}

func (p *printer) brokenRule(b *compare.BrokenRule) {
	head := fmt.Sprintf("%s %s by the %s", b.Verdict.Glyph(), b.Verdict, end(b.Dir))
	if b.Known != nil {
		head = fmt.Sprintf("~ known of %s, by the %s", b.Known.Stack, end(b.Dir))
	}
	if b.New {
		head += ", new"
	}
	p.line("  %s  %s", p.s.paint(verdictColor(b.Verdict), head), p.s.paint(bold, b.Rule.ID))
	limit := 3
	if p.s.Full {
		limit = len(b.Places)
	}
	for n := range b.Places {
		if n == limit {
			p.line("      %s and %d more", p.g.middle, len(b.Places)-n)
			break
		}
		p.line("      #%d: %s", b.Places[n].Event+1, b.Says(n))
	}
	why := b.Rule.Clause + ": " + b.Rule.Meaning
	if b.Known != nil {
		why += " Accepted: " + b.Known.Why + "."
	}
	for _, l := range Wrap(why, p.s.width()-6) {
		p.line("      %s", p.s.paint(faint, l))
	}
}

func end(dir tap.Direction) string {
	if dir == tap.Out {
		return "client"
	}
	return "server"
}

// ConversationRecord is one conversation of a capture that was checked.
type ConversationRecord struct {
	Head
	Conversation int      `json:"conversation"` // from 1
	Client       string   `json:"client"`
	Server       string   `json:"server"`
	Frames       int      `json:"frames"`
	Stack        string   `json:"stack"`      // the name of its interface in the capture; empty if it has none
	StartNS      int64    `json:"start_ns"`   // since 1970
	LinkType     uint16   `json:"link_type"`  // as in run
	FromStart    bool     `json:"from_start"` // both SYNs were captured
	AtClient     bool     `json:"at_client"`  // captured at the client's own link
	Verdict      string   `json:"verdict"`    // the worst that is not known
	Holds        int      `json:"holds"`      // rules
	Held         []string `json:"held"`       // their ids
	NotExercised int      `json:"not_exercised"`
}

// SeriesRecord is what the conversations of one client show together. It
// follows the first of them; a rule that is broken is a finding of the
// conversation that shows it, too.
type SeriesRecord struct {
	Head
	Client        string               `json:"client"`        // its address
	Conversations []int                `json:"conversations"` // their numbers, in the order in which they were held
	Rules         []SeriesAnswerRecord `json:"rules"`         // those that they exercise
}

// SeriesAnswerRecord is what a rule says of a series.
type SeriesAnswerRecord struct {
	Rule   string `json:"rule"`
	Answer string `json:"answer"` // holds or broken
}

// FindingRecord is a rule that one end of a conversation breaks.
type FindingRecord struct {
	Head
	Conversation int           `json:"conversation"`
	ID           string        `json:"id"` // stable from capture to capture
	Rule         string        `json:"rule"`
	Clause       string        `json:"clause"`
	Level        string        `json:"level"`
	Meaning      string        `json:"meaning"`
	By           string        `json:"by"` // client or server
	Verdict      string        `json:"verdict"`
	Known        string        `json:"known"`    // why it is accepted; empty if it is not
	KnownOf      string        `json:"known_of"` // the stack it is accepted of; empty if it is not
	New          bool          `json:"new"`      // it is not in the baseline that the result was held against
	Places       []PlaceRecord `json:"places"`
}

// PlaceRecord is one frame that breaks a rule.
type PlaceRecord struct {
	Frame int    `json:"frame"` // from 1, of the conversation
	Says  string `json:"says"`
	Got   int64  `json:"got"`
	Want  int64  `json:"want"`
}

// CheckedRecord ends the output of a check.
type CheckedRecord struct {
	Head
	Conversations int          `json:"conversations"`
	Verdict       string       `json:"verdict"` // the worst that is not known; error if nothing could be checked
	ExitStatus    int          `json:"exit_status"`
	Error         *ErrorRecord `json:"error,omitempty"`
}

// checkJSON writes the same as JSON Lines.
func checkJSON(w io.Writer, list []*compare.Checked, ending Ending, s Style) error {
	out := newLines(w)
	worst, status := compare.Same, 0
	for n, c := range list {
		v := c.Conversation
		out.write(ConversationRecord{
			Head: head("conversation"), Conversation: n + 1, Client: v.Client.String(), Server: v.Server.String(),
			Frames: len(v.Events), FromStart: v.FromStart(), AtClient: v.Exact, Verdict: c.Worst().String(),
			Holds: len(c.Held), Held: append([]string{}, c.Held...), NotExercised: c.NotExercised,
			Stack: v.Stack, StartNS: v.StartOfFrames, LinkType: uint16(v.Type),
		})
		if wantsFrames(c, s) {
			out.frames(frameHead{c: v, stack: v.Stack, repeat: n + 1}, compare.Roles(v))
		}
		for i := range c.Broken {
			out.brokenRule(n+1, &c.Broken[i])
		}
		out.series(c.Series)
		worst, status = max(worst, c.Worst()), max(status, c.ExitStatus())
	}
	record := CheckedRecord{Head: head("summary"), Conversations: len(list), Verdict: worst.String(), ExitStatus: status}
	if ending.Status != 0 {
		record.ExitStatus = ending.Status
	}
	if ending.Message != "" {
		record.Verdict, record.Error = "error", ending.Record()
	}
	out.write(record)
	if err := out.w.Flush(); out.err == nil {
		out.err = err
	}
	return out.err
}

func (l *lines) series(s *compare.CheckedSeries) {
	if s == nil {
		return
	}
	record := SeriesRecord{Head: head("series"), Client: s.Client.String(), Conversations: s.Conversations}
	for _, r := range s.Rules {
		record.Rules = append(record.Rules, SeriesAnswerRecord{r.ID, r.Answer.String()})
	}
	l.write(record)
}

func (l *lines) brokenRule(number int, b *compare.BrokenRule) {
	record := FindingRecord{
		Head: head("finding"), Conversation: number, ID: b.ID, Rule: b.Rule.ID, Clause: b.Rule.Clause, Level: b.Rule.Level.String(),
		Meaning: b.Rule.Meaning, By: end(b.Dir), Verdict: b.Verdict.String(), New: b.New, Places: make([]PlaceRecord, len(b.Places)),
	}
	if b.Known != nil {
		record.Known, record.KnownOf = b.Known.Why, b.Known.Stack
	}
	for n, f := range b.Places {
		record.Places[n] = PlaceRecord{f.Event + 1, b.Says(n), f.Got, f.Want}
	}
	l.write(record)
}
