package tap

import (
	"errors"
	"fmt"
	"strings"
)

// ErrName is a device name that Linux does not accept.
var ErrName = errors.New("not a device name")

// maxName is the longest device name in bytes: IFNAMSIZ less the final zero.
const maxName = 15

// CheckName says why Linux would not accept name for a network device. It
// unwraps to ErrName.
func CheckName(name string) error {
	why := ""
	switch {
	case name == "":
		why = "it is empty"
	case len(name) > maxName:
		// The kernel's interface cuts it silently, and two devices meet.
		why = fmt.Sprintf("it has %d bytes, and at most %d fit", len(name), maxName)
	case name == "." || name == "..":
		why = "it is a directory's name"
	case strings.ContainsFunc(name, forbidden):
		why = "slash, colon, percent sign, space and control characters are not allowed"
	}
	if why == "" {
		return nil
	}
	return fmt.Errorf("%q is %w: %s", name, ErrName, why)
}

// forbidden are the characters that the kernel refuses, and the percent sign,
// which it takes as a pattern to number devices by.
func forbidden(r rune) bool {
	return r <= ' ' || r == '/' || r == ':' || r == '%' || r == 0x7f || r == 0xa0
}
