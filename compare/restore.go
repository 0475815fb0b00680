package compare

// Restore makes a report that was put together from saved parts answer
// questions as one that Compare made. Both runs must have a conversation.
// What was found is not found again: a saved verdict stays what it was when
// the rules change.
func Restore(r *Report) *Report {
	r.ref, r.test = newView(r.Reference.Conversations[0]), newView(r.Tested.Conversations[0])
	return r
}

// ParseVerdict returns the verdict of that name.
func ParseVerdict(name string) (v Verdict, ok bool) {
	for n, known := range verdictNames {
		if known == name {
			return Verdict(n), true
		}
	}
	return Same, false
}

// ParseClass returns the class of that name.
func ParseClass(name string) (c Class, ok bool) {
	for n, known := range classNames {
		if known == name {
			return Class(n), true
		}
	}
	return Field, false
}

// ParseSides returns the parties of those names.
func ParseSides(names []string) (s Sides, ok bool) {
	for _, name := range names {
		found := false
		for side := Reference; side <= TestedPeer; side <<= 1 {
			if side.Names()[0] == name {
				s, found = s|side, true
			}
		}
		if !found {
			return s, false
		}
	}
	return s, true
}
