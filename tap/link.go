// Package tap moves whole Ethernet frames: through a TAP device (OpenTAP),
// through AF_PACKET on an interface that is already there (OpenEth), or over a
// wire in memory (MemPair). Record keeps what crosses any of them, and Impair
// drops, delays, duplicates, reorders and corrupts it by a seed. HoldPort and
// ProbeAddress are the guard: they keep the host's own kernel out of a
// conversation that it knows nothing of.
//
// # Limitations
//
// Devices and guards need Linux; elsewhere they return ErrNotSupported. A
// fragment whose checksum was left to hardware is not completed. After an
// interface was set down, one read says so, and later ones wait for it to come
// back.
package tap

import (
	"errors"
	"net"
	"time"
)

// A Link carries whole Ethernet frames, without preamble and frame check
// sequence. One goroutine may read while others write, set the deadline or
// close. Frames keep their order in each direction.
type Link interface {
	// ReadFrame copies the next frame to buf and returns its length in
	// bytes. A frame longer than buf is ErrFrameTooLong and is lost; a buf of
	// Info().MaxFrame bytes is always enough. It blocks until a frame
	// arrives, the deadline passes (os.ErrDeadlineExceeded) or the link is
	// closed (net.ErrClosed). A frame that is already waiting is returned
	// even when the deadline has passed, so a deadline in the past makes
	// ReadFrame a poll.
	ReadFrame(buf []byte) (n int, m Meta, err error)

	// WriteFrame sends one frame. The frame is not kept and not changed.
	WriteFrame(frame []byte) error

	// SetReadDeadline sets when a blocked or later ReadFrame gives up; the
	// zero time means never. It wakes a blocked ReadFrame as needed.
	SetReadDeadline(t time.Time) error

	// Info describes the link. It does not change while the link is open.
	Info() Info

	// Close unblocks ReadFrame and frees what the link holds. A second Close
	// does nothing and returns nil.
	Close() error
}

// Errors that a Link returns beside net.ErrClosed and os.ErrDeadlineExceeded.
var (
	ErrFrameTooLong = errors.New("frame does not fit the buffer")
	ErrLinkDown     = errors.New("link is down")
)

// Kind says what carries a link's frames.
type Kind string

// The kinds of link.
const (
	KindTAP Kind = "tap"
	KindEth Kind = "eth"
	KindMem Kind = "mem"
)

// Info describes a link.
type Info struct {
	Kind     Kind
	Name     string           // device name, or a label for a wire in memory
	MAC      net.HardwareAddr // address to send from; nil if the user of the link may choose
	MTU      int              // bytes of IP packet in one frame
	MaxFrame int              // bytes that ReadFrame can return at most, super-frames included
	Offloads []Offload        // as the driver reports them; empty if it has none
}

// Offload is one feature of the driver that changes what a capture shows, by
// its ethtool name, for example tx-checksum-ip-generic.
type Offload struct {
	Name string
	On   bool
}

// Meta says what is known of a received frame beside its bytes.
type Meta struct {
	Time  time.Time // when it arrived, by the kernel's stamp where there is one
	Flags FrameFlags
}

// FrameFlags mark a frame whose bytes are not quite what crossed a cable.
type FrameFlags uint8

const (
	// ChecksumCompleted: the sending kernel had left the transport checksum
	// to hardware; the link computed it on receipt.
	ChecksumCompleted FrameFlags = 1 << iota
	// SuperFrame: longer than the MTU allows; several segments merged by
	// GRO or not yet split by TSO.
	SuperFrame
	// VLANRestored: the 802.1Q tag had been stripped and was put back.
	VLANRestored
)
