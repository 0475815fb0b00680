package scenario

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Config is what the options of a script say. The zero values of addresses
// and ports leave the choice to the player.
type Config struct {
	IPVersion int           // 4 or 6; 4 if nothing is said
	MTU       int           // of the link, bytes of IP packet; 1500 if nothing is said
	MSS       int           // --mss, bytes; 0 if nothing is said
	Tolerance time.Duration // by which a time may differ; packetdrill's 4 ms if nothing is said
	// TimestampTick is the unit of the stack's timestamps by which TSval is
	// checked; 0 leaves it unchecked.
	TimestampTick          time.Duration
	Local, Remote, Gateway netip.Addr
	BindPort, ConnectPort  uint16
	Define                 map[string]string // --define=NAME=VALUE, quotes kept
}

// optionReaders have what each option means. They give false for a value
// that does not fit, and what would.
var optionReaders = map[string]func(c *compiler, v string) (ok bool, expected string){
	"ip_version":        (*compiler).ipVersion,
	"mtu":               intOption(func(c *Config) *int { return &c.MTU }, 68, 65535),
	"mss":               intOption(func(c *Config) *int { return &c.MSS }, 1, 65535),
	"tolerance_usecs":   usecOption(func(c *Config) *time.Duration { return &c.Tolerance }),
	"tcp_ts_tick_usecs": usecOption(func(c *Config) *time.Duration { return &c.TimestampTick }),
	"local_ip":          addrOption(func(c *Config) *netip.Addr { return &c.Local }),
	"remote_ip":         addrOption(func(c *Config) *netip.Addr { return &c.Remote }),
	"gateway_ip":        addrOption(func(c *Config) *netip.Addr { return &c.Gateway }),
	"bind_port":         portOption(func(c *Config) *uint16 { return &c.BindPort }),
	"connect_port":      portOption(func(c *Config) *uint16 { return &c.ConnectPort }),
	"define":            (*compiler).define,
	"send":              (*compiler).sendText,
	"send_bytes":        (*compiler).sendBytes,
	"close":             (*compiler).closeFirst,
	"timeout":           (*compiler).timeoutOption,
}

// options reads the options of the file.
func (c *compiler) options() {
	c.script.Config = Config{IPVersion: 4, MTU: 1500, Tolerance: 4 * time.Millisecond}
	for _, o := range c.file.Options {
		read, ok := optionReaders[o.Name]
		if !ok {
			c.ignore(o.Pos, o.String(), "the option has no meaning here")
			continue
		}
		if ok, expected := read(c, o.Value); !ok {
			c.fail(o.Pos, expected+" for --"+o.Name, strconv.Quote(o.Value))
		}
	}
}

func (c *compiler) ipVersion(v string) (bool, string) {
	switch v {
	case "ipv4", "ipv4-mapped-ipv6", "ipv4_mapped_ipv6":
		c.script.Config.IPVersion = 4
	case "ipv6":
		c.script.Config.IPVersion = 6
	default:
		return false, "ipv4 or ipv6"
	}
	return true, ""
}

func intOption(field func(*Config) *int, low, high int) func(*compiler, string) (bool, string) {
	return func(c *compiler, v string) (bool, string) {
		n, err := strconv.Atoi(v)
		if err != nil || n < low || n > high {
			return false, "a number from " + strconv.Itoa(low) + " to " + strconv.Itoa(high)
		}
		*field(&c.script.Config) = n
		return true, ""
	}
}

func usecOption(field func(*Config) *time.Duration) func(*compiler, string) (bool, string) {
	return func(c *compiler, v string) (bool, string) {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/2000 {
			return false, "a number of microseconds"
		}
		*field(&c.script.Config) = time.Duration(n) * time.Microsecond
		return true, ""
	}
}

func addrOption(field func(*Config) *netip.Addr) func(*compiler, string) (bool, string) {
	return func(c *compiler, v string) (bool, string) {
		a, err := netip.ParseAddr(v)
		if err != nil {
			return false, "an IP address"
		}
		*field(&c.script.Config) = a
		return true, ""
	}
}

func portOption(field func(*Config) *uint16) func(*compiler, string) (bool, string) {
	return func(c *compiler, v string) (bool, string) {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil || n == 0 {
			return false, "a port from 1 to 65535"
		}
		*field(&c.script.Config) = uint16(n)
		return true, ""
	}
}

// define reads NAME=VALUE.
func (c *compiler) define(v string) (bool, string) {
	name, value, ok := strings.Cut(v, "=")
	if !ok || name == "" || value == "" {
		return false, "NAME=VALUE"
	}
	if c.script.Config.Define == nil {
		c.script.Config.Define = map[string]string{}
	}
	c.script.Config.Define[name] = value
	return true, ""
}
