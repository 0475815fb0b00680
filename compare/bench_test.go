package compare_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/compare/report"
)

// bulkFrames is how many frames a bulk capture of the benchmarks has;
// TCPING_CMP_BENCH_FRAMES=1000000 makes it a million.
func bulkFrames() int {
	if n, err := strconv.Atoi(os.Getenv("TCPING_CMP_BENCH_FRAMES")); err == nil {
		return n
	}
	return 20000
}

// variety says how a bulk capture differs from the plain one.
type variety int

const (
	plain      variety = iota
	everyTenth         // in every tenth frame PSH or the window is another, as it may be
	mostFrames         // windows move back and acknowledgements are missing: rules are broken in most frames
)

// bulk writes a capture of a client that sends full segments, an
// acknowledgement after every second.
func bulk(b *testing.B, name string, frames int, vary variety) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	w, err := capture.NewWriter(file, "bench", capture.Interface{Name: name})
	if err != nil {
		b.Fatal(err)
	}
	talk := New().Open(Opts(MSS(1460), SACKOK(), TS(1, 0), WS(7)), Opts(MSS(1460), SACKOK(), TS(1, 1), WS(7)))
	talk.Step = time.Microsecond
	payload := string(make([]byte, 1448))
	seq, n, owed := int64(1), 2, uint32(1)
	flush := func() {
		for _, f := range talk.Frames {
			if err := w.WriteFrame(0, f); err != nil {
				b.Fatal(err)
			}
		}
		talk.Frames = talk.Frames[:0]
	}
	for ; n < frames; n++ {
		stamp := 2 + uint32(n/1000)
		flags, ours, theirs := uint16(ACK), uint16(502), uint16(0xffff)
		switch {
		case vary == everyTenth && n%10 == 0:
			flags, theirs = PSH|ACK, 0xfff8 // the edge of the window still moves to the right
		case vary == mostFrames && n%10 == 0:
			ours = 503
		}
		if n%3 == 1 && !(vary == mostFrames && n%30 == 1) {
			talk.In(Seg{Flags: ACK, Seq: 1, Ack: seq, Window: theirs, Options: TS(stamp, owed)})
			owed = 0
		} else {
			talk.Out(Seg{Flags: flags, Seq: seq, Ack: 1, Window: ours, Options: TS(stamp, 1), Payload: payload})
			if seq += 1448; owed == 0 {
				owed = stamp
			}
		}
		if n%4096 == 0 {
			flush()
		}
	}
	flush()
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	settle(b, file)
	return path
}

// settle waits until a file is on the disk: writing it there is not what is
// measured.
func settle(b *testing.B, file *os.File) {
	if err := file.Sync(); err != nil {
		b.Fatal(err)
	}
}

func load(b *testing.B, path string) (*capture.File, *capture.Conversation) {
	f, err := capture.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	if f.Problem != nil {
		b.Fatal(f.Problem)
	}
	return f, f.Conversation(0)
}

// judge is the whole way from two files to the JSON Lines, which are counted
// and thrown away.
func judge(b *testing.B, ref, tst string) (frames int, r *compare.Report) {
	var f, g *capture.File
	var x, y *capture.Conversation
	var work sync.WaitGroup
	work.Go(func() { f, x = load(b, ref) })
	work.Go(func() { g, y = load(b, tst) })
	work.Wait()
	defer f.Close()
	defer g.Close()
	r = compare.Compare([]*capture.Conversation{x}, []*capture.Conversation{y}, compare.Options{})
	if err := report.JSON(io.Discard, r); err != nil {
		b.Fatal(err)
	}
	return len(x.Events) + len(y.Events), r
}

// judgeFiles judges two captures, and reports frames a second over both and
// the heap they need a frame: what is alive once the JSON is written, with the
// report at hand.
func judgeFiles(b *testing.B, ref, tst string) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	frames := 0
	var r *compare.Report
	for b.Loop() {
		n, report := judge(b, ref, tst)
		frames, r = frames+n, report
	}
	elapsed := b.Elapsed()
	runtime.ReadMemStats(&after)
	each := float64(frames / b.N)
	b.ReportMetric(float64(frames)/elapsed.Seconds(), "frames/s")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(frames), "allocated-B/frame")
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/each, "live-B/frame")
	runtime.KeepAlive(r)
}

func BenchmarkJudgeSame(b *testing.B) {
	path := bulk(b, "one", bulkFrames(), plain)
	judgeFiles(b, path, path)
}

func BenchmarkJudgeEveryTenthDiffers(b *testing.B) {
	judgeFiles(b, bulk(b, "one", bulkFrames(), plain), bulk(b, "two", bulkFrames(), everyTenth))
}

func BenchmarkJudgeMostFramesDiffer(b *testing.B) {
	judgeFiles(b, bulk(b, "one", bulkFrames(), plain), bulk(b, "two", bulkFrames(), mostFrames))
}

// BenchmarkAgainstTools judges two captures, and lets tshark merely decode one
// of them and tcptrace analyse it, in turns. The metrics say how many times as
// many frames a second the judge does: in the middle one of the rounds, because
// others use the machine too, and because the first round has to ask the system
// for its memory.
func BenchmarkAgainstTools(b *testing.B) {
	for _, tool := range []string{"tshark", "tcptrace", "editcap"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skip(tool, " is not installed: apt-get install tshark tcptrace")
		}
	}
	one, two := bulk(b, "one", bulkFrames(), plain), bulk(b, "two", bulkFrames(), everyTenth)
	classic := one + ".pcap" // tcptrace does not read pcapng
	run(b, "editcap", "-F", "pcap", one, classic)
	file, err := os.Open(classic)
	if err != nil {
		b.Fatal(err)
	}
	settle(b, file)
	file.Close()
	var rounds []round
	for b.Loop() {
		var r round
		before := costNow(unix.RUSAGE_SELF)
		n, _ := judge(b, one, two)
		r.judge.add(n, before, unix.RUSAGE_SELF)
		r.tshark.run(b, n/2, "tshark", "-r", one, "-T", "fields", "-e", "tcp.seq", "-e", "tcp.flags")
		r.tcptrace.run(b, n/2, "tcptrace", "-l", classic)
		rounds = append(rounds, r)
	}
	middle := func(value func(r round) float64, unit string) {
		all := make([]float64, len(rounds))
		for n := range rounds {
			all[n] = value(rounds[n])
		}
		slices.Sort(all)
		b.ReportMetric(all[len(all)/2], unit)
	}
	middle(func(r round) float64 { return r.judge.rate() }, "frames/s")
	middle(func(r round) float64 { return r.tshark.rate() }, "tshark-frames/s")
	middle(func(r round) float64 { return r.tcptrace.rate() }, "tcptrace-frames/s")
	middle(func(r round) float64 { return r.judge.rate() / r.tshark.rate() }, "x-tshark")
	middle(func(r round) float64 { return r.judge.rate() / r.tcptrace.rate() }, "x-tcptrace")
	middle(func(r round) float64 { return r.judge.rateByCPU() / r.tshark.rateByCPU() }, "x-tshark-by-cpu")
	middle(func(r round) float64 { return r.judge.rateByCPU() / r.tcptrace.rateByCPU() }, "x-tcptrace-by-cpu")
}

// round is what each of them costs, one right after the other.
type round struct{ judge, tshark, tcptrace cost }

// cost is how long it takes to deal with frames: by the clock, and by the
// processors, which others on the machine disturb less.
type cost struct {
	frames    int
	took, cpu time.Duration
}

// costNow is what this process, or those it has waited for, has cost so far.
func costNow(who int) cost {
	var u unix.Rusage
	if err := unix.Getrusage(who, &u); err != nil {
		panic(err)
	}
	return cost{took: time.Duration(time.Now().UnixNano()), cpu: time.Duration(u.Utime.Nano() + u.Stime.Nano())}
}

func (c *cost) add(frames int, before cost, who int) {
	now := costNow(who)
	c.frames += frames
	c.took += now.took - before.took
	c.cpu += now.cpu - before.cpu
}

func (c *cost) run(b *testing.B, frames int, name string, args ...string) {
	b.Helper()
	before := costNow(unix.RUSAGE_CHILDREN)
	run(b, name, args...)
	c.add(frames, before, unix.RUSAGE_CHILDREN)
}

func (c *cost) rate() float64      { return float64(c.frames) / c.took.Seconds() }
func (c *cost) rateByCPU() float64 { return float64(c.frames) / c.cpu.Seconds() }

// run runs a program whose output nobody reads.
func run(b *testing.B, name string, args ...string) {
	b.Helper()
	if err := exec.Command(name, args...).Run(); err != nil {
		b.Fatalf("%s: %v", name, err)
	}
}

// BenchmarkDecode is the reading and decoding alone.
func BenchmarkDecode(b *testing.B) {
	path := bulk(b, "one", bulkFrames(), plain)
	frames := 0
	for b.Loop() {
		f, c := load(b, path)
		frames += len(c.Events)
		f.Close()
	}
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds(), "frames/s")
}

// BenchmarkJudgeRetransmissionStorm is about a capture in which one segment is sent over and over
// between acknowledgements of the same number.
func BenchmarkJudgeRetransmissionStorm(b *testing.B) {
	make := func(name string, every int) string {
		talk := New().Open(MSS(1460), MSS(1460))
		for n := range bulkFrames() {
			if n%every == 0 {
				talk.In(Seg{Flags: ACK, Seq: 1, Ack: 1, Window: 65160})
			} else {
				talk.Out(Seg{Flags: PSH | ACK, Seq: 1, Ack: 1, Window: 64240, Payload: "hello"})
			}
		}
		return CaptureFile(b, name, talk.Frames)
	}
	judgeFiles(b, make("one", 2), make("two", 3))
}
