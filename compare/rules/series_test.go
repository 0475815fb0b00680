package rules_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/rules"
	"tcping-cmp/tap"
)

// opened are conversations a second apart that begin with these numbers and,
// if there are any, from these ports. link is empty for captures.
func opened(t *testing.T, stack string, link tap.Kind, numbers []uint32, ports ...uint16) []*capture.Conversation {
	t.Helper()
	var list []*capture.Conversation
	for n, iss := range numbers {
		talk := New()
		talk.ISS, talk.Now = iss, talk.Now.Add(time.Duration(n)*time.Second)
		if len(ports) > 0 {
			talk.Client = netip.AddrPortFrom(talk.Client.Addr(), ports[n])
		}
		rec := talk.Echo("hello").Recording()
		rec.Link.Kind = link
		c, err := capture.FromRecording(stack, rec, netip.AddrPort{})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

// toServers makes the conversations those with so many servers, in turn.
func toServers(n int, list []*capture.Conversation) []*capture.Conversation {
	for i, c := range list {
		c.Server = netip.AddrPortFrom(c.Server.Addr(), c.Server.Port()+uint16(i%n))
	}
	return list
}

// elsewhere makes the capture one that was not made at the client.
func elsewhere(list []*capture.Conversation) []*capture.Conversation {
	for _, c := range list {
		c.Exact = false
	}
	return list
}

func answersOfSeries(list []*capture.Conversation) string {
	var all []string
	for _, r := range rules.JudgeSeries(list) {
		all = append(all, r.Rule.ID+" "+r.Answer.String())
	}
	return strings.Join(all, ", ")
}

func TestSeries(t *testing.T) {
	clock := []uint32{0xfffffff0, 15_625_000, 31_250_000, 46_875_000} // 64 ns a tick; it goes around
	for name, c := range map[string]struct {
		list []*capture.Conversation
		want string
	}{
		"the kernel in the lab: one host, the lab's ports": {opened(t, "kernel", tap.KindTAP, clock),
			"MUST-8 holds, SHLD-1 not exercised, 6056:3:port not exercised"},
		"a stack in the lab is a new host each time": {opened(t, "netstack", tap.KindTAP, []uint32{9, 5, 1, 2}),
			"MUST-8 not exercised, SHLD-1 not exercised, 6056:3:port not exercised"},
		"a number that stays": {opened(t, "kernel", tap.KindTAP, []uint32{7, 7}),
			"MUST-8 broken, SHLD-1 not exercised, 6056:3:port not exercised"},
		"a number that goes back": {opened(t, "", "", []uint32{100, 200, 150}),
			"MUST-8 broken, SHLD-1 not exercised, 6056:3:port not exercised"},
		"other ports, numbers in equal steps: as in 4.2BSD": {toServers(2, opened(t, "", "", []uint32{64000, 128000, 192000, 256000}, 1024, 1025, 1026, 1027)),
			"MUST-8 not exercised, SHLD-1 broken, 6056:3:port broken"},
		"ports in equal steps to one server: a hash may say where they begin": {opened(t, "", "", []uint32{64000, 9, 1 << 31, 77}, 50000, 50002, 50004, 50006),
			"MUST-8 not exercised, SHLD-1 holds, 6056:3:port not exercised"},
		"Linux: small random steps to each of two servers": {toServers(2, opened(t, "", "", []uint32{64000, 9, 1 << 31, 77}, 50000, 34512, 50008, 34514)),
			"MUST-8 not exercised, SHLD-1 holds, 6056:3:port holds"},
		"a port that the application chose": {toServers(4, opened(t, "", "", []uint32{64000, 9, 1 << 31, 77}, 179, 179, 179, 179)),
			"MUST-8 not exercised, SHLD-1 holds, 6056:3:port not exercised"},
		"between the same ends again, with another between": {opened(t, "", "", []uint32{100, 7, 50}, 50000, 50002, 50000),
			"MUST-8 broken, SHLD-1 not exercised, 6056:3:port not exercised"},
		"an address that may be that of a NAT": {elsewhere(opened(t, "", "", []uint32{100, 50})),
			"MUST-8 not exercised, SHLD-1 not exercised, 6056:3:port not exercised"},
		"a capture of the lab, read from its file": {toServers(2, opened(t, "handcrafted", "", []uint32{100, 50, 0, 0xffffffce}, 40000, 40001, 40002, 40003)),
			"MUST-8 not exercised, SHLD-1 not exercised, 6056:3:port not exercised"},
		"other ports, other numbers": {opened(t, "", "", []uint32{64000, 9, 1 << 31, 77}, 50111, 41234, 60001, 33333),
			"MUST-8 not exercised, SHLD-1 holds, 6056:3:port holds"},
		"one conversation": {opened(t, "kernel", tap.KindTAP, clock[:1]),
			"MUST-8 not exercised, SHLD-1 not exercised, 6056:3:port not exercised"},
	} {
		if got := answersOfSeries(c.list); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
