//go:build !linux

package handcrafted

// alarm is not to be had here: nobody takes a nap.
type alarm struct{}

func newAlarm() *alarm { return nil }

func (*alarm) sleep() {}

func (*alarm) close() {}
