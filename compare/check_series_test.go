package compare_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"tcping-cmp/compare"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

// calls are conversations of one client, a second apart, with two servers in
// turn, from these ports.
func calls(t *testing.T, ports ...uint16) (list []*compare.Checked) {
	for n, port := range ports {
		talk := New()
		talk.ISS, talk.Now = uint32(n*n*7919), talk.Now.Add(time.Duration(n)*time.Second)
		talk.Client = netip.AddrPortFrom(talk.Client.Addr(), port)
		talk.Server = netip.AddrPortFrom(talk.Server.Addr(), talk.Server.Port()+uint16(n%2))
		c := conversation(t, "", talk.Echo("hello"))
		c.Link = tap.Info{} // as from a file
		list = append(list, compare.Check(c, ""))
	}
	return list
}

// TestClientOfManyConversations: RFC 6056 §3 and RFC 9293 §3.4.1, what the
// conversations of one client show together.
func TestClientOfManyConversations(t *testing.T) {
	for _, c := range []struct {
		ports  []uint16
		series string
		broken string // of the last conversation
	}{
		{[]uint16{40000, 40001, 40002, 40003}, "[1 2 3 4] [{SHLD-1 holds} {6056:3:port broken}]", "6056:3:port: each of 4 ports is 1 more than the one before, #1"},
		{[]uint16{51234, 40001, 60002, 33333}, "[1 2 3 4] [{SHLD-1 holds} {6056:3:port holds}]", ""},
		{[]uint16{40000, 40001, 40002}, "", ""},
	} {
		list := calls(t, c.ports...)
		compare.CheckSeries(list, "")
		series, broken := "", ""
		if s := list[0].Series; s != nil {
			series = fmt.Sprint(s.Conversations, s.Rules)
		}
		last := list[len(list)-1]
		for n := range last.Broken {
			b := &last.Broken[n]
			broken += fmt.Sprintf("%s: %s, #%d", b.Rule.ID, b.Says(0), b.Places[0].Event+1)
		}
		if series != c.series || broken != c.broken {
			t.Errorf("ports %d: %s, broken: %s; want %s, broken: %s", c.ports, series, broken, c.series, c.broken)
		}
	}
}

// The conversations of two clients are two series; one that is out of order in
// the capture is taken when it was held.
func TestSeriesOfEachClient(t *testing.T) {
	list := append(calls(t, 40000, 40001, 40002, 40003), calls(t, 50000, 50001, 50002, 50003)...)
	for _, c := range list[4:] {
		c.Conversation.Client = netip.AddrPortFrom(netip.MustParseAddr("192.0.2.77"), c.Conversation.Client.Port())
	}
	slices.Reverse(list[4:])
	compare.CheckSeries(list, "")
	if a, b := list[0].Series, list[7].Series; a == nil || b == nil ||
		fmt.Sprint(a.Client, a.Conversations, b.Client, b.Conversations) != fmt.Sprint(list[0].Conversation.Client.Addr(), " [1 2 3 4] 192.0.2.77 [8 7 6 5]") {
		t.Errorf("%v and %v", a, b)
	}
}
