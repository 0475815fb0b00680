package main

import (
	"io"
	"net/netip"
	"slices"
	"testing"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/scenario"
)

// BenchmarkStacks measures the three stacks over the lab's TAP, taking turns,
// so that what else happens on the machine meets all alike. Each iteration is
// one turn of every stack; the figures are medians over the turns, and x-…
// says how many times better the hand-made stack is.
//
//	go test -bench Stacks -benchtime 20x ./cmd/tcping-cmp
func BenchmarkStacks(b *testing.B) {
	if ok, err := condition("root"); err != nil || !ok {
		b.Skip("needs root and /dev/net/tun")
	}
	b.Run("connect", func(b *testing.B) { compete(b, "µs", false, connectTurn) })
	b.Run("round-trips", func(b *testing.B) { compete(b, "rt/s", true, roundTripTurn) })
}

var competitors = []string{"handcrafted", "netstack", "kernel"}

// compete lets every stack have its turns and reports medians and ratios.
func compete(b *testing.B, unit string, moreIsBetter bool, turn func(testing.TB, lab.Host, *lab.Site) float64) {
	figures := map[string][]float64{}
	for b.Loop() {
		for _, name := range competitors {
			figures[name] = append(figures[name], onSite(b, name, turn))
		}
	}
	medians := map[string]float64{}
	for name, all := range figures {
		slices.Sort(all)
		medians[name] = all[len(all)/2]
		b.ReportMetric(medians[name], name+"-"+unit)
	}
	for _, other := range competitors[1:] {
		ratio := medians[other] / medians["handcrafted"]
		if moreIsBetter {
			ratio = 1 / ratio
		}
		b.ReportMetric(ratio, "x-"+other)
	}
	b.ReportMetric(0, "ns/op") // it would count the building of the lab
}

// onSite puts a stack on a new site of the lab, whose server echoes until the
// client closes, and gives it its turn.
func onSite(b *testing.B, name string, turn func(testing.TB, lab.Host, *lab.Site) float64) float64 {
	b.Helper()
	place := lab.NewTAP(lab.LabOptions{Manners: &lab.Manners{Manner: lab.Echo}})
	defer place.Close()
	site, err := place.Open(b.Context(), scenario.Application{})
	if err != nil {
		b.Fatal(err)
	}
	defer site.Close()
	host, err := newStack(name, "rfc").Attach(b.Context(), site.Link, site.Network)
	if err != nil {
		b.Fatal(err)
	}
	defer host.Close()
	return turn(b, host, site)
}

func dial(b testing.TB, host lab.Host, site *lab.Site, n int) lab.Conn {
	b.Helper()
	local := netip.AddrPortFrom(site.Local.Addr(), site.Local.Port()+uint16(n))
	conn, err := host.Dial(b.Context(), local, site.Remote)
	if err != nil {
		b.Fatal(err)
	}
	return conn
}

// connectTurn returns the median time of a Dial, in microseconds. The first,
// which asks for the server's MAC, does not count.
func connectTurn(b testing.TB, host lab.Host, site *lab.Site) float64 {
	dial(b, host, site, 0).Close()
	times := make([]float64, 100)
	for i := range times {
		start := time.Now()
		conn := dial(b, host, site, i+1)
		times[i] = float64(time.Since(start).Nanoseconds()) / 1e3
		conn.Close()
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// roundTripTurn returns how many times a second five bytes go there and back.
func roundTripTurn(b testing.TB, host lab.Host, site *lab.Site) float64 {
	const trips = 1000
	conn := dial(b, host, site, 0)
	defer conn.Close()
	out, in := []byte("hello"), make([]byte, 5)
	start := time.Now()
	for range trips {
		if _, err := conn.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, in); err != nil {
			b.Fatal(err)
		}
	}
	return trips / time.Since(start).Seconds()
}
