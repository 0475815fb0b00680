package wire

import (
	"errors"
	"fmt"
)

// What can be wrong with bytes. Every error of this package wraps one of them.
var (
	ErrTruncated = errors.New("ends too early")
	ErrInvalid   = errors.New("value is not allowed")
	ErrChecksum  = errors.New("checksum does not match")
)

// ParseError says which field of which header made no sense.
type ParseError struct {
	Layer  string // "ethernet", "arp", "ipv4", …
	Field  string // the field's name in its RFC
	Offset int    // where the field begins, in bytes from the start of the header
	Err    error  // ErrTruncated, ErrInvalid or ErrChecksum
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("%s: %s at byte %d: %v", e.Layer, e.Field, e.Offset, e.Err)
}

// Unwrap returns the kind of error.
func (e *ParseError) Unwrap() error { return e.Err }

// The errors are built once, because a hostile peer must not make the parser
// allocate.
var (
	errEthernetShort = &ParseError{"ethernet", "type", 12, ErrTruncated}
	errVLANShort     = &ParseError{"ethernet", "802.1Q tag", 14, ErrTruncated}

	errARPShort = &ParseError{"arp", "packet", 0, ErrTruncated}
	errARPType  = &ParseError{"arp", "hardware and protocol type", 0, ErrInvalid}

	errIPv4Short    = &ParseError{"ipv4", "header", 0, ErrTruncated}
	errIPv4Version  = &ParseError{"ipv4", "version", 0, ErrInvalid}
	errIPv4IHL      = &ParseError{"ipv4", "IHL", 0, ErrInvalid}
	errIPv4Options  = &ParseError{"ipv4", "options", 20, ErrTruncated}
	errIPv4Length   = &ParseError{"ipv4", "total length", 2, ErrInvalid}
	errIPv4Payload  = &ParseError{"ipv4", "payload", 20, ErrTruncated}
	errIPv4Checksum = &ParseError{"ipv4", "header checksum", 10, ErrChecksum}

	errIPv6Short     = &ParseError{"ipv6", "header", 0, ErrTruncated}
	errIPv6Version   = &ParseError{"ipv6", "version", 0, ErrInvalid}
	errIPv6Payload   = &ParseError{"ipv6", "payload", 40, ErrTruncated}
	errIPv6Extension = &ParseError{"ipv6", "extension header", 40, ErrTruncated}
	errIPv6Option    = &ParseError{"ipv6", "option that may not be skipped", 40, ErrInvalid}
	errIPv6Routing   = &ParseError{"ipv6", "routing header with segments left", 40, ErrInvalid}
	errIPv6Chain     = &ParseError{"ipv6", "chain of extension headers", 40, ErrInvalid}

	errICMPShort    = &ParseError{"icmp", "header", 0, ErrTruncated}
	errICMPChecksum = &ParseError{"icmp", "checksum", 2, ErrChecksum}
	errQuoteShort   = &ParseError{"icmp", "quoted packet", 8, ErrTruncated}
	errQuoteHeader  = &ParseError{"icmp", "quoted header", 8, ErrInvalid}

	errNDPShort  = &ParseError{"ndp", "target address", 8, ErrTruncated}
	errNDPTarget = &ParseError{"ndp", "target address", 8, ErrInvalid}
	errNDPCode   = &ParseError{"ndp", "type and code", 0, ErrInvalid}
	errNDPOption = &ParseError{"ndp", "option length", 24, ErrInvalid}

	errTCPShort    = &ParseError{"tcp", "header", 0, ErrTruncated}
	errTCPOffset   = &ParseError{"tcp", "data offset", 12, ErrInvalid}
	errTCPOptions  = &ParseError{"tcp", "options", 20, ErrTruncated}
	errTCPChecksum = &ParseError{"tcp", "checksum", 16, ErrChecksum}
)
