package lab

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// stateNames are the RFC 9293 §3.3.2 names of the kernel's states, in the
// numbering of include/net/tcp_states.h. NEW-SYN-RECV (12) is the half-open
// connection of a listener.
var stateNames = [...]string{
	1: "ESTABLISHED", 2: "SYN-SENT", 3: "SYN-RECEIVED", 4: "FIN-WAIT-1", 5: "FIN-WAIT-2",
	6: stateTimeWait, 7: stateClosed, 8: "CLOSE-WAIT", 9: "LAST-ACK", 10: "LISTEN", 11: "CLOSING", 12: "SYN-RECEIVED",
}

const (
	listen = 10
)

func stateName(n uint8) string {
	if int(n) < len(stateNames) && stateNames[n] != "" {
		return stateNames[n]
	}
	return fmt.Sprintf("UNKNOWN-%d", n)
}

// tcpState returns the state of a connection of the kernel in the calling
// thread's namespace, also when no process holds its socket any more. A
// connection that the kernel does not know is CLOSED (RFC 9293 §3.3.2).
func tcpState(local, remote netip.AddrPort) string {
	s, err := netlink.SocketGet(net.TCPAddrFromAddrPort(local), net.TCPAddrFromAddrPort(remote))
	switch {
	case err == nil && s.State == listen:
		return stateClosed // the listener answered for a connection that is gone
	case err == nil:
		return stateName(s.State)
	case errors.Is(err, unix.ENOENT) && haveDiag(local):
		return stateClosed
	}
	return procState(local, remote)
}

// haveDiag tells "no such connection" from "no tcp_diag module", both ENOENT.
func haveDiag(local netip.AddrPort) bool {
	_, err := netlink.SocketDiagTCP(family(local.Addr()))
	return err == nil
}

// procState finds the state in /proc, for kernels without tcp_diag.
func procState(local, remote netip.AddrPort) string {
	file := "/proc/thread-self/net/tcp"
	if local.Addr().Is6() {
		file += "6"
	}
	f, err := os.Open(file)
	if err != nil {
		return "unknown (" + err.Error() + ")"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) > 3 && w[1] == procAddress(local) && w[2] == procAddress(remote) {
			n, _ := strconv.ParseUint(w[3], 16, 8)
			return stateName(uint8(n))
		}
	}
	return stateClosed
}

// procAddress writes an address as /proc/net/tcp does: 32-bit words in host
// order.
func procAddress(a netip.AddrPort) string {
	b := a.Addr().AsSlice()
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	return strings.ToUpper(hex.EncodeToString(b)) + fmt.Sprintf(":%04X", a.Port())
}

func family(a netip.Addr) uint8 {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// destroySockets ends every connection in the calling thread's namespace, so
// that one which its process has closed but its peer has not does not keep the
// namespace alive. Peers that can still be reached get a RST. A kernel that
// cannot do it lets them time out.
func destroySockets() {
	for _, f := range []uint8{unix.AF_INET, unix.AF_INET6} {
		sockets, err := netlink.SocketDiagTCP(f)
		if err != nil {
			continue
		}
		for _, s := range sockets {
			destroySocket(s)
		}
	}
}

func destroySocket(s *netlink.Socket) error {
	link, err := nl.Subscribe(unix.NETLINK_INET_DIAG)
	if err != nil {
		return err
	}
	defer link.Close()
	req := nl.NewNetlinkRequest(nl.SOCK_DESTROY, unix.NLM_F_ACK)
	req.AddRawData(diagRequest(s))
	_, err = req.Execute(unix.NETLINK_INET_DIAG, 0)
	return err
}

// diagRequest is the inet_diag_req_v2 that names s: family, protocol, ports,
// addresses, interface and cookie.
func diagRequest(s *netlink.Socket) []byte {
	b := make([]byte, 0, 56)
	b = append(b, s.Family, unix.IPPROTO_TCP, 0, 0)
	b = binary.NativeEndian.AppendUint32(b, ^uint32(0)) // any state
	b = binary.BigEndian.AppendUint16(b, s.ID.SourcePort)
	b = binary.BigEndian.AppendUint16(b, s.ID.DestinationPort)
	for _, ip := range []net.IP{s.ID.Source, s.ID.Destination} {
		if s.Family == unix.AF_INET {
			ip = ip.To4()
		}
		b = append(b, ip...)
		b = append(b, make([]byte, 16-len(ip))...)
	}
	b = binary.NativeEndian.AppendUint32(b, s.ID.Interface)
	b = binary.NativeEndian.AppendUint32(b, s.ID.Cookie[0])
	return binary.NativeEndian.AppendUint32(b, s.ID.Cookie[1])
}
