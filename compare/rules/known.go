package rules

import (
	"slices"
	"strconv"
	"strings"
)

// Known is a difference from a requirement that a stack is known to show, and
// that is accepted: it is shown apart and fails nothing.
type Known struct {
	Rule  string `json:"rule"`  // id of the requirement
	Stack string `json:"stack"` // netstack or kernel
	From  string `json:"from"`  // the first version of the stack that does it, as far as is known
	To    string `json:"to"`    // the last one; empty: it still does
	Where string `json:"where"` // the scenario that shows it; empty where any conversation may
	Seen  string `json:"seen"`  // what is seen
	Why   string `json:"why"`   // why it is accepted
	Link  string `json:"link"`  // to the upstream's own words or code
}

// gVisor and Linux are the versions that the differences were confirmed in.
// What the sources show to be as old as its part of Linux is said to be so.
const (
	gVisor   = "v0.0.0-20260905035102-160fafc42237"
	linux    = "6.18"
	oldLinux = "2.6"
)

// FindKnown returns the known difference of a stack from a requirement; nil if
// there is none. A version outside of its range is not known to differ; where
// the version is not known, it is empty, the range does not matter.
func FindKnown(rule, stack, version string) *Known {
	for n := range KnownDifferences {
		if k := &KnownDifferences[n]; k.Rule == rule && k.Stack == stack && k.covers(version) {
			return k
		}
	}
	return nil
}

func (k *Known) covers(version string) bool {
	v := versionNumbers(version)
	return len(v) == 0 || !olderThan(v, versionNumbers(k.From)) && !olderThan(versionNumbers(k.To), v)
}

// olderThan compares versions as far as both go: 6.18.44 is neither older nor
// newer than 6.18.
func olderThan(v, w []int) bool {
	n := min(len(v), len(w))
	return slices.Compare(v[:n], w[:n]) < 0
}

// versionNumbers are the numbers that a version begins with: 6, 18 and 44 of
// Linux 6.18.44-fc, and 0, 0, 0 and the time of a commit of gVisor.
func versionNumbers(version string) (numbers []int) {
	start := strings.IndexAny(version, "0123456789")
	if start < 0 {
		return nil
	}
	for _, field := range strings.FieldsFunc(version[start:], func(r rune) bool { return r == '.' || r == '-' || r == '+' }) {
		n, err := strconv.Atoi(field)
		if err != nil {
			break
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// versionSettings name the setting that has a stack's version.
var versionSettings = map[string]string{"netstack": "gVisor", "kernel": "kernel"}

// VersionSetting is the name of the setting that has a stack's version; empty
// if it has none.
func VersionSetting(stack string) string { return versionSettings[stack] }

const (
	gvisorTCP = "https://github.com/google/gvisor/tree/master/pkg/tcpip/transport/tcp"
	linuxTCP  = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/net/ipv4"
)

// KnownDifferences are all of them. Each was confirmed in a capture; a test
// fails when one does not occur any more.
var KnownDifferences = []Known{
	{Rule: "6298:2.4:min", Stack: "netstack", From: gVisor, Where: "closing/fin-lost-is-repeated",
		Seen: "the shortest retransmission timeout is 200 ms",
		Why:  "the RFC says SHOULD; a shorter minimum repairs faster on short paths, and delayed acknowledgements stay below it", Link: gvisorTCP + "/snd.go"},
	{Rule: "7323:3.2/4:tsval-clock", Stack: "netstack", From: gVisor, Where: "ecn/given-up-after-a-lost-syn",
		Seen: "a SYN that is sent again has the timestamp of the first",
		Why:  "the options of the SYN are built once; the round trip that is measured from it is too long, never too short", Link: gvisorTCP + "/connect.go"},
	{Rule: "6298:5.7:syn3s", Stack: "netstack", From: gVisor, Where: "opening/first-data-after-a-lost-syn-waits-three-seconds",
		Seen: "the first data after a lost SYN is sent again after one second",
		Why:  "the stack keeps its initial timeout of a second", Link: gvisorTCP + "/snd.go"},
	{Rule: "5681:3.1:iw-synloss", Stack: "netstack", From: gVisor, Where: "opening/first-data-after-two-lost-syns-is-one-segment",
		Seen: "the first flight is ten segments after a SYN that was lost twice too",
		Why:  "the stack does not count the SYNs that it lost; on a path that loses two in a row the first data is likely to be lost as well, and the timer repairs it", Link: gvisorTCP + "/snd.go"},
	{Rule: "6298:2.1:init", Stack: "netstack", From: gVisor, Where: "opening/wrong-ack-in-syn-sent-draws-a-reset",
		Seen: "after the RST that answers a wrong ACK the SYN is sent again at once",
		Why:  "the old connection that sent the wrong ACK is gone by then, so the attempt succeeds sooner", Link: gvisorTCP + "/connect.go"},
	{Rule: "7323:2.2:both-syn", Stack: "netstack", From: gVisor, Where: "ip-options/router-alert-is-ignored",
		Seen: "in a simultaneous open the SYN-ACK repeats the window scale although the other SYN had none",
		Why:  "neither end scales afterwards", Link: gvisorTCP + "/connect.go"},
	{Rule: "7323:3.2:no-ts", Stack: "netstack", From: gVisor, Where: "timestamps/missing-one-drops-the-segment",
		Seen: "data without the agreed timestamps is taken",
		Why:  "the RFC says SHOULD drop; Linux takes it as well", Link: gvisorTCP + "/rcv.go"},
	{Rule: "7323:5.3:paws", Stack: "netstack", From: gVisor, Where: "timestamps/old-segment-is-dropped-and-acknowledged",
		Seen: "data with an old timestamp is taken",
		Why:  "the stack has no PAWS; only sequence numbers that wrap within a minute need it", Link: gvisorTCP + "/rcv.go"},
	{Rule: "7323:4.3:echo", Stack: "netstack", From: gVisor, Where: "timestamps/fin-is-echoed",
		Seen: "the acknowledgement of a FIN echoes the timestamp before the FIN's",
		Why:  "the FIN is acknowledged before its timestamp is noted; the peer measures one round trip too long, when nothing but a FIN of its own can follow", Link: gvisorTCP + "/rcv.go"},
	{Rule: "MUST-13", Stack: "netstack", From: gVisor, Where: "timewait/repeated-fin-is-acknowledged-and-restarts",
		Seen: "TIME-WAIT lasts a minute",
		Why:  "the lifetime of a segment counts as 30 seconds, as in every stack in wide use", Link: gvisorTCP + "/protocol.go"},
	{Rule: "MUST-18", Stack: "netstack", From: gVisor, Where: "timestamps/echo-of-a-number-never-sent",
		Seen: "an echo of a timestamp that was never sent makes the timeout two minutes",
		Why:  "only a peer that lies can do it, to its own loss", Link: gvisorTCP + "/snd.go"},
	{Rule: "R9293:3.10.7.4:ack-future", Stack: "netstack", From: gVisor, Where: "receive/ack-of-the-future-drops-the-data",
		Seen: "the text of a segment whose ACK is of the future is taken",
		Why:  "the sequence number was right; who can guess that can send text", Link: gvisorTCP + "/rcv.go"},
	{Rule: "5961:5.2:ack", Stack: "netstack", From: gVisor, Where: "receive/ack-of-the-distant-past-drops-the-data",
		Seen: "the text of a segment whose ACK is of the distant past is taken",
		Why:  "the RFC says MAY", Link: gvisorTCP + "/rcv.go"},
	{Rule: "1191:3:min68", Stack: "netstack", From: gVisor, Where: "pmtu/too-big-below-the-least",
		Seen: "a message with an MTU below 68 brings packets below it",
		Why:  "only a forged message tells such an MTU", Link: gvisorTCP + "/endpoint.go"},
	{Rule: "MUST-38", Stack: "netstack", From: gVisor,
		Seen: "a segment is cut at the edge of the window however little is left of it",
		Why:  "seen once in some megabytes, when the window is nearly used up; it costs a header", Link: gvisorTCP + "/snd.go"},
	{Rule: "6298:5.5:double", Stack: "kernel", From: "6.5",
		Seen: "the first five repetitions of a SYN follow a second apart, and only then the time doubles",
		Why:  "net.ipv4.tcp_syn_linear_timeouts is 4 by default since Linux 6.5; setting it to 0 brings the doubling back", Link: linuxTCP + "/tcp_timer.c"},
	{Rule: "6298:2.4:min", Stack: "kernel", From: oldLinux,
		Seen: "the shortest retransmission timeout is 200 ms",
		Why:  "the RFC says SHOULD; a shorter minimum repairs faster on short paths, and delayed acknowledgements are taken into account", Link: linuxTCP + "/tcp_timer.c"},
	{Rule: "5681:3.2:fr3", Stack: "kernel", From: linux,
		Seen: "once D-SACK has shown a recovery to be needless, a segment that it had counted as lost waits for the timer however many duplicate acknowledgements come",
		Why:  "seen twice in some gigabytes over a wire that reorders and damages; the RFC says SHOULD, and the timer repairs it", Link: linuxTCP + "/tcp_input.c"},
	{Rule: "7323:5.3:paws", Stack: "kernel", From: oldLinux,
		Seen: "a segment whose timestamp is one tick older than the latest is taken",
		Why:  "a tick is a millisecond and segments that overtake each other often differ by one; numbers do not wrap in a millisecond", Link: linuxTCP + "/tcp_input.c"},
	{Rule: "7323:4.3:echo", Stack: "kernel", From: linux,
		Seen: "data whose acknowledgement is older than the latest leaves the timestamp to be echoed as it was",
		Why:  "such data has been overtaken on its way; the round trip that the peer measures is too long, never too short", Link: linuxTCP + "/tcp_input.c"},
	{Rule: "2018:4:all-acks", Stack: "kernel", From: oldLinux,
		Seen: "with more than four gaps the oldest blocks are not reported any more, not even when the others are gone",
		Why:  "the RFC says SHOULD; the octets are kept, and the first acknowledgements have reported them", Link: linuxTCP + "/tcp_input.c"},
	{Rule: "7323:2.3:shift", Stack: "netstack", From: gVisor, Where: "conversation/everything-twice",
		Seen: "as a server in SYN-RECEIVED it acknowledges a SYN that comes twice with a window that is not shifted",
		Why:  "the next segment corrects it, and a client that has not finished the handshake sends no more than its first flight", Link: gvisorTCP + "/connect.go"},
	{Rule: "5927:4.1:seqcheck", Stack: "netstack", From: gVisor, Where: "pmtu/blind-too-big-is-ignored",
		Seen: "a message that a packet was too big counts although it quotes nothing in flight",
		Why:  "the check is advice of an informational RFC", Link: gvisorTCP + "/endpoint.go"},
}
