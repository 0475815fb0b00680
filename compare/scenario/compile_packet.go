package scenario

// call resolves the symbols in a call.
func (c *compiler) call(k *Call) *Call {
	if !knownCalls[k.Name] {
		c.unsupported(k.Pos, k.Name+"()", "the system call is not known to the player")
	}
	if len(c.script.Config.Define) == 0 {
		return k
	}
	out := *k
	out.Args = c.resolveAll(k.Args)
	out.Result = c.resolve(k.Result)
	return &out
}

// knownCalls are the system calls that a stack under test can be asked for.
var knownCalls = map[string]bool{
	"socket": true, "bind": true, "listen": true, "accept": true, "connect": true, "close": true,
	"shutdown": true, "fcntl": true, "ioctl": true, "poll": true, "getsockopt": true, "setsockopt": true,
	"read": true, "readv": true, "recv": true, "recvfrom": true, "recvmsg": true,
	"write": true, "writev": true, "send": true, "sendto": true, "sendmsg": true,
}

// packet says what of a packet cannot be played, and resolves its symbols.
func (c *compiler) packet(k *Packet) *Packet {
	if len(k.Encap) > 0 {
		c.unsupported(k.Pos, k.Encap[0].String(), "encapsulated packets are not played")
	}
	if k.Path != "" {
		c.unsupported(k.Pos, k.Path, "Multipath TCP is not played")
	}
	if k.Mutation != "" {
		c.unsupported(k.Pos, "{"+k.Mutation+"}", "mutations are not played; write the fault (with ...)")
	}
	if k.Tunnel != nil {
		c.unsupported(k.Pos, "/udp("+k.Tunnel.String()+")", "TCP in UDP is not played")
	}
	if k.UDP != nil {
		c.unsupported(k.Pos, k.UDP.String(), "UDP is not played")
	}
	if k.Other != nil {
		c.unsupported(k.Pos, k.Other.Text, "the protocol is not played")
	}
	if k.TCP == nil || k.TCP.Options == nil {
		return k
	}
	return c.segment(k)
}

// segment looks at the options of a TCP segment.
func (c *compiler) segment(k *Packet) *Packet {
	var list []TCPOption
	for _, o := range k.TCP.Options.List {
		if o.Text != "" && o.Kind != OptUnknown {
			o = c.symbol(o)
		}
		switch {
		case o.Kind == OptUnknown:
			c.unsupported(o.Pos, o.Text, "the option is not known; write it as opt KIND HEX")
		case o.Text != "":
			c.unsupported(o.Pos, o.String(), "the value of the symbol is not known; give it with --define")
		}
		list = append(list, o)
	}
	out, tcp, opts := *k, *k.TCP, *k.TCP.Options
	opts.List = list
	tcp.Options = &opts
	out.TCP = &tcp
	return &out
}
