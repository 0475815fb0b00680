package tap

import "time"

// Stall is a time in which the process did not run: the machine was busy with
// others, or stood still itself. What a recording says of when frames crossed
// is late by as much as the rest of it.
type Stall struct{ From, To time.Time }

const (
	stallTick  = 5 * time.Millisecond
	leastStall = 30 * time.Millisecond // shorter ones are what every timer has to live with
)

// WithStalls has the Recorder notice, until done is closed, when the process
// does not run.
func WithStalls(done <-chan struct{}) RecordOption {
	return func(r *Recorder) { r.done = done }
}

// watch notes when it was not woken for long.
func (r *Recorder) watch() {
	ticker := time.NewTicker(stallTick)
	defer ticker.Stop()
	for last := r.start; ; {
		select {
		case <-r.done:
			return
		case <-ticker.C:
		}
		now := time.Now()
		if now.Sub(last) > stallTick+leastStall {
			r.mu.Lock()
			r.stalls = append(r.stalls, Stall{last, now})
			r.mu.Unlock()
		}
		last = now
	}
}
