package library

// Known are the declared differences: the worst first, then by topic.
var Known = []Difference{
	{
		Stack: "netstack", Requirement: "R9293:3.10.7.4:ack-future", Verdict: Violation,
		What:      "takes data whose acknowledgement is of what was never sent, and answers no such segment with an ACK",
		Scenarios: []string{"receive/ack-of-the-future-drops-the-data", "attack/data-without-a-valid-ack-is-not-taken"},
	},
	{
		Stack: "netstack", Requirement: "MUST-56", Verdict: Violation,
		What: "ends the opening of a connection for an unreachable message that is not final",
		Scenarios: []string{
			"icmp/network-unreachable-while-opening", "icmp/host-unreachable-while-opening", "icmp/source-route-failed-while-opening",
			"icmp/no-route-while-opening-ipv6", "icmp/soft-error-is-reported-when-the-opening-fails",
		},
	},
	{
		Stack: "netstack", Requirement: "MUST-23", Verdict: Violation,
		What:      "gives a SYN up after 127 s instead of three minutes",
		Scenarios: []string{"opening/syn-lost-for-ever-is-retried-three-minutes"},
	},
	{
		Stack: "netstack", Requirement: "MUST-46", Verdict: Violation,
		What:      "sends a SYN to a broadcast or multicast address",
		Scenarios: []string{"opening/no-connection-to-broadcast", "opening/no-connection-to-multicast"},
	},
	{
		Stack: "netstack", Requirement: "6298:5:early", Verdict: Violation,
		What:      "repeats its SYN a dozen times in the ten milliseconds after a wrong acknowledgement, beginning 2 µs later",
		Source:    "pkg/tcpip/transport/tcp/connect.go, tcpMinTimeout",
		Scenarios: []string{"opening/wrong-ack-in-syn-sent-draws-a-reset", "opening/ack-of-nothing-in-syn-sent-draws-a-reset"},
	},
	{
		Stack: "netstack", Requirement: "R9293:3.5.2:nonsync-rst", Verdict: Violation,
		What:      "says nothing to an unacceptable acknowledgement in SYN-RECEIVED",
		Scenarios: []string{"opening/unacceptable-ack-in-syn-received-draws-a-reset"},
	},
	{
		Stack: "netstack", Requirement: "R9293:3.10.7.3:synack-text", Verdict: Violation,
		What:      "drops text and FIN of a SYN-ACK; the peer has to send them again",
		Scenarios: []string{"opening/data-in-synack-is-kept", "opening/fin-in-synack-closes-the-peers-side"},
	},
	{
		Stack: "netstack", Requirement: "6298:5.7:syn3s", Verdict: Violation,
		What:      "waits less than 3 s for its first data after a SYN that was lost, and begins with ten segments, as RFC 6928 allows",
		Scenarios: []string{"opening/first-data-after-a-lost-syn-waits-three-seconds"},
	},
	{
		Stack: "netstack", Requirement: "MUST-15", Verdict: Violation,
		What:      "takes 536 octets for the default over IPv6 as well",
		Scenarios: []string{"synack/no-mss-means-the-default-ipv6"},
	},
	{
		Stack: "netstack", Requirement: "1191:3:min68", Verdict: Violation,
		What:      "sends segments of one octet when a message names a size below the least, or none",
		Scenarios: []string{"pmtu/too-big-below-the-least", "pmtu/too-big-below-the-least-ipv6", "pmtu/too-big-without-a-size"},
	},
	{
		Stack: "netstack", Requirement: "MUST-13", Verdict: Violation,
		What:      "leaves TIME-WAIT after 60 s",
		Scenarios: []string{"timewait/repeated-fin-is-acknowledged-and-restarts"},
	},
	{
		Stack: "netstack", Requirement: "MUST-62", Verdict: Violation,
		What:      "has no urgent data: what is to be urgent leaves as ordinary data",
		Scenarios: []string{"urgent/sent-with-a-pointer-behind-it"},
	},
	{
		Stack: "netstack", Requirement: "MUST-66", Verdict: Violation,
		What:      "drops segments unseen while what was received takes more memory than a tiny buffer has",
		Source:    "pkg/tcpip/transport/tcp/segment_queue.go, enqueue",
		Scenarios: []string{"urgent/with-a-closed-window", "window/data-beyond-it-is-cut"},
	},
	{
		Stack: "netstack", Requirement: "R9293:3.8.6.1:probe-octet", Verdict: Violation,
		What: "probes a closed window with an octet that was acknowledged already, and by its timeout of 200 ms",
		Scenarios: []string{
			"synack/zero-window", "window/opens-before-the-first-probe", "window/probe-that-is-accepted-is-not-sent-again", "window/shrinks-to-zero",
			"window/zero-window-for-an-hour-keeps-the-connection", "window/zero-window-is-probed-and-the-wait-doubles",
		},
		Beside: []string{"window/fin-waits-for-the-window"},
	},
	{
		Stack: "netstack", Requirement: "R9293:3.10.7.4:wl1wl2", Verdict: Violation,
		What:      "takes the window of an older acknowledgement",
		Scenarios: []string{"window/old-ack-number-does-not-change-it"},
	},
	{
		Stack: "netstack", Requirement: "7323:5.3:paws", Verdict: Deviation,
		What:      "takes a segment with an old timestamp: it has no protection against wrapped sequence numbers",
		Scenarios: []string{"timestamps/old-segment-is-dropped-and-acknowledged"},
	},
	{
		Stack: "netstack", Requirement: "5681:3.1:ss", Verdict: Deviation,
		What:      "opens the window by two segments for an acknowledgement of two",
		Scenarios: []string{"congestion/slow-start-after-a-timeout"},
	},
	{
		Stack: "netstack", Requirement: "5681:3.2:limited", Verdict: Deviation,
		What:   "sends nothing for the first duplicate acknowledgements, and repairs the very first flight of a connection by the timer only",
		Source: "pkg/tcpip/transport/tcp/snd.go, detectLoss",
		Scenarios: []string{
			"loss/limited-transmit-keeps-the-clock-running",
			"loss/recovery-halves-the-window",
		},
	},
	{
		Stack: "netstack", Requirement: "6675:4:nextseg", Verdict: Deviation,
		What: "does not send the second of two holes again when the first one is",
		Scenarios: []string{
			"loss/several-with-sack-are-repaired-in-order",
		},
	},
	{
		Stack: "netstack", Requirement: "8985:6.2:reo", Verdict: Deviation,
		What: "leaves a segment that others overtook by more than the reordering window to the timer",
		Scenarios: []string{
			"loss/timeout-with-sacked-data-behind-it",
		},
	},
	{
		Stack: "netstack", Requirement: "SHLD-28", Verdict: Deviation,
		What:   "keeps room for SACK blocks free in every segment when the peer permits SACK: segments of 964 octets with an MSS of 1000",
		Source: "pkg/tcpip/transport/tcp/endpoint.go, maxOptionSize",
		Scenarios: []string{
			"sending/permitted-sack-leaves-segments-full",
			"loss/cubic-keeps-seven-tenths",
			"loss/tail-probe-sends-new-data-first",
		},
	},
	{
		Stack: "netstack", Requirement: "6298:2.4:min", Verdict: Deviation,
		What:   "repeats after 200 ms, so more often before it gives up",
		Source: "pkg/tcpip/transport/tcp/protocol.go, MinRTO",
		Scenarios: []string{
			"loss/user-timeout-ends-the-connection",
		},
	},
	{
		Stack: "netstack", Requirement: "SHLD-31", Verdict: Deviation,
		What: "drops a FIN that arrives before the data in front of it",
		Scenarios: []string{
			"reorder/fin-before-the-data-waits",
		},
	},
	{
		Stack: "netstack", Requirement: "SHLD-18", Verdict: Deviation,
		What: "acknowledges every segment at once and never delays",
		Scenarios: []string{
			"receive/ack-rides-on-data",
			"receive/burst-is-acknowledged-together",
			"receive/every-second-full-segment-is-acknowledged",
			"timestamps/delayed-ack-echoes-the-earlier-segment",
		},
	},
	{
		Stack: "netstack", Requirement: "SHLD-8", Verdict: Deviation,
		What: "has no ECN",
		Scenarios: []string{
			"ecn/echo-halves-the-window-once",
			"ecn/given-up-after-a-lost-syn",
			"ecn/mark-is-echoed-until-cwr",
			"ecn/mirrored-bits-are-no-agreement",
			"ecn/not-used-when-the-peer-declines",
			"ecn/offered-when-asked-for",
			"ecn/probes-are-not-marked",
			"ecn/repetitions-are-not-marked",
		},
	},
	{
		Stack: "netstack", Requirement: "SHLD-26", Verdict: Deviation,
		What: "goes on after a protocol or port unreachable message about an open connection",
		Scenarios: []string{
			"icmp/port-unreachable-while-open",
			"icmp/port-unreachable-while-open-ipv6",
			"icmp/protocol-unreachable-while-open",
		},
	},
	{
		Stack: "netstack", Requirement: "7323:3.2:no-ts", Verdict: Deviation,
		What: "takes a segment without its timestamp",
		Scenarios: []string{
			"timestamps/missing-one-drops-the-segment",
		},
	},
	{
		Stack: "netstack", Requirement: "4821:7.7:blackhole", Verdict: Deviation,
		What: "repeats full segments unchanged however often they vanish",
		Scenarios: []string{
			"pmtu/full-segments-that-vanish-become-smaller",
		},
	},
	{
		Stack: "netstack", Requirement: "MUST-10", Verdict: Permitted,
		What:      "answers the SYN,ACK of a simultaneous open with an ACK and waits for one itself, as the first step of §3.10.7.4 has it; Figure 8 opens the connection",
		Scenarios: []string{"opening/simultaneous-open"},
	},
	{
		Stack: "netstack", Requirement: "SHLD-26", Verdict: Permitted,
		What:      "ends the opening for a message of code 13, of which RFC 9293 says nothing",
		Scenarios: []string{"icmp/administratively-prohibited-while-opening"},
	},
	{
		Stack: "netstack", Requirement: "5927:4.1:seqcheck", Verdict: Permitted,
		What: "believes a message that quotes what is not in flight: the check is advice",
		Scenarios: []string{
			"pmtu/blind-too-big-is-ignored", "pmtu/blind-too-big-is-ignored-ipv6",
			"icmp/port-unreachable-blind-while-opening", "icmp/port-unreachable-blind-while-opening-ipv6",
		},
	},
	{
		Stack: "netstack", Requirement: "5961:5.2:ack", Verdict: Permitted,
		What: "takes data whose acknowledgement is older than any window: the check is a MAY",
		Scenarios: []string{
			"receive/ack-of-the-distant-past-drops-the-data",
		},
	},
	{
		Stack: "netstack", Requirement: "5961:7:throttle", Verdict: Permitted,
		What: "sends one challenge in half a second; the number is left open",
		Scenarios: []string{
			"attack/challenges-are-limited",
		},
	},
	{
		Stack: "netstack", Requirement: "1337:3:tw-rst", Verdict: Permitted,
		What: "ignores a RST in TIME-WAIT, as RFC 1337 advises",
		Scenarios: []string{
			"timewait/reset-ends-it",
		},
	},
	{
		Stack: "netstack", Requirement: "1337:3:tw-rst", Verdict: Permitted,
		What:      "ignores a RST in TIME-WAIT beside the number too, as RFC 1337 advises",
		Scenarios: []string{"timewait/reset-beside-the-number-draws-a-challenge"},
	},
	{
		Stack: "netstack", Requirement: "6191:2:tw-reuse", Verdict: Permitted,
		What:      "says nothing to a SYN in TIME-WAIT that does not reopen the connection, as RFC 6191 has it",
		Scenarios: []string{"timewait/syn-draws-a-challenge"},
	},
	{
		Stack: "netstack", Requirement: "MUST-39", Verdict: Permitted,
		What: "offers half of its receive buffer, so that its window ends elsewhere than the script counts",
		Scenarios: []string{
			"attack/reset-at-the-edges-of-the-window",
			"window/application-that-does-not-read-closes-it",
			"window/closed-window-acknowledges-probes",
			"window/reading-opens-it-in-large-steps",
		},
	},
}
