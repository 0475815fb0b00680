package netstack

import (
	"strconv"
	"strings"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// keepAliveDefaults are what a script wants of every socket. gVisor has no
// such setting of the stack, so each new socket is told. Zero leaves the
// library's.
type keepAliveDefaults struct {
	idle, interval time.Duration
	count          int
}

func (k *keepAliveDefaults) apply(ep tcpip.Endpoint) {
	if k.idle > 0 {
		o := tcpip.KeepaliveIdleOption(k.idle)
		ep.SetSockOpt(&o)
	}
	if k.interval > 0 {
		o := tcpip.KeepaliveIntervalOption(k.interval)
		ep.SetSockOpt(&o)
	}
	if k.count > 0 {
		ep.SetSockOptInt(tcpip.KeepaliveCountOption, k.count)
	}
}

// fixed are settings that gVisor does not have a switch for, with the value
// that it behaves by.
var fixed = map[string]string{
	"tcp_timestamps":     "1",
	"tcp_window_scaling": "1",
	"tcp_ecn":            "0",
	"tcp_dsack":          "1",
	"tcp_mtu_probing":    "0",
	"tcp_shrink_window":  "0",
	"delayed_ack":        "1",
	"ip_no_pmtu_disc":    "0",
	"initcwnd":           strconv.Itoa(tcp.InitialCwnd),
}

// Set implements lab.VirtualHost.
func (h *virtualHost) Set(name, value string) bool {
	if v, ok := fixed[name]; ok {
		return v == value
	}
	switch name {
	case "tcp_congestion_control":
		if value == "newreno" {
			value = "reno"
		}
		o := tcpip.CongestionControlOption(value)
		return h.transport(&o)
	case "tcp_rmem", "tcp_wmem":
		return h.buffers(name == "tcp_rmem", strings.Fields(value))
	case "recv_buffer", "send_buffer":
		return h.buffers(name == "recv_buffer", []string{value})
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || f < 0 || f > 1<<32 {
		return false
	}
	return h.setNumber(name, int(f), time.Duration(f*float64(time.Second)))
}

// setNumber sets what is a number or a time.
func (h *virtualHost) setNumber(name string, n int, d time.Duration) bool {
	switch name {
	case "tcp_sack":
		o := tcpip.TCPSACKEnabled(n != 0)
		return h.transport(&o)
	case "tcp_recovery":
		o := tcpip.TCPRecovery(n)
		return h.transport(&o)
	case "rto_min":
		o := tcpip.TCPMinRTOOption(d)
		return h.transport(&o)
	case "rto_max":
		o := tcpip.TCPMaxRTOOption(d)
		return h.transport(&o)
	case "tcp_syn_retries":
		o := tcpip.TCPSynRetriesOption(n)
		return h.transport(&o)
	case "tcp_retries2":
		o := tcpip.TCPMaxRetriesOption(n)
		return h.transport(&o)
	case "tcp_fin_timeout":
		o := tcpip.TCPLingerTimeoutOption(d)
		return h.transport(&o)
	case "msl":
		o := tcpip.TCPTimeWaitTimeoutOption(2 * d)
		return h.transport(&o)
	case "ip_default_ttl":
		o := tcpip.DefaultTTLOption(n)
		return h.stack.SetNetworkProtocolOption(ipv4.ProtocolNumber, &o) == nil &&
			h.stack.SetNetworkProtocolOption(ipv6.ProtocolNumber, &o) == nil
	case "tcp_keepalive_time":
		h.keepAlive.idle = d
	case "tcp_keepalive_intvl":
		h.keepAlive.interval = d
	case "tcp_keepalive_probes":
		h.keepAlive.count = n
	default:
		return false
	}
	return true
}

func (h *virtualHost) transport(o tcpip.SettableTransportProtocolOption) bool {
	return h.stack.SetTransportProtocolOption(tcp.ProtocolNumber, o) == nil
}

// buffers takes the three numbers of tcp_rmem and tcp_wmem, or the one that a
// socket begins with.
func (h *virtualHost) buffers(receive bool, fields []string) bool {
	var n []int
	for _, f := range fields {
		v, err := strconv.Atoi(f)
		if err != nil || v <= 0 {
			return false
		}
		n = append(n, v)
	}
	switch len(n) {
	case 1:
		n = []int{1, n[0], max(n[0], tcp.MaxBufferSize)}
	case 3:
	default:
		return false
	}
	if receive {
		return h.transport(&tcpip.TCPReceiveBufferSizeRangeOption{Min: n[0], Default: n[1], Max: n[2]})
	}
	return h.transport(&tcpip.TCPSendBufferSizeRangeOption{Min: n[0], Default: n[1], Max: n[2]})
}
