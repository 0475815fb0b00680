package lab

import "errors"

// Errors that say why the lab cannot be had.
var (
	ErrNoUserNamespace = errors.New("no user namespace")
	ErrNoTUN           = errors.New("no TAP device")
)

// Entry is what came of Enter.
type Entry struct {
	Ready  bool   // this process may use the lab
	Ran    bool   // a child in its own namespaces did the work; leave with Status
	Status int    // its exit status; 128 and the signal's number if one ended it
	Reason string // if neither: why, in one line
	Fix    string // and what to do about it
}
