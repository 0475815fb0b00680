package rules

// JudgedBy names, for requirements that have no rule of their own, the rules
// that judge the same thing: because two RFCs say it, because one requirement
// is made of others, or because it shows only in what follows from it.
var JudgedBy = map[string][]string{
	"MUST-4":  {"MUST-16"}, // the MSS is obeyed whatever stands around it
	"MUST-6":  {"MUST-16"},
	"MUST-64": {"MUST-16", "MUST-65"},
	"MUST-10": {"R9293:3.10.7.3:simopen"},
	"MUST-15": {"MUST-16"},
	"MUST-19": {"5681:3.1:iw", "5681:3.1:ss", "5681:3.1:loss-cwnd", "6298:5.5:double"},
	"MUST-22": {"MUST-23", "6298:5.5:double"},
	"MUST-26": {"R9293:3.10.7.4:ack-seq"},
	"MUST-31": {"MUST-30"},
	"SHLD-16": {"MUST-18"},
	"SHLD-28": {"MUST-38"},

	"R9293:3.10.7.4:accept":     {"R9293:3.5.2:sync-ack", "SHLD-31", "R9293:3.10.7.4:trim"},
	"R9293:3.10.7.4:syn5961":    {"5961:4.2:syn"},
	"R9293:3.10.7.4:ack-range":  {"5961:5.2:ack"},
	"R9293:3.8.6.2.1:sws":       {"MUST-38"},
	"R9293:3.10.8:rto-front":    {"6298:5.4:front"},
	"6298:2.3:update":           {"6298:5:early"},
	"6298:2.5:max":              {"6298:5.5:double"},
	"6298:5.2/5.3:stop,restart": {"R9293:3.10.7.4:acked-gone"},
	"6928:2:iw10":               {"5681:3.1:iw"},
	"5681:3.1:iw-syn":           {"5681:3.1:iw"},
	"5681:4.2:ack2":             {"SHLD-19", "MUST-40"},
	"7323:2.4:retract":          {"MUST-34"},
	"8985:4:sack-needed":        {"6298:5:early", "6298:2.4:min"},
	"768/1071:csum":             {"MUST-2", "791:3.1:checksum"},
	"6633:quench":               {"MUST-55"},
	"6691:mss":                  {"MUST-16", "R9293:3.7.1:mss-mtu"},
	"6528:isn":                  {"MUST-8", "SHLD-1"},
	"894:pad":                   {"791:3.1:length"},
}

// The reasons that are given more than once.
const (
	hidesApplication = "the application's wish is not in the frames: what looks wrong may have been asked for"
	hidesWindow      = "the congestion window is not in the frames: the application or the receiver may have held the sender back"
	permission       = "a permission cannot be broken"
)

// NotInFrames says of the other requirements that show on the wire why the
// frames of a conversation cannot tell whether they are broken. The library of
// scenarios has scripts for those that it can provoke.
var NotInFrames = map[string]string{
	"MUST-11": "going back to LISTEN or to CLOSED looks the same from outside, until somebody connects",
	"MUST-17": hidesApplication, "MUST-48": hidesApplication, "MUST-49": hidesApplication,
	"SHLD-21": hidesApplication, "SHLD-22": hidesApplication, "MUST-25": hidesApplication,
	"MUST-52": hidesApplication, "SHLD-24": hidesApplication, "SHLD-7": hidesApplication, "SHLD-8": hidesApplication,
	"MUST-20": "an end that gives up looks like an application that aborts",
	"MUST-29": "an end that gives up looks like an application that aborts",
	"MUST-37": "an end that gives up looks like an application that aborts",
	"SHLD-11": "an end that gives up looks like an application that aborts",
	"SHLD-17": "an end that gives up looks like an application that aborts",
	"MUST-44": "the routes of the host are not in the frames",
	"MUST-45": "a segment from another address is another conversation",
	"MUST-58": "what was queued when the acknowledgement left is not in the frames",
	"MUST-59": "what was queued when the acknowledgement left is not in the frames",
	"MUST-60": hidesApplication,
	"MUST-62": "which octet is the last urgent one is the application's to say",
	"SHLD-3":  "whether the application had read everything is not in the frames",
	"SHLD-4":  "only a new connection between the same ports shows it",
	"SHLD-18": "an acknowledgement at once is also right: for a full segment, a PSH, or the start of a transfer",
	"SHLD-27": "PSH on a segment that is not the last is no fault, and which writes it collapses is not in the frames",

	"MAY-1": permission, "MAY-3": permission, "MAY-4": permission, "MAY-5": permission, "MAY-6": permission,
	"MAY-7": permission, "MAY-8": permission, "MAY-10": permission, "MAY-11": permission, "MAY-12": permission,
	"MAY-13": permission, "MAY-16": permission, "MAY-18": permission, "6864:4.1:atomic": permission, "7323:4.1:rttm": permission,

	"R9293:3.10.7.4:tw-rst":    "RFC 9293 closes and RFC 1337 ignores: either is right",
	"1337:3:tw-rst":            "RFC 9293 closes and RFC 1337 ignores: either is right",
	"R9293:3.10.7.4:piggyback": "when the application wrote is not in the frames",
	"R9293:3.8.2:backoff-keep": "a later timeout depends on samples that only the end itself has",
	"6298:3:rate":              "samples are taken inside",
	"5681:3.1:ca":              hidesWindow, "5681:3.1:loss-ssthresh": hidesWindow, "5681:3.1:loss-repeat": hidesWindow,
	"5681:3.2:limited": hidesWindow, "5681:3.2:inflate": hidesWindow, "3042:2:limited": hidesWindow,
	"6675:5:enter": hidesWindow, "6675:4:nextseg": hidesWindow, "6582:3.2:recover": hidesWindow, "9438:4:cubic": hidesWindow,
	"2018:3:max3":         "a header has no room for more",
	"2018:5.1:rto-ignore": "RFC 2018 forgets and RFC 6675 remembers: either is right",
	"8985:6.2:reo":        "when a segment counts as lost depends on a window that grows inside",
	"8985:7.3:probe":      "a tail probe is known by being the last segment",
	"4821:7.7:blackhole":  "whether full segments or all segments vanish is not in the frames of one conversation",
}
