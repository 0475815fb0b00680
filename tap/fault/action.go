package fault

import "time"

// The actions that more than one fault takes.

type action = func(*conn, *packet, *outcome)

// edit makes an action of a change to the packet alone.
func edit(f func(*packet)) action {
	return func(_ *conn, p *packet, _ *outcome) { f(p) }
}

// drop makes a packet vanish: one that the stack never sent, or never noticed.
func drop(_ *conn, _ *packet, o *outcome) { o.drop = true }

// hold lets a packet wait.
func hold(d time.Duration) action {
	return func(_ *conn, _ *packet, o *outcome) { o.delay = d }
}

// set sets flags, clear clears them.
func set(flags uint16) action { return edit(func(p *packet) { p.flags |= flags }) }

func clear(flags uint16) action { return edit(func(p *packet) { p.flags &^= flags }) }

// blank removes an option.
func blank(kind byte) action { return edit(func(p *packet) { p.blank(kind) }) }

// attach adds options.
func attach(options ...byte) action { return edit(func(p *packet) { p.put(options...) }) }

// mark sets the ECN codepoint ECT(0).
func mark(p *packet) { p.setECN(ect0) }
