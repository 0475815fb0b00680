// Package compare takes two conversations and gives one report: it pairs
// their frames by meaning, lists every difference field by field, and judges
// each. The stack under test decides the exit status; what is found out about
// the reference is reported too.
//
// # Limitations
//
// Fields that are free by design (initial sequence numbers, the client's
// port, the origin of timestamps, the IP ID of a packet that may not be
// fragmented, addresses by role, link padding) are normalised; the report
// lists which.
package compare
