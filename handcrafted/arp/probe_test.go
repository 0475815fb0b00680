package arp

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// runProbe lets a probe run to its end and tells its questions and their times.
func runProbe(t *testing.T, p *Probe, now time.Time) (questions []string, at []time.Duration) {
	for !p.Next().IsZero() {
		next := p.Next()
		for _, f := range p.Tick(next).Out {
			questions, at = append(questions, describe(t, f)), append(at, next.Sub(now))
		}
	}
	return questions, at
}

func TestProbeOfAFreeAddress(t *testing.T) {
	p := NewProbe(started, us, our4, rand.New(rand.NewPCG(1, 1)))
	got, at := runProbe(t, p, started)
	const want = "ff:ff:ff:ff:ff:ff arp 1 0.0.0.0(02:00:00:00:00:02) 10.0.0.2(00:00:00:00:00:00)"
	if len(got) != 3 || got[0] != want || got[1] != want || got[2] != want {
		t.Errorf("questions %q, want three times %q", got, want)
	}
	if at[0] >= time.Second || at[1]-at[0] < time.Second || at[1]-at[0] >= 2*time.Second {
		t.Errorf("asked at %v (RFC 5227 §1.1)", at)
	}
	if done, free, _ := p.Done(); !done || !free {
		t.Error("nobody answered, so it is free")
	}
}

func TestProbeOfATakenAddress(t *testing.T) {
	for name, a := range map[string]wire.ARP{
		"the owner answers":  {Op: wire.ARPReply, SenderMAC: other, SenderIP: our4},
		"another wants it":   {Op: wire.ARPRequest, SenderMAC: other, SenderIP: netip.IPv4Unspecified(), TargetIP: our4},
		"the owner is heard": {Op: wire.ARPRequest, SenderMAC: other, SenderIP: our4, TargetIP: their4},
	} {
		p := NewProbe(started, us, our4, rand.New(rand.NewPCG(1, 1)))
		p.ReceiveARP(&wire.ARP{Op: wire.ARPRequest, SenderMAC: us, SenderIP: netip.IPv4Unspecified(), TargetIP: our4})
		p.ReceiveARP(&wire.ARP{Op: wire.ARPReply, SenderMAC: them, SenderIP: their4})
		if done, _, _ := p.Done(); done {
			t.Errorf("%s: our own probe and another's answer ended it", name)
		}
		p.ReceiveARP(&a)
		if done, free, owner := p.Done(); !done || free || owner != other {
			t.Errorf("%s: done %v, free %v, owner %v", name, done, free, owner)
		}
	}
}

func TestProbeOfIPv6(t *testing.T) {
	p := NewProbe(started, us, our6, rand.New(rand.NewPCG(1, 1)))
	got, _ := runProbe(t, p, started)
	const want = "33:33:ff:00:00:02 ndp ::>ff02::1:ff00:2 advert=false sol=false over=false fd00::2 mac=00:00:00:00:00:00"
	if len(got) != 1 || got[0] != want {
		t.Errorf("questions %q, want %q", got, want)
	}
	p = NewProbe(started, us, our6, rand.New(rand.NewPCG(1, 1)))
	m, err := wire.ParseICMPv6(wire.AppendNeighbor(nil, &wire.Neighbor{Advert: true, Target: our6}, our6, allNodes), our6, allNodes)
	if err != nil {
		t.Fatal(err)
	}
	p.ReceiveNDP(other, &wire.IP{Src: our6, Dst: allNodes, TTL: 255}, &m)
	if done, free, owner := p.Done(); !done || free || owner != other {
		t.Errorf("done %v, free %v, owner %v", done, free, owner)
	}
}
