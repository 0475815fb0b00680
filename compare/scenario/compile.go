package scenario

import (
	"fmt"
	"time"
)

// Script is a scenario that is ready to be played: either Steps in time
// order, or a whole conversation with an echoing peer over a wire with
// Impairments.
type Script struct {
	Name   string
	Doc    string
	Config Config
	// Settings hold from the beginning; later ones are among the Steps.
	Settings []Setting
	Steps    []Step
	// Conversation says that there are no Steps: Application talks to a peer
	// that echoes, and Impairments change what the wire does.
	Conversation bool
	Application  Application
	Impairments  []Impairment
	Ignored      []Remark // was read and has no effect, for the report
	Unsupported  []Remark // was read and cannot be played; empty if all can
}

// Step is one thing that happens or is expected. Exactly one of Call, Packet
// and Setting is set.
type Step struct {
	Pos  Pos
	Time Time // as written
	// Earliest and Latest are the time counted from the beginning if every
	// step before happens as early as it may; Latest is Forever for a
	// wildcard. A relative time counts from when the step before really
	// happened, so a player goes by Time.
	Earliest, Latest time.Duration
	// Returns is when a blocking call returns, counted like Earliest.
	Returns time.Duration
	Call    *Call
	Packet  *Packet
	Setting *Setting
}

// Remark is something in a script that a report should mention.
type Remark struct {
	Pos  Pos
	Text string // what stands there
	Why  string
}

func (r Remark) String() string { return fmt.Sprintf("%s: %s: %s", r.Pos, r.Text, r.Why) }

// Read parses and compiles a script.
func Read(name string, src []byte) (*Script, error) {
	f, err := Parse(name, src)
	if err != nil {
		return nil, err
	}
	return Compile(f)
}

// Compile gives a parsed script its meaning: options and sysctls by name,
// symbols of --define in the place of their names, times in order. The File
// is not changed and shares its packets and calls with the Script where
// nothing had to be replaced. The error is Errors, like that of Parse.
func Compile(f *File) (*Script, error) {
	c := &compiler{file: f, script: &Script{Name: f.Name, Doc: f.Doc}}
	c.options()
	for i := range f.Events {
		c.event(&f.Events[i])
	}
	c.cleanup()
	c.kindOfScript()
	if len(c.errs) > 0 {
		return nil, c.errs[:min(len(c.errs), maxErrors)]
	}
	return c.script, nil
}

type compiler struct {
	file   *File
	script *Script
	app    Application   // as far as options say
	now    time.Duration // earliest time of the event before
	errs   Errors
}

func (c *compiler) fail(pos Pos, expected, found string) {
	c.errs = append(c.errs, &Error{pos, expected, clip(found)})
}

func (c *compiler) ignore(pos Pos, text, why string) {
	c.script.Ignored = append(c.script.Ignored, Remark{pos, clip(text), why})
}

func (c *compiler) unsupported(pos Pos, text, why string) {
	c.script.Unsupported = append(c.script.Unsupported, Remark{pos, clip(text), why})
}

// event adds what one event of the file means.
func (c *compiler) event(e *Event) {
	step := c.at(e)
	switch {
	case e.Impair != nil:
		c.script.Impairments = append(c.script.Impairments, *e.Impair)
	case e.Code != nil:
		c.ignore(e.Pos, "%{"+e.Code.Text+"}%", "code is not executed")
	case e.Command != nil:
		c.command(e, step)
	case e.Call != nil:
		step.Call = c.call(e.Call)
		c.script.Steps = append(c.script.Steps, step)
	case e.Packet != nil:
		step.Packet = c.packet(e.Packet)
		c.script.Steps = append(c.script.Steps, step)
	}
}

// at places an event in time, after the one before.
func (c *compiler) at(e *Event) Step {
	s := Step{Pos: e.Pos, Time: e.Time, Earliest: e.Time.At}
	base := time.Duration(0)
	switch e.Time.Kind {
	case NoTime, AnyTime:
		s.Earliest = c.now
	case Relative, RelativeRange:
		base = c.now
		s.Earliest += base
	case Absolute, AbsoluteRange:
		if s.Earliest < c.now && e.Time.Kind == Absolute {
			c.fail(e.Pos, "a time that is not before that of the event before, "+seconds(c.now), seconds(s.Earliest))
		}
	}
	s.Earliest = max(s.Earliest, c.now)
	switch e.Time.Kind {
	case AnyTime:
		s.Latest = Forever
	case AbsoluteRange, RelativeRange:
		s.Latest = e.Time.Until
		if s.Latest != Forever {
			s.Latest += base
		}
	default:
		s.Latest = s.Earliest
	}
	if e.Call != nil && e.Call.Blocking {
		s.Returns = e.Call.End + base
	}
	if s.Earliest > 1<<62 {
		c.fail(e.Pos, "a script of less than 146 years", seconds(s.Earliest))
		s.Earliest = 0
	}
	c.now = s.Earliest
	return s
}

// command adds the settings of a command's sysctls.
func (c *compiler) command(e *Event, step Step) {
	for _, line := range commandLines(e.Command.Text) {
		pairs, why := sysctls(line)
		if why != "" {
			c.ignore(e.Pos, "`"+line+"`", why)
		}
		for _, pair := range pairs {
			settings, why := mapSysctl(pair.key, pair.value)
			if why != "" {
				c.ignore(e.Pos, pair.key+"="+pair.value, why)
			}
			for _, s := range settings {
				s.Pos = e.Pos
				c.setting(s, step)
			}
		}
	}
}

// setting takes a setting into force: from the beginning, or as a step when
// something has happened before.
func (c *compiler) setting(s Setting, step Step) {
	if len(c.script.Steps) == 0 {
		c.script.Settings = append(c.script.Settings, s)
		return
	}
	step.Setting = &s
	c.script.Steps = append(c.script.Steps, step)
}

// cleanup drops the settings after the last call and packet.
func (c *compiler) cleanup() {
	steps := c.script.Steps
	for len(steps) > 0 && steps[len(steps)-1].Setting != nil {
		s := steps[len(steps)-1].Setting
		c.ignore(s.Pos, s.From, "nothing happens after it")
		steps = steps[:len(steps)-1]
	}
	c.script.Steps = steps
}

// kindOfScript decides between steps and a conversation.
func (c *compiler) kindOfScript() {
	s := c.script
	if len(s.Impairments) > 0 {
		s.Conversation = true
	}
	switch {
	case s.Conversation && len(s.Steps) > 0:
		c.fail(s.Steps[0].Pos, "impairments and the options of a conversation only (a script has either these or events)", "an event")
	case !s.Conversation && len(s.Steps) == 0 && len(c.errs) == 0:
		c.fail(Pos{s.Name, 1, 1}, "a script with at least one packet, system call or impairment", "none")
	}
	if s.Conversation {
		c.application()
	}
}
