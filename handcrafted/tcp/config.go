package tcp

import (
	"fmt"
	"time"

	"tcping-cmp/handcrafted/tcp/congestion"
	"tcping-cmp/handcrafted/wire"
)

// Defaults of Config.
const (
	DefaultRecvBuffer    = 128 << 10
	DefaultMaxRecvBuffer = 1 << 20 // a TAP queues 1,000 frames; more than that is lost
	DefaultSendBuffer    = 256 << 10
	DefaultMaxSendBuffer = 4 << 20
	DefaultMSL           = 2 * time.Minute // RFC 9293 §3.4.2
	DefaultDelayedACK    = 40 * time.Millisecond
	DefaultR1            = 3                // retransmissions; RFC 9293 §3.8.3, SHLD-10
	DefaultR2            = 15 * time.Minute // at least 100 s by SHLD-11
	DefaultSynR2         = 3 * time.Minute  // MUST-23
	DefaultKeepAliveIdle = 2 * time.Hour    // MUST-28
	DefaultKeepAliveGap  = 75 * time.Second
	DefaultKeepAliveMax  = 9
	DefaultFinWait2      = time.Minute
)

// Config is what the caller chooses for a connection. The zero value of a
// field is its default.
type Config struct {
	Tuple    wire.Tuple // both ends; the addresses must be of one family
	MTU      int        // bytes of IP packet; 1500 if 0
	ISS      wire.Seq   // initial send sequence number, from Numbers.ISN
	TSOffset uint32     // added to the timestamp clock, from Numbers.TSOffset
	Profile  Profile    // RFC if zero

	// RecvBuffer bytes may wait for the user at first. It grows with the
	// speed of the path and the reader up to MaxRecvBuffer; set both alike to
	// keep it.
	RecvBuffer, MaxRecvBuffer int
	// SendBuffer bytes may wait for their acknowledgement or to be sent, at
	// first. It grows to twice what reaches the peer in a round trip, up to
	// MaxSendBuffer.
	SendBuffer, MaxSendBuffer int

	NoDelay bool // switch Nagle's algorithm off (MUST-17)
	ECN     bool // offer RFC 3168, and agree to it when accepting
	DSCP    uint8
	TTL     uint8 // hop limit; the profile's if 0

	// Congestion names the congestion control: "reno" (the default) or
	// "cubic".
	Congestion string

	// AckEverySecond makes an ACK leave for every second full-sized segment
	// even when they were waiting together. By default one ACK answers a
	// batch; see ack.go for why both are allowed.
	AckEverySecond bool
	// DelayedACK is how long an acknowledgement may wait; below 500 ms by
	// MUST-40.
	DelayedACK time.Duration

	KeepAlive         bool          // off by default (MUST-25)
	KeepAliveIdle     time.Duration // silence before the first probe
	KeepAliveInterval time.Duration // between probes
	KeepAliveCount    int           // unanswered probes that end the connection

	// UserTimeout ends the connection when data stays unacknowledged for so
	// long (RFC 9293 §3.10.8); 0 leaves it to R2.
	UserTimeout time.Duration
	R1          int           // retransmissions before the user and IP are told
	R2          time.Duration // of retransmissions before the connection ends
	SynR2       time.Duration // the same for a SYN

	MSL time.Duration // maximum segment lifetime; TIME-WAIT lasts two of them
	// FinWait2 bounds FIN-WAIT-2 after Close: nobody reads any more, and the
	// peer may never close. RFC 9293 has no such timer.
	FinWait2 time.Duration
	// AbortOnClose makes Close send a RST and forget everything (linger of 0).
	AbortOnClose bool
	// IgnoreTimeWaitRST leaves TIME-WAIT alone when a RST arrives, as
	// RFC 1337 §3 advises. RFC 9293 §3.10.7.4 says to close, which is the default.
	IgnoreTimeWaitRST bool
}

// headerLen is the length of an IP header without options and of a TCP
// header, the fixed part of RFC 9293 §3.7.1.
func (cfg *Config) headerLen() int {
	if cfg.Tuple.Remote.Addr().Is4() {
		return 40
	}
	return 60
}

// defaultMSS is what a peer that sends no MSS option can take: 536 octets over
// IPv4, 1220 over IPv6 (RFC 9293 §3.7.1, MUST-15).
func (cfg *Config) defaultMSS() int {
	if cfg.Tuple.Remote.Addr().Is4() {
		return 536
	}
	return 1220
}

func or[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// complete fills in the defaults.
func (cfg *Config) complete() {
	or(&cfg.Profile, RFC)
	or(&cfg.MTU, 1500)
	or(&cfg.RecvBuffer, DefaultRecvBuffer)
	or(&cfg.MaxRecvBuffer, max(DefaultMaxRecvBuffer, cfg.RecvBuffer))
	or(&cfg.SendBuffer, DefaultSendBuffer)
	or(&cfg.MaxSendBuffer, max(DefaultMaxSendBuffer, cfg.SendBuffer))
	or(&cfg.TTL, cfg.Profile.TTL)
	or(&cfg.Congestion, "reno")
	or(&cfg.DelayedACK, DefaultDelayedACK)
	or(&cfg.KeepAliveIdle, DefaultKeepAliveIdle)
	or(&cfg.KeepAliveInterval, DefaultKeepAliveGap)
	or(&cfg.KeepAliveCount, DefaultKeepAliveMax)
	or(&cfg.R1, DefaultR1)
	or(&cfg.R2, DefaultR2)
	or(&cfg.SynR2, DefaultSynR2)
	or(&cfg.MSL, DefaultMSL)
	or(&cfg.FinWait2, DefaultFinWait2)
}

// check refuses what no connection can work with. Broadcast and multicast
// addresses are refused as RFC 9293 §3.9.1.1, MUST-46, asks.
func (cfg *Config) check() error {
	l, r := cfg.Tuple.Local, cfg.Tuple.Remote
	switch {
	case !l.IsValid() || !r.IsValid() || l.Addr().Is4() != r.Addr().Is4():
		return fmt.Errorf("%w: %v and %v are not two addresses of one family", ErrConfig, l, r)
	case r.Addr().IsMulticast() || r.Addr().IsUnspecified() || r.Addr().As16() == broadcast4:
		return fmt.Errorf("%w: %v is not the address of one host", ErrConfig, r.Addr())
	case r.Port() == 0 || l.Port() == 0:
		return fmt.Errorf("%w: port 0 cannot be used", ErrConfig)
	case cfg.MTU < 68 || cfg.MTU > 65535:
		return fmt.Errorf("%w: MTU %d is not between 68 and 65535", ErrConfig, cfg.MTU)
	case cfg.DelayedACK >= 500*time.Millisecond:
		return fmt.Errorf("%w: a delayed ACK has to leave within 500 ms, not %v", ErrConfig, cfg.DelayedACK)
	case cfg.RecvBuffer < 0 || cfg.MaxRecvBuffer < cfg.RecvBuffer || cfg.MaxRecvBuffer > 1<<30-1:
		return fmt.Errorf("%w: receive buffer %d to %d", ErrConfig, cfg.RecvBuffer, cfg.MaxRecvBuffer)
	}
	_, err := congestion.New(cfg.Congestion, 1)
	return err
}

// broadcast4 is 255.255.255.255 as a mapped address.
var broadcast4 = [16]byte{10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}
