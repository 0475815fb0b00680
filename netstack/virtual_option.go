package netstack

import (
	"syscall"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"tcping-cmp/compare/lab"
)

// intOptions are the socket options that gVisor keeps as numbers.
var intOptions = map[string]tcpip.SockOptInt{
	"TCP_KEEPCNT":       tcpip.KeepaliveCountOption,
	"TCP_MAXSEG":        tcpip.MaxSegOption,
	"TCP_SYNCNT":        tcpip.TCPSynCountOption,
	"TCP_WINDOW_CLAMP":  tcpip.TCPWindowClampOption,
	"IP_TOS":            tcpip.IPv4TOSOption,
	"IP_TTL":            tcpip.IPv4TTLOption,
	"IP_MTU_DISCOVER":   tcpip.MTUDiscoverOption,
	"IPV6_TCLASS":       tcpip.IPv6TrafficClassOption,
	"IPV6_UNICAST_HOPS": tcpip.IPv6HopLimitOption,
}

// SetOption implements lab.VirtualSocket.
func (s *virtualSocket) SetOption(name string, v lab.OptionValue) error {
	defer s.host.settle()
	if opt, ok := intOptions[name]; ok {
		return virtualErrno(s.ep.SetSockOptInt(opt, int(v.N[0])))
	}
	o, on := s.ep.SocketOptions(), v.N[0] != 0
	switch name {
	case "TCP_NODELAY":
		o.SetDelayOption(!on)
	case "TCP_CORK":
		o.SetCorkOption(on)
	case "TCP_QUICKACK":
		o.SetQuickAck(on)
	case "SO_KEEPALIVE":
		o.SetKeepAlive(on)
	case "SO_REUSEADDR":
		o.SetReuseAddress(on)
	case "SO_REUSEPORT":
		o.SetReusePort(on)
	case "SO_LINGER":
		o.SetLinger(tcpip.LingerOption{Enabled: on, Timeout: time.Duration(v.N[1]) * time.Second})
	case "SO_SNDBUF":
		o.SetSendBufferSize(v.N[0], true)
	case "SO_RCVBUF":
		o.SetReceiveBufferSize(v.N[0], true)
	case "IPV6_V6ONLY":
		o.SetV6Only(on)
	default:
		return s.setTyped(name, v)
	}
	return nil
}

// setTyped sets the options that have a type of their own.
func (s *virtualSocket) setTyped(name string, v lab.OptionValue) error {
	seconds := time.Duration(v.N[0]) * time.Second
	switch name {
	case "TCP_KEEPIDLE":
		o := tcpip.KeepaliveIdleOption(seconds)
		return virtualErrno(s.ep.SetSockOpt(&o))
	case "TCP_KEEPINTVL":
		o := tcpip.KeepaliveIntervalOption(seconds)
		return virtualErrno(s.ep.SetSockOpt(&o))
	case "TCP_LINGER2":
		o := tcpip.TCPLingerTimeoutOption(seconds)
		return virtualErrno(s.ep.SetSockOpt(&o))
	case "TCP_DEFER_ACCEPT":
		o := tcpip.TCPDeferAcceptOption(seconds)
		return virtualErrno(s.ep.SetSockOpt(&o))
	case "TCP_USER_TIMEOUT":
		o := tcpip.TCPUserTimeoutOption(time.Duration(v.N[0]) * time.Millisecond)
		return virtualErrno(s.ep.SetSockOpt(&o))
	case "TCP_CONGESTION":
		o := tcpip.CongestionControlOption(v.Text)
		return virtualErrno(s.ep.SetSockOpt(&o))
	}
	return syscall.ENOPROTOOPT
}

// Option implements lab.VirtualSocket.
func (s *virtualSocket) Option(name string) (lab.OptionValue, error) {
	if opt, ok := intOptions[name]; ok {
		n, err := s.ep.GetSockOptInt(opt)
		return lab.Number(int64(n)), virtualErrno(err)
	}
	o := s.ep.SocketOptions()
	switch name {
	case "SO_ERROR":
		return s.lastError(), nil
	case "TCP_NODELAY":
		return flagOf(!o.GetDelayOption()), nil
	case "TCP_CORK":
		return flagOf(o.GetCorkOption()), nil
	case "TCP_QUICKACK":
		return flagOf(o.GetQuickAck()), nil
	case "SO_KEEPALIVE":
		return flagOf(o.GetKeepAlive()), nil
	case "SO_REUSEADDR":
		return flagOf(o.GetReuseAddress()), nil
	case "SO_REUSEPORT":
		return flagOf(o.GetReusePort()), nil
	case "SO_LINGER":
		l := o.GetLinger()
		v := flagOf(l.Enabled)
		v.N[1] = int64(l.Timeout / time.Second)
		return v, nil
	case "SO_SNDBUF":
		return lab.Number(o.GetSendBufferSize()), nil
	case "SO_RCVBUF":
		return lab.Number(o.GetReceiveBufferSize()), nil
	}
	return s.typed(name)
}

// typed reads the options that have a type of their own.
func (s *virtualSocket) typed(name string) (lab.OptionValue, error) {
	switch name {
	case "TCP_KEEPIDLE":
		var o tcpip.KeepaliveIdleOption
		err := s.ep.GetSockOpt(&o)
		return lab.Number(int64(time.Duration(o) / time.Second)), virtualErrno(err)
	case "TCP_KEEPINTVL":
		var o tcpip.KeepaliveIntervalOption
		err := s.ep.GetSockOpt(&o)
		return lab.Number(int64(time.Duration(o) / time.Second)), virtualErrno(err)
	case "TCP_LINGER2":
		var o tcpip.TCPLingerTimeoutOption
		err := s.ep.GetSockOpt(&o)
		return lab.Number(int64(time.Duration(o) / time.Second)), virtualErrno(err)
	case "TCP_USER_TIMEOUT":
		var o tcpip.TCPUserTimeoutOption
		err := s.ep.GetSockOpt(&o)
		return lab.Number(int64(time.Duration(o) / time.Millisecond)), virtualErrno(err)
	case "TCP_CONGESTION":
		var o tcpip.CongestionControlOption
		err := s.ep.GetSockOpt(&o)
		return lab.OptionValue{Text: string(o)}, virtualErrno(err)
	}
	return lab.OptionValue{}, syscall.ENOPROTOOPT
}

// lastError is the pending error as getsockopt gives it: its number, and 0
// from then on.
func (s *virtualSocket) lastError() lab.OptionValue {
	if e, ok := virtualErrno(s.ep.LastError()).(syscall.Errno); ok {
		return lab.Number(int64(e))
	}
	return lab.OptionValue{}
}

func flagOf(on bool) lab.OptionValue {
	if on {
		return lab.Number(1)
	}
	return lab.OptionValue{}
}
