package tcp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"net/netip"
	"time"

	"tcping-cmp/handcrafted/wire"
)

// isnTick is the period of the clock behind initial sequence numbers
// (RFC 9293 §3.4.1, MUST-8).
const isnTick = 4 * time.Microsecond

// Ephemeral ports: the dynamic range of RFC 6335 §6, which RFC 6056 §3.2
// allows to be wider.
const (
	FirstPort = 49152
	LastPort  = 65535
)

// Numbers chooses what an attacker must not guess: initial sequence numbers,
// timestamp offsets and ports. All of it is a keyed hash (HMAC-SHA-256), so the
// same secret gives the same numbers. It is not safe for concurrent use.
type Numbers struct {
	mac   hash.Hash
	count uint64
	sum   [sha256.Size]byte
}

// NewNumbers returns numbers that depend on secret alone. The secret has to be
// random, and may be kept for the life of the host.
func NewNumbers(secret [32]byte) *Numbers {
	return &Numbers{mac: hmac.New(sha256.New, secret[:])}
}

// What a hash is for, so that one number tells nothing about another.
const (
	purposeISN byte = iota + 1
	purposeTimestamp
	purposePort
)

// prf hashes the connection and n under the secret.
func (s *Numbers) prf(purpose byte, local, remote netip.AddrPort, n uint64) uint32 {
	var in [1 + 2*18 + 8]byte
	in[0] = purpose
	for i, a := range [2]netip.AddrPort{local, remote} {
		b := a.Addr().As16()
		copy(in[1+18*i:], b[:])
		binary.BigEndian.PutUint16(in[17+18*i:], a.Port())
	}
	binary.BigEndian.PutUint64(in[37:], n)
	s.mac.Reset()
	s.mac.Write(in[:])
	return binary.BigEndian.Uint32(s.mac.Sum(s.sum[:0]))
}

// ISN returns the initial sequence number of a connection opened at now:
// ISN = M + F(connection, secret), where M counts 4 µs (RFC 9293 §3.4.1, MUST-8,
// MUST-9, SHLD-1).
func (s *Numbers) ISN(now time.Time, t wire.Tuple) wire.Seq {
	m := uint32(now.UnixNano() / int64(isnTick))
	return wire.Seq(m + s.prf(purposeISN, t.Local, t.Remote, 0))
}

// TSOffset returns what is added to the timestamp clock of a connection
// (RFC 7323 §5.4). It is the same for every connection of a tuple, so that
// timestamps of a later one are greater.
func (s *Numbers) TSOffset(t wire.Tuple) uint32 {
	return s.prf(purposeTimestamp, t.Local, t.Remote, 0)
}

// Port returns a free local port for a connection to remote. It begins at a
// random port and takes the first for which inUse says false, as RFC 6056
// §3.3.1 does: successive ports tell nothing about each other, which the
// hash-based algorithms of §3.3.3 give up for a destination. ok is false if all are
// in use.
func (s *Numbers) Port(local netip.Addr, remote netip.AddrPort, inUse func(port uint16) bool) (port uint16, ok bool) {
	const n = LastPort - FirstPort + 1
	s.count++
	start := s.prf(purposePort, netip.AddrPortFrom(local, 0), remote, s.count) % n
	for i := range uint32(n) {
		port = uint16(FirstPort + (start+i)%n)
		if !inUse(port) {
			return port, true
		}
	}
	return 0, false
}
