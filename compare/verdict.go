package compare

// Verdict is what a difference means.
type Verdict uint8

// The verdicts, the harmless first.
const (
	Same        Verdict = iota // no difference
	Permitted                  // an RFC leaves it open
	Noise                      // the same stack varies in this as well
	Artefact                   // the capture cannot tell: offload, super-frame, lost frames
	Deviation                  // a SHOULD is not followed
	Unspecified                // no rule was found: a person should look
	Violation                  // a MUST is broken
)

var verdictNames = [...]string{"same", "permitted", "noise", "artefact", "deviation", "unspecified", "violation"}

func (v Verdict) String() string { return verdictNames[v] }

// Glyph is one character for ladders and lists, so that nothing depends on
// colour alone.
func (v Verdict) Glyph() string {
	switch v {
	case Same:
		return "="
	case Permitted, Noise, Artefact:
		return "~"
	case Deviation:
		return "?"
	case Unspecified, Violation:
		return "!"
	}
	panic("BUG: unknown verdict")
}

// Sides is a set of the parties to a comparison.
type Sides uint8

// The parties.
const (
	Reference     Sides = 1 << iota // the stack that is compared with
	Tested                          // the stack under test
	ReferencePeer                   // who the reference talked to
	TestedPeer                      // who the stack under test talked to
)

// Names lists the parties; never nil.
func (s Sides) Names() []string {
	names := []string{}
	for i, name := range [...]string{"reference", "tested", "reference's peer", "tested's peer"} {
		if s&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}
