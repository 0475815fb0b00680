package main

import (
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"tcping-cmp/compare/lab"
	"tcping-cmp/compare/report"
	"tcping-cmp/compare/scenario"
	"tcping-cmp/netstack"
)

// scriptSource is a script that can be had when its turn comes.
type scriptSource struct {
	name string
	read func() (*scenario.Script, error)
}

// scriptBatch plays scripts to stacks.
type scriptBatch struct {
	stacks []lab.VirtualStack // with the differential oracle the reference first
	oracle lab.Oracle
	pcap   string // folder for captures; empty for none
	jobs   int    // 0: as many as there are processors
}

// scriptOutcome is what became of one script.
type scriptOutcome struct {
	name    string
	err     error // it could not be read
	script  *scenario.Script
	plays   []*lab.Play // one a stack
	against []*against  // of the differential oracle: one a stack under test
	files   error       // the capture could not be written

	ruling *ruling // what it says of the stacks under test; nil before it is judged
}

// play plays one script to every stack and judges.
func (b *scriptBatch) play(src scriptSource) *scriptOutcome {
	o := &scriptOutcome{name: src.name}
	if o.script, o.err = src.read(); o.err != nil {
		return o
	}
	for _, stack := range b.stacks {
		o.plays = append(o.plays, playTo(stack, o.script, lab.PlayOptions{Patient: b.oracle != lab.Strict}))
	}
	if b.oracle == lab.Differential {
		o.compare()
	}
	if b.pcap != "" {
		o.files = o.write(b.pcap)
	}
	return o
}

// playTo plays a script of either kind.
func playTo(stack lab.VirtualStack, s *scenario.Script, options lab.PlayOptions) *lab.Play {
	if s.Conversation {
		return lab.PlayConversation(stack, netstack.Virtual(), s, options)
	}
	return lab.PlayScript(stack, s, options)
}

// status is the exit status that one script asks for.
func (o *scriptOutcome) status() int {
	if o.err != nil || o.files != nil {
		return statusTrouble
	}
	return o.ruling.status()
}

// played says whether every stack played it.
func (o *scriptOutcome) played() bool {
	for _, p := range o.plays {
		if p.NotRun != "" {
			return false
		}
	}
	return o.err == nil
}

// write writes the capture.
func (o *scriptOutcome) write(folder string) error {
	capture := o.capture()
	if capture == nil {
		return nil
	}
	return writeOutput(filepath.Join(folder, captureName(o.name)), capture)
}

// capture returns what writes the frames, with the findings where there are
// reports; nil if there are none.
func (o *scriptOutcome) capture() func(io.Writer) error {
	var recorded []report.Recorded
	for _, p := range o.plays {
		if len(p.Recording.Frames) > 0 {
			recorded = append(recorded, report.Recorded{Stack: p.Stack, Description: o.name, Recording: p.Recording})
		}
	}
	if recorded == nil {
		return nil
	}
	return func(w io.Writer) error {
		if reports := o.reports(); len(reports) > 0 {
			return report.Pcapng(w, reports...)
		}
		return report.PcapngRecordings(w, recorded)
	}
}

// captureName makes one file name of a script's path.
func captureName(script string) string {
	script = strings.TrimSuffix(filepath.ToSlash(filepath.Clean(script)), ".pkt")
	script = strings.ReplaceAll(strings.TrimLeft(script, "./"), "/", "-")
	return script + ".pcapng"
}

// run plays all scripts, some at a time, has each judged, prints it in its turn
// and a summary, and fills the output folder.
func (b *scriptBatch) run(a *app, judge *suiteResult, sources []scriptSource) error {
	flags := &judge.command.renderFlags
	p := newScriptPrinter(a, flags, b.oracle, len(sources))
	var failure error
	shown := a.progress(len(sources), flags.Quiet)
	b.each(a, sources, func(o *scriptOutcome) {
		shown.finished(o.name)
		o.ruling = judge.rule(o)
		if failure == nil {
			failure = shown.aside(func() error { return p.print(o) })
		}
	})
	shown.clear()
	if a.ctx.Err() != nil && failure == nil {
		failure = contextCause(a)
	}
	judge.command.tell(a.Err, &judge.seen)
	outcome := worst(p.end(failure), p.outcome(failure))
	return judge.scripts(p, failure, outcome)
}

// each plays the scripts and hands over what became of them in their order.
// It stops early when the program is to end.
func (b *scriptBatch) each(a *app, sources []scriptSource, take func(*scriptOutcome)) {
	jobs := b.jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	results := make([]chan *scriptOutcome, len(sources))
	for i := range results {
		results[i] = make(chan *scriptOutcome, 1)
	}
	var workers sync.WaitGroup
	defer workers.Wait()
	next := make(chan int)
	for range min(jobs, len(sources)) {
		workers.Go(func() {
			for i := range next {
				results[i] <- b.play(sources[i])
			}
		})
	}
	workers.Go(func() {
		defer close(next)
		for i := range sources {
			select {
			case next <- i:
			case <-a.ctx.Done():
				return
			}
		}
	})
	for i := range results {
		select {
		case o := <-results[i]:
			take(o)
		case <-a.ctx.Done():
			return
		}
	}
}
