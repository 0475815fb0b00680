package netstack

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"

	"tcping-cmp/compare/lab"
)

const gvisorModule = "gvisor.dev/gvisor"

// Settings lists the version of gVisor and the defaults that show on the wire,
// as a fresh stack reports them.
func (netstack) Settings() []lab.Setting { return settings() }

var settings = sync.OnceValue(func() []lab.Setting {
	s := newStack(nil)
	defer s.Destroy()
	list := []lab.Setting{{Name: "gVisor", Value: gvisorVersion()}}
	list = append(list, protocolSettings(s)...)
	return append(list, endpointSettings(s)...)
})

// gvisorVersion returns the module version that this program was built with.
func gvisorVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == gvisorModule {
				return dep.Version
			}
		}
	}
	return "unknown (the program carries no build information)"
}

// protocolSettings reads what is common to all connections of the stack.
func protocolSettings(s *stack.Stack) []lab.Setting {
	var (
		congestion tcpip.CongestionControlOption
		sack       tcpip.TCPSACKEnabled
		recovery   tcpip.TCPRecovery
		nagle      tcpip.TCPDelayEnabled
		receive    tcpip.TCPReceiveBufferSizeRangeOption
		moderate   tcpip.TCPModerateReceiveBufferOption
		send       tcpip.TCPSendBufferSizeRangeOption
		minRTO     tcpip.TCPMinRTOOption
		maxRTO     tcpip.TCPMaxRTOOption
		retries    tcpip.TCPMaxRetriesOption
		synRetries tcpip.TCPSynRetriesOption
		timeWait   tcpip.TCPTimeWaitTimeoutOption
		finWait2   tcpip.TCPLingerTimeoutOption
		ttl        tcpip.DefaultTTLOption
		transport  = func(o tcpip.GettableTransportProtocolOption) tcpip.Error {
			return s.TransportProtocolOption(tcp.ProtocolNumber, o)
		}
		unavailable = "unavailable in this version"
	)
	value := func(err tcpip.Error, v string) string {
		if err != nil {
			return unavailable
		}
		return v
	}
	get := func(name string, o tcpip.GettableTransportProtocolOption, show func() string) lab.Setting {
		err := transport(o)
		return lab.Setting{Name: name, Value: value(err, show())}
	}
	ttlErr := s.NetworkProtocolOption(header.IPv4ProtocolNumber, &ttl)
	return []lab.Setting{
		get("congestion control", &congestion, func() string { return string(congestion) }),
		get("SACK", &sack, func() string { return onOff(bool(sack)) }),
		get("loss recovery", &recovery, func() string { return recoveryName(recovery) }),
		get("Nagle", &nagle, func() string { return onOff(bool(nagle)) }),
		get("receive buffer", &receive, func() string { return byteRange(receive.Min, receive.Default, receive.Max) }),
		get("receive buffer tuning", &moderate, func() string { return onOff(bool(moderate)) }),
		get("send buffer", &send, func() string { return byteRange(send.Min, send.Default, send.Max) }),
		get("minimum RTO", &minRTO, func() string { return time.Duration(minRTO).String() }),
		get("maximum RTO", &maxRTO, func() string { return time.Duration(maxRTO).String() }),
		get("retransmissions", &retries, func() string { return strconv.Itoa(int(retries)) }),
		get("SYN retransmissions", &synRetries, func() string { return strconv.Itoa(int(synRetries)) }),
		get("TIME-WAIT", &timeWait, func() string { return time.Duration(timeWait).String() }),
		get("FIN-WAIT-2 after close", &finWait2, func() string { return time.Duration(finWait2).String() }),
		{Name: "initial window", Value: strconv.Itoa(tcp.InitialCwnd) + " segments"},
		{Name: "TTL", Value: value(ttlErr, strconv.Itoa(int(ttl)))},
	}
}

// endpointSettings reads what every new connection starts with.
func endpointSettings(s *stack.Stack) []lab.Setting {
	ep, err := s.NewEndpoint(tcp.ProtocolNumber, ipv4.ProtocolNumber, new(waiter.Queue))
	if err != nil {
		return nil
	}
	defer ep.Close()
	o := ep.SocketOptions()
	return []lab.Setting{
		{Name: "quick acknowledgement", Value: onOff(o.GetQuickAck())},
		{Name: "keep-alive", Value: onOff(o.GetKeepAlive())},
	}
}

// recoveryName lists the flags that are set in r.
func recoveryName(r tcpip.TCPRecovery) string {
	var names []string
	for _, f := range []struct {
		flag tcpip.TCPRecovery
		name string
	}{
		{tcpip.TCPRACKLossDetection, "RACK-TLP"},
		{tcpip.TCPRACKStaticReoWnd, "static reordering window"},
		{tcpip.TCPRACKNoDupTh, "no duplicate threshold"},
	} {
		if r&f.flag != 0 {
			names = append(names, f.name)
		}
	}
	if names == nil {
		return "duplicate acknowledgements"
	}
	return strings.Join(names, ", ")
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func byteRange(low, start, high int) string {
	return fmt.Sprintf("%d bytes (%d to %d)", start, low, high)
}
