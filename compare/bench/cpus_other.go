//go:build !linux

package bench

import "errors"

func pin() (release func(), err error) {
	return nil, errors.New("keeping the process on one CPU needs Linux")
}
