package netstack

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/tap/linktest"
)

// The eleven frames against a Linux server, and no twelfth.
func TestEchoWithKernel(t *testing.T) {
	linktest.NeedRoot(t)
	for _, ipv6 := range []bool{false, true} {
		for who, state := range map[scenario.Closer][2]string{
			scenario.PeerFirst:   {"CLOSED", "TIME-WAIT"},
			scenario.ClientFirst: {"TIME-WAIT", "CLOSED"},
		} {
			t.Run(fmt.Sprintf("IPv6=%v,close=%v", ipv6, who), func(t *testing.T) {
				r := lab.Converse(context.Background(), New(), lab.NewTAP(lab.LabOptions{IPv6: ipv6}), hello(who))
				if r.Err != nil || r.PeerErr != nil {
					t.Fatalf("netstack: %v; server: %v", r.Err, r.PeerErr)
				}
				if who == scenario.PeerFirst {
					expectSegments(t, r.Recording, peerFirst)
				} else {
					expectSegments(t, r.Recording, clientFirst, clientFirstApart)
				}
				if r.State != state[0] || r.PeerState != state[1] {
					t.Errorf("ended in %s, the server in %s; want %v", r.State, r.PeerState, state)
				}
			})
		}
	}
}

func TestLargeEchoWithKernel(t *testing.T) {
	linktest.NeedRoot(t)
	app := scenario.Application{Send: bytes.Repeat([]byte("0123456789abcdef"), 256<<10), Check: true, Close: scenario.PeerFirst}
	app.Expect = len(app.Send)
	r := lab.Converse(context.Background(), New(), lab.NewTAP(lab.LabOptions{}), app)
	if r.Err != nil || r.PeerErr != nil || !bytes.Equal(r.Received, app.Send) {
		t.Errorf("4 MiB: netstack: %v; server: %v; %d bytes back", r.Err, r.PeerErr, len(r.Received))
	}
}

// The kernel's client against the server of this package.
func TestKernelWithServer(t *testing.T) {
	linktest.NeedRoot(t)
	for _, ipv6 := range []bool{false, true} {
		r := lab.Converse(context.Background(), lab.Kernel(), memPlace(lab.LabOptions{IPv6: ipv6}), hello(scenario.PeerFirst))
		if r.Err != nil || r.PeerErr != nil {
			t.Errorf("IPv6 %v: kernel: %v; server: %v", ipv6, r.Err, r.PeerErr)
		}
	}
}

func BenchmarkConversation(b *testing.B) {
	for name, place := range map[string]lab.Place{"tap": lab.NewTAP(lab.LabOptions{}), "mem": memPlace(lab.LabOptions{})} {
		b.Run(name, func(b *testing.B) {
			if name == "tap" {
				linktest.NeedRoot(b)
			}
			for b.Loop() {
				if r := lab.Converse(context.Background(), New(), place, hello(scenario.PeerFirst)); r.Err != nil {
					b.Fatal(r.Err)
				}
			}
		})
	}
}
