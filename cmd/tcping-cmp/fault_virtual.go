package main

import (
	"slices"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/tap"
	"tcping-cmp/tap/fault"
)

// faultyVirtual is a stack in virtual time that misbehaves on the wire.
type faultyVirtual struct {
	lab.VirtualStack
	faults []fault.Fault
}

// Settings names the faults beside the stack's own settings.
func (s faultyVirtual) Settings() []lab.Setting {
	return append(faultSettings(s.faults), s.VirtualStack.Settings()...)
}

// Start implements lab.VirtualStack.
func (s faultyVirtual) Start(cfg lab.VirtualConfig) (lab.VirtualHost, error) {
	host, err := s.VirtualStack.Start(cfg)
	if err != nil {
		return nil, err
	}
	return &faultyHost{VirtualHost: host, injector: fault.New(s.faults...), now: cfg.Now}, nil
}

// faultyHost is a host with the faults between it and its wire.
type faultyHost struct {
	lab.VirtualHost
	injector *fault.Injector
	now      time.Time
	queue    fault.Queue
}

// Receive implements lab.VirtualHost.
func (h *faultyHost) Receive(frame []byte) {
	h.collect()
	h.apply(tap.In, frame)
	h.deliver()
}

// apply lets the faults see a frame.
func (h *faultyHost) apply(dir tap.Direction, frame []byte) {
	for _, r := range h.injector.Apply(h.now, dir, frame) {
		r.Data = slices.Clone(r.Data)
		h.queue.Add(h.now, r, tap.Meta{})
	}
}

// deliver hands over what is due for the stack.
func (h *faultyHost) deliver() {
	for {
		frame, _, ok := h.queue.Take(h.now, tap.In)
		if !ok {
			return
		}
		h.VirtualHost.Receive(frame)
		h.collect()
	}
}

// collect lets the faults see what the stack has sent.
func (h *faultyHost) collect() {
	h.VirtualHost.Sent(func(frame []byte) { h.apply(tap.Out, frame) })
}

// Next implements lab.VirtualHost.
func (h *faultyHost) Next() (first time.Time) {
	for _, t := range []time.Time{h.VirtualHost.Next(), h.queue.Next(tap.In), h.queue.Next(tap.Out)} {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// Advance implements lab.VirtualHost.
func (h *faultyHost) Advance(now time.Time) {
	for {
		next := h.queue.Next(tap.In)
		if next.IsZero() || next.After(now) {
			break
		}
		h.moveTo(next)
		h.deliver()
	}
	h.moveTo(now)
}

func (h *faultyHost) moveTo(now time.Time) {
	h.VirtualHost.Advance(now)
	if now.After(h.now) {
		h.now = now
	}
	h.collect()
}

// Sent implements lab.VirtualHost.
func (h *faultyHost) Sent(yield func(frame []byte)) {
	h.collect()
	h.deliver()
	for {
		frame, _, ok := h.queue.Take(h.now, tap.Out)
		if !ok {
			return
		}
		yield(frame)
	}
}
