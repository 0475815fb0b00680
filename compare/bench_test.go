package compare_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"tcping-cmp/compare"
	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
)

// bulkFrames is how many frames a bulk capture of the benchmarks has;
// TCPING_CMP_BENCH_FRAMES=1000000 makes it a million.
func bulkFrames() int {
	if n, err := strconv.Atoi(os.Getenv("TCPING_CMP_BENCH_FRAMES")); err == nil {
		return n
	}
	return 20000
}

// bulk writes a capture of a client that sends full segments, an
// acknowledgement after every second. Every tenth frame has another window or
// acknowledgement than in the other capture if vary is set.
func bulk(b *testing.B, name string, frames int, vary bool) string {
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
	seq, n := int64(1), 2
	flush := func() {
		for _, f := range talk.Frames {
			if err := w.WriteFrame(0, f); err != nil {
				b.Fatal(err)
			}
		}
		talk.Frames = talk.Frames[:0]
	}
	for ; n < frames; n++ {
		stamp := uint32(n / 1000)
		window := uint16(502)
		if vary && n%10 == 0 {
			window++
		}
		if n%3 == 1 && !(vary && n%30 == 1) {
			talk.In(Seg{Flags: ACK, Seq: 1, Ack: seq, Window: 0xffff, Options: TS(stamp, stamp)})
		} else {
			talk.Out(Seg{Flags: ACK, Seq: seq, Ack: 1, Window: window, Options: TS(stamp, 1), Payload: payload})
			seq += 1448
		}
		if n%4096 == 0 {
			flush()
		}
	}
	flush()
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	return path
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

// judgeFiles reads, aligns and judges two captures, and reports frames a
// second over both and the heap they need a frame.
func judgeFiles(b *testing.B, ref, tst string) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	frames := 0
	var r *compare.Report
	for b.Loop() {
		f, x := load(b, ref)
		g, y := load(b, tst)
		r = compare.Compare([]*capture.Conversation{x}, []*capture.Conversation{y}, compare.Options{})
		frames += len(x.Events) + len(y.Events)
		f.Close()
		g.Close()
	}
	elapsed := b.Elapsed()
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(frames)/elapsed.Seconds(), "frames/s")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(frames/b.N), "heap-B/frame")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(frames), "allocated-B/frame")
	runtime.KeepAlive(r)
}

func BenchmarkJudgeSame(b *testing.B) {
	path := bulk(b, "one", bulkFrames(), false)
	judgeFiles(b, path, path)
}

func BenchmarkJudgeEveryTenthDiffers(b *testing.B) {
	judgeFiles(b, bulk(b, "one", bulkFrames(), false), bulk(b, "two", bulkFrames(), true))
}

// BenchmarkDecode is the reading and decoding alone.
func BenchmarkDecode(b *testing.B) {
	path := bulk(b, "one", bulkFrames(), false)
	frames := 0
	for b.Loop() {
		f, c := load(b, path)
		frames += len(c.Events)
		f.Close()
	}
	b.ReportMetric(float64(frames)/b.Elapsed().Seconds(), "frames/s")
}

// retransmissionStorm is a capture in which one segment is sent over and over
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
		for _, f := range talk.Frames {
			w.WriteFrame(0, f)
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		return path
	}
	judgeFiles(b, make("one", 2), make("two", 3))
}
