//go:build !linux

package tap

// OpenTAP needs Linux; it returns ErrNotSupported.
func OpenTAP(TAPConfig) (Link, error) { return nil, ErrNotSupported }

// OpenEth needs Linux; it returns ErrNotSupported.
func OpenEth(string, EthConfig) (Link, error) { return nil, ErrNotSupported }
