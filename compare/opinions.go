package compare

import (
	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// checksumMarks are what is known of a checksum beside that it is right.
const checksumMarks = capture.ChecksumBad | capture.ChecksumPartial | capture.ChecksumUnverified | capture.ChecksumCompleted

func checksumValue(_ *view, e *capture.Event) string {
	switch m := e.Marks; {
	case m.Has(capture.ChecksumBad):
		return "wrong"
	case m.Has(capture.ChecksumPartial):
		return "left to hardware"
	case m.Has(capture.ChecksumUnverified):
		return "not verifiable"
	case m.Has(capture.ChecksumCompleted):
		return "completed on receipt"
	}
	return "right"
}

func judgeChecksum(p *pair) opinion {
	if (p.x.Marks | p.y.Marks).Has(capture.ChecksumBad) {
		return opinion{Unspecified, "", "one side's TCP checksum is wrong"}
	}
	return opinion{Artefact, "", "one side's checksum could not be verified as it was sent: offloading, or bytes that the capture lacks"}
}

func both(p *pair, m capture.Marks) bool { return p.x.Marks.Has(m) && p.y.Marks.Has(m) }

func judgeECN(p *pair) opinion {
	if p.x.Dir == tap.Out && p.x.Kind == capture.TCP {
		return opinion{Permitted, "RFC 3168 §6.1", "ECN is used only where both ends ask for it, and each may refrain"}
	}
	return opinion{Permitted, "RFC 3168 §5", "marks may be set by any router on the way"}
}

func judgeECNFlag(p *pair) opinion {
	if p.role == roleSYN || p.role == roleSYNAgain {
		return opinion{Permitted, "RFC 3168 §6.1.1", "a host may offer ECN in its SYN"}
	}
	if p.x.Dir == tap.In {
		return opinion{Permitted, "RFC 3168 §6.1.2", "the peer answers what it was offered and what the network marked"}
	}
	return opinion{Unspecified, "", "an ECN bit is set on one side only"}
}

func judgePush(p *pair) opinion {
	if p.x.PayloadLen == 0 || p.y.PayloadLen == 0 {
		return opinion{Permitted, "RFC 9293 §3.9.1.2", "PSH means nothing on a segment without data"}
	}
	return opinion{Permitted, "RFC 9293 §3.9.1.2, MUST-61, SHLD-27",
		"PSH belongs on the last segment of what is queued; on others it may be set or collapsed"}
}

func judgeUrgent(p *pair) opinion {
	if !(p.x.Flags | p.y.Flags).Has(capture.URG) {
		return opinion{Permitted, "RFC 9293 §3.1", "the urgent pointer means nothing without URG"}
	}
	return opinion{Unspecified, "", "the urgent pointers differ"}
}

// judgeSeq: a place in the stream differs only because the octets before it
// were cut otherwise, or because somebody miscounts, which the rules find.
func judgeSeq(p *pair) opinion {
	switch p.role {
	case roleData, roleDataAgain:
		return opinion{Permitted, "RFC 9293 §3.9.1.2, SHLD-28", "a sender may cut its stream where it likes"}
	case roleACK, roleProbe, roleRST, roleFIN, roleFINAgain:
		if p.ref.end[p.x.Dir] != p.test.end[p.y.Dir] {
			return opinion{Permitted, "RFC 9293 §3.4", "the two senders had sent a different number of octets"}
		}
		if p.role == roleACK {
			return opinion{Permitted, "RFC 9293 §3.4", "more had been sent by one side when this segment left; each carries its next number"}
		}
	}
	return opinion{Unspecified, "", "the sequence numbers differ"}
}

func judgeLen(p *pair) opinion {
	if p.x.Marks.Has(capture.SuperFrame) || p.y.Marks.Has(capture.SuperFrame) {
		return opinion{Artefact, "", "offloading merged segments before the capture saw them"}
	}
	if p.role == roleFIN || p.role == roleRST || p.role == roleACK {
		return opinion{Permitted, "RFC 9293 §3.9.1.4", "the last data may ride on the FIN or go before it"}
	}
	return opinion{Permitted, "RFC 9293 §3.9.1.2, SHLD-28", "a sender may cut its stream where it likes, up to the receiver's MSS"}
}
