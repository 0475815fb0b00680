package arp

import (
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

func TestRequestForUsIsAnswered(t *testing.T) {
	l := newLAN(t)
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: them, SenderIP: their4, TargetIP: our4})
	l.want("as Linux answers",
		"02:00:00:00:00:01 arp 2 10.0.0.2(02:00:00:00:00:02) 10.0.0.1(02:00:00:00:00:01)")
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: them, SenderIP: their4, TargetIP: netip.MustParseAddr("10.0.0.3")})
	l.want("another's address is not ours to answer for")
	if len(l.neighbors) != 0 {
		t.Error("a stranger's request made an entry; a flood of them would fill the table")
	}
}

func TestProbeForOurAddressIsAnswered(t *testing.T) {
	l := newLAN(t)
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: other, SenderIP: netip.IPv4Unspecified(), TargetIP: our4})
	l.want("so that the newcomer stays away (RFC 5227 §2.1.1)",
		"02:00:00:00:00:09 arp 2 10.0.0.2(02:00:00:00:00:02) 0.0.0.0(02:00:00:00:00:09)")
}

func TestTheirQuestionAnswersOurs(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "one")
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: them, SenderIP: their4, TargetIP: our4})
	l.want("who asks us says where he is (RFC 826)", question, "02:00:00:00:00:01 one",
		"02:00:00:00:00:01 arp 2 10.0.0.2(02:00:00:00:00:02) 10.0.0.1(02:00:00:00:00:01)")
}

func TestGratuitousARPOnlyRaisesDoubt(t *testing.T) {
	l := newLAN(t)
	l.send(their4, "a")
	l.arpReply(them)
	l.want("resolved", question, "02:00:00:00:00:01 a")
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: other, SenderIP: their4, TargetIP: their4})
	l.send(their4, "b")
	l.want("what somebody shouts is not believed", "02:00:00:00:00:01 b")
	l.wait(5 * time.Second)
	l.want("but looked into", unicast)
	l.arpReply(other)
	l.send(their4, "c")
	l.want("and then believed", "02:00:00:00:00:09 c")
}

func TestConflictIsDefendedOnceInAWhile(t *testing.T) {
	l := newLAN(t)
	claim := wire.ARP{Op: wire.ARPRequest, SenderMAC: other, SenderIP: our4, TargetIP: their4}
	const announcement = "ff:ff:ff:ff:ff:ff arp 1 10.0.0.2(02:00:00:00:00:02) 10.0.0.2(00:00:00:00:00:00)"
	l.arp(claim)
	l.want("the address is ours (RFC 5227 §2.4 (b))", announcement)
	l.now = l.now.Add(9 * time.Second)
	l.arp(claim)
	l.want("no shouting match")
	l.now = l.now.Add(time.Second)
	l.arp(claim)
	l.want("ten seconds later", announcement)
	if l.Conflicts() != 3 {
		t.Errorf("%d conflicts counted, want 3", l.Conflicts())
	}
}

func TestOwnAndImpossibleSendersAreIgnored(t *testing.T) {
	l := newLAN(t)
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: us, SenderIP: our4, TargetIP: our4})
	l.arp(wire.ARP{Op: wire.ARPRequest, SenderMAC: wire.Broadcast, SenderIP: their4, TargetIP: our4})
	l.want("our own echo, and a group as sender")
}
