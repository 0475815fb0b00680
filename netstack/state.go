package netstack

import (
	"fmt"

	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
)

// stateName returns the RFC 9293 §3.3.2 name of a state. The states that
// gVisor adds for its own use are those of an endpoint without a connection,
// which the RFC calls CLOSED.
func stateName(s tcp.EndpointState) string {
	switch s {
	case tcp.StateEstablished:
		return "ESTABLISHED"
	case tcp.StateSynSent, tcp.StateConnecting:
		return "SYN-SENT"
	case tcp.StateSynRecv:
		return "SYN-RECEIVED"
	case tcp.StateFinWait1:
		return "FIN-WAIT-1"
	case tcp.StateFinWait2:
		return "FIN-WAIT-2"
	case tcp.StateTimeWait:
		return "TIME-WAIT"
	case tcp.StateCloseWait:
		return "CLOSE-WAIT"
	case tcp.StateLastAck:
		return "LAST-ACK"
	case tcp.StateClosing:
		return "CLOSING"
	case tcp.StateListen:
		return "LISTEN"
	case tcp.StateClose, tcp.StateError, tcp.StateInitial, tcp.StateBound:
		return "CLOSED"
	default:
		panic(fmt.Sprintf("BUG: TCP state %d of gVisor has no name here", s))
	}
}
