package main

import (
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/bench"
	"tcping-cmp/compare/lab"
	"tcping-cmp/netstack"
)

// BenchmarkStacks measures what tcping-cmp bench does, with each iteration a
// round: the time of a handshake, round trips of five bytes, and so on, each
// stack in turn over the lab's TAP. The figures are medians over the rounds,
// and x-… says how many times better the hand-made stack is.
//
//	go test -run - -bench Stacks -benchtime 20x ./cmd/tcping-cmp
func BenchmarkStacks(b *testing.B) {
	if ok, err := condition("root"); err != nil || !ok {
		b.Skip("needs root and /dev/net/tun")
	}
	pin := benchCommand{Pin: "auto"}
	for _, test := range bench.Tests() {
		for _, cpus := range pin.cpus(test) {
			b.Run(test.Name+"/"+strings.ReplaceAll(cpus.String(), " ", "-"), func(b *testing.B) { compete(b, test, cpus) })
		}
	}
}

// compete reports medians and ratios of one test.
func compete(b *testing.B, test bench.Test, cpus bench.CPUs) {
	r, err := bench.Run(b.Context(), bench.Options{
		Stacks:   []lab.Stack{newStack(handcraftedName, "rfc"), netstack.New(), lab.Kernel()},
		Tests:    []bench.Test{test},
		CPUs:     func(bench.Test) []bench.CPUs { return []bench.CPUs{cpus} },
		Rounds:   b.N,
		Duration: 100 * time.Millisecond,
		Size:     16 << 20,
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range r.Figures {
		b.ReportMetric(f.Median(), f.Stack+"-"+f.Test.Unit)
		if ratio, ok := r.Ratio(r.Figures[0], f.Stack); ok && f.Stack != handcraftedName {
			b.ReportMetric(ratio, "x-"+f.Stack)
		}
	}
	b.ReportMetric(0, "ns/op") // it would count the building of the labs
}
