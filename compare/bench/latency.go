package bench

import (
	"time"

	"tcping-cmp/compare/lab"
)

// warmShare is which part of a turn its warm-up takes beside.
const warmShare = 4

// connect returns the median time of a handshake as the user sees it, from the
// call to its return, in microseconds. Each connection is closed in order
// before the next, which does not count.
func connect(t *turn) (float64, error) {
	if _, err := handshakes(t, t.duration/warmShare); err != nil {
		return 0, err
	}
	times, err := handshakes(t, t.duration)
	if err != nil {
		return 0, err
	}
	return median(times), nil
}

// handshakes opens and closes connections for a time, at least one.
func handshakes(t *turn, limit time.Duration) (times []float64, err error) {
	for began := time.Now(); len(times) == 0 || time.Since(began) < limit && !t.exhausted(); {
		start := time.Now()
		conn, err := t.dial()
		if err != nil {
			return nil, err
		}
		times = append(times, float64(time.Since(start).Nanoseconds())/1e3)
		stop := t.bounded(conn)
		if err = goodbye(conn); err == nil {
			err = conn.Close()
		}
		stop()
		if err != nil {
			return nil, err
		}
	}
	return times, nil
}

// conversations returns how many times a second five bytes are echoed over a
// connection of their own, which both sides then close.
func conversations(t *turn) (float64, error) {
	if _, err := talk(t, t.duration/warmShare); err != nil {
		return 0, err
	}
	return talk(t, t.duration)
}

func talk(t *turn, limit time.Duration) (float64, error) {
	buf := make([]byte, len(hello))
	began, n := time.Now(), 0
	for ; n == 0 || time.Since(began) < limit && !t.exhausted(); n++ {
		err := t.session(func(conn lab.Conn) error {
			if err := trip(conn, buf); err != nil {
				return err
			}
			return goodbye(conn)
		})
		if err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// roundTrips returns how many times a second five bytes go there and back over
// one connection, one after the other.
func roundTrips(t *turn) (rate float64, err error) {
	err = t.session(func(conn lab.Conn) error {
		if _, err := pingPong(conn, t.duration/warmShare); err != nil {
			return err
		}
		if rate, err = pingPong(conn, t.duration); err != nil {
			return err
		}
		return goodbye(conn)
	})
	return rate, err
}

// tripsBetween is how many round trips are made between two looks at the
// clock.
const tripsBetween = 16

func pingPong(conn lab.Conn, limit time.Duration) (float64, error) {
	buf := make([]byte, len(hello))
	began, n := time.Now(), 0
	for n == 0 || time.Since(began) < limit {
		for range tripsBetween {
			if err := trip(conn, buf); err != nil {
				return 0, err
			}
		}
		n += tripsBetween
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
