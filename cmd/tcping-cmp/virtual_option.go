package main

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tcping-cmp/compare/lab"
	"tcping-cmp/handcrafted/tcp"
)

// errnoOf returns the system call's error that an error of the hand-made stack
// stands for.
func errnoOf(err error) error {
	var number syscall.Errno
	switch {
	case err == nil || err == io.EOF:
		return nil
	case errors.As(err, &number):
		return number
	}
	return syscall.EINVAL
}

// handmadeFixed are settings that the hand-made stack has no switch for, with
// the value that it behaves by.
var handmadeFixed = map[string]string{
	"tcp_dsack": "1", "tcp_recovery": "1", "tcp_slow_start_after_idle": "1", "tcp_shrink_window": "0",
	"tcp_mtu_probing": "0", "ip_no_pmtu_disc": "0", "delayed_ack": "1", "initcwnd": "10",
	"limited_transmit": "1", "insecure_rst": "0", "insecure_syn": "0", "insecure_ack": "0", "drop_synfin": "0",
	"tcp_early_retrans": "3", "tcp_invalid_ratelimit": "0",
}

// Set implements lab.VirtualHost.
func (h *handmadeVirtual) Set(name, value string) bool {
	if v, ok := handmadeFixed[name]; ok {
		return v == value
	}
	switch name {
	case "tcp_congestion_control":
		if value == "newreno" {
			value = "reno"
		}
		if value != "reno" && value != "cubic" {
			return false
		}
		h.tcp.Congestion = value
		return true
	case "tcp_rmem", "tcp_wmem":
		return h.buffers(name == "tcp_rmem", strings.Fields(value))
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || f < 0 || f > 1<<32 {
		return false
	}
	return h.setNumber(name, int(f), time.Duration(f*float64(time.Second)))
}

func (h *handmadeVirtual) setNumber(name string, n int, d time.Duration) bool {
	c := &h.tcp
	switch name {
	case "tcp_timestamps":
		c.Profile.Timestamps = n != 0
	case "tcp_window_scaling":
		c.Profile.WindowScale = n != 0
	case "tcp_sack":
		c.Profile.SACK = n != 0
	case "tcp_ecn":
		c.ECN, h.ecnIfAsked = n == 1, n == 1 || n == 2
		return n <= 2 // 2: use it where the peer asks for it
	case "tcp_fin_timeout":
		c.FinWait2 = d
	case "msl":
		c.MSL = d
	case "delayed_ack_time":
		if d >= 500*time.Millisecond {
			return false
		}
		c.DelayedACK = d
	case "tcp_keepalive_time":
		c.KeepAliveIdle = d
	case "tcp_keepalive_intvl":
		c.KeepAliveInterval = d
	case "tcp_keepalive_probes":
		c.KeepAliveCount = n
	case "keepalive":
		c.KeepAlive = n != 0
	case "tcp_rfc1337":
		c.IgnoreTimeWaitRST = n != 0
	case "ip_default_ttl":
		c.TTL = uint8(n)
		return n >= 1 && n <= 255
	case "recv_buffer":
		return h.buffers(true, []string{strconv.Itoa(n)})
	case "send_buffer":
		return h.buffers(false, []string{strconv.Itoa(n)})
	default:
		return false
	}
	return true
}

// buffers takes the three numbers of tcp_rmem and tcp_wmem, or the one that a
// socket begins with. Linux keeps half of a receive buffer for itself, the
// hand-made stack nothing.
func (h *handmadeVirtual) buffers(receive bool, fields []string) bool {
	var n []int
	for _, f := range fields {
		v, err := strconv.Atoi(f)
		if err != nil || v <= 0 || v > 1<<29 {
			return false
		}
		n = append(n, v)
	}
	if len(n) == 0 {
		return false
	}
	start := n[min(1, len(n)-1)]
	if !receive {
		h.tcp.SendBuffer = start
		return true
	}
	h.tcp.RecvBuffer, h.tcp.MaxRecvBuffer = start, max(start, n[len(n)-1])
	return true
}

// SetOption implements lab.VirtualSocket.
func (s *handmadeSocket) SetOption(name string, v lab.OptionValue) error {
	n, on := v.N[0], v.N[0] != 0
	if n < 0 || n > 1<<30 {
		return syscall.EINVAL
	}
	seconds := time.Duration(n) * time.Second
	c := &s.cfg
	switch name {
	case "TCP_NODELAY":
		c.NoDelay = on
		s.do(func(conn *tcp.Conn) tcp.Effects { return conn.SetNoDelay(s.host.now, on) })
	case "SO_LINGER":
		s.linger = -1
		if on {
			s.linger = time.Duration(v.N[1]) * time.Second
		}
	case "SO_KEEPALIVE":
		c.KeepAlive = on
		s.keepAlive()
	case "TCP_KEEPIDLE":
		c.KeepAliveIdle = seconds
		s.keepAlive()
	case "TCP_KEEPINTVL":
		c.KeepAliveInterval = seconds
		s.keepAlive()
	case "TCP_KEEPCNT":
		c.KeepAliveCount = int(n)
		s.keepAlive()
	case "TCP_USER_TIMEOUT":
		c.UserTimeout = time.Duration(n) * time.Millisecond
		s.do(func(conn *tcp.Conn) tcp.Effects { return conn.SetUserTimeout(s.host.now, c.UserTimeout) })
	case "IP_TOS", "IPV6_TCLASS":
		c.DSCP = uint8(n) >> 2
		s.quietly(func(conn *tcp.Conn) { conn.SetDSCP(c.DSCP) })
	case "IP_TTL", "IPV6_UNICAST_HOPS":
		if n < 1 || n > 255 {
			return syscall.EINVAL
		}
		c.TTL = uint8(n)
		s.quietly(func(conn *tcp.Conn) { conn.SetTTL(c.TTL) })
	case "SO_RCVBUF": // as on Linux, a size that is set is not adjusted any more
		c.RecvBuffer, c.MaxRecvBuffer = int(n), int(n)
		s.quietly(func(conn *tcp.Conn) { conn.SetRecvBuffer(int(n)) })
	case "SO_SNDBUF":
		c.SendBuffer, c.MaxSendBuffer = int(n), int(n)
		s.quietly(func(conn *tcp.Conn) { conn.SetSendBuffer(int(n)) })
	default:
		return s.setBeforeOpening(name, v)
	}
	return nil
}

// setBeforeOpening sets what an open connection cannot change any more.
func (s *handmadeSocket) setBeforeOpening(name string, v lab.OptionValue) error {
	if s.flow != nil {
		return syscall.ENOPROTOOPT
	}
	c := &s.cfg
	switch name {
	case "TCP_CONGESTION":
		if v.Text != "reno" && v.Text != "cubic" {
			return syscall.ENOENT
		}
		c.Congestion = v.Text
	case "TCP_LINGER2":
		c.FinWait2 = time.Duration(v.N[0]) * time.Second
	default:
		return syscall.ENOPROTOOPT
	}
	return nil
}

func (s *handmadeSocket) keepAlive() {
	c := &s.cfg
	s.do(func(conn *tcp.Conn) tcp.Effects {
		return conn.SetKeepAlive(s.host.now, c.KeepAlive, c.KeepAliveIdle, c.KeepAliveInterval, c.KeepAliveCount)
	})
}

// do makes a call on the connection if there is one.
func (s *handmadeSocket) do(call func(*tcp.Conn) tcp.Effects) {
	if s.flow != nil && s.flow.State() != tcp.Closed {
		s.flow.Do(s.host.now, &s.host.out, call)
	}
}

// quietly makes a call that has no effects at once.
func (s *handmadeSocket) quietly(call func(*tcp.Conn)) {
	if s.flow != nil {
		call(s.flow.TCP())
	}
}

// Option implements lab.VirtualSocket.
func (s *handmadeSocket) Option(name string) (lab.OptionValue, error) {
	c := &s.cfg
	switch name {
	case "SO_ERROR":
		if s.flow == nil {
			return lab.OptionValue{}, nil
		}
		if e, ok := s.tell(nil).(syscall.Errno); ok {
			return lab.Number(int64(e)), nil
		}
		return lab.OptionValue{}, nil
	case "TCP_NODELAY":
		return truth(c.NoDelay), nil
	case "SO_KEEPALIVE":
		return truth(c.KeepAlive), nil
	case "SO_LINGER":
		if s.linger < 0 {
			return lab.OptionValue{}, nil
		}
		return lab.OptionValue{N: [2]int64{1, int64(s.linger / time.Second)}}, nil
	case "TCP_KEEPIDLE":
		return lab.Number(secondsOr(c.KeepAliveIdle, tcp.DefaultKeepAliveIdle)), nil
	case "TCP_KEEPINTVL":
		return lab.Number(secondsOr(c.KeepAliveInterval, tcp.DefaultKeepAliveGap)), nil
	case "TCP_KEEPCNT":
		if c.KeepAliveCount == 0 {
			return lab.Number(tcp.DefaultKeepAliveMax), nil
		}
		return lab.Number(int64(c.KeepAliveCount)), nil
	case "TCP_USER_TIMEOUT":
		return lab.Number(c.UserTimeout.Milliseconds()), nil
	case "IP_TOS", "IPV6_TCLASS":
		return lab.Number(int64(c.DSCP) << 2), nil
	}
	return lab.OptionValue{}, syscall.ENOPROTOOPT
}

func secondsOr(d, def time.Duration) int64 {
	if d == 0 {
		d = def
	}
	return int64(d / time.Second)
}

func truth(on bool) lab.OptionValue {
	if on {
		return lab.Number(1)
	}
	return lab.OptionValue{}
}
