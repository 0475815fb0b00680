package scenario

import (
	"strconv"
	"strings"
	"time"
)

// Setting is a property of the stack under test that a script asks for, under
// the name that Linux has for it where it has one.
type Setting struct {
	Pos   Pos
	Name  string
	Value string
	From  string // the sysctl as it is written
}

// Int gives the value as a number.
func (s Setting) Int() (int64, bool) {
	n, err := strconv.ParseInt(s.Value, 0, 64)
	return n, err == nil
}

// mapping says which setting a sysctl stands for.
type mapping struct {
	name string
	unit time.Duration // of a time; the setting is in seconds. 0: not a time
}

// sysctlNames are the sysctls that have a meaning for a TCP outside of a
// kernel. Those of net.ipv4 keep their names.
var sysctlNames = map[string]mapping{
	"net.ipv4.tcp_abort_on_overflow":     {name: "tcp_abort_on_overflow"},
	"net.ipv4.tcp_base_mss":              {name: "tcp_base_mss"},
	"net.ipv4.tcp_congestion_control":    {name: "tcp_congestion_control"},
	"net.ipv4.tcp_dsack":                 {name: "tcp_dsack"},
	"net.ipv4.tcp_early_retrans":         {name: "tcp_early_retrans"},
	"net.ipv4.tcp_ecn":                   {name: "tcp_ecn"},
	"net.ipv4.tcp_ecn_fallback":          {name: "tcp_ecn_fallback"},
	"net.ipv4.tcp_fin_timeout":           {name: "tcp_fin_timeout"},
	"net.ipv4.tcp_frto":                  {name: "tcp_frto"},
	"net.ipv4.tcp_invalid_ratelimit":     {name: "tcp_invalid_ratelimit"},
	"net.ipv4.tcp_keepalive_intvl":       {name: "tcp_keepalive_intvl"},
	"net.ipv4.tcp_keepalive_probes":      {name: "tcp_keepalive_probes"},
	"net.ipv4.tcp_keepalive_time":        {name: "tcp_keepalive_time"},
	"net.ipv4.tcp_mtu_probing":           {name: "tcp_mtu_probing"},
	"net.ipv4.tcp_orphan_retries":        {name: "tcp_orphan_retries"},
	"net.ipv4.tcp_recovery":              {name: "tcp_recovery"},
	"net.ipv4.tcp_reordering":            {name: "tcp_reordering"},
	"net.ipv4.tcp_retries1":              {name: "tcp_retries1"},
	"net.ipv4.tcp_retries2":              {name: "tcp_retries2"},
	"net.ipv4.tcp_rfc1337":               {name: "tcp_rfc1337"},
	"net.ipv4.tcp_rmem":                  {name: "tcp_rmem"},
	"net.ipv4.tcp_rto_max_ms":            {name: "rto_max", unit: time.Millisecond},
	"net.ipv4.tcp_rto_min_us":            {name: "rto_min", unit: time.Microsecond},
	"net.ipv4.tcp_sack":                  {name: "tcp_sack"},
	"net.ipv4.tcp_shrink_window":         {name: "tcp_shrink_window"},
	"net.ipv4.tcp_slow_start_after_idle": {name: "tcp_slow_start_after_idle"},
	"net.ipv4.tcp_syn_retries":           {name: "tcp_syn_retries"},
	"net.ipv4.tcp_synack_retries":        {name: "tcp_synack_retries"},
	"net.ipv4.tcp_timestamps":            {name: "tcp_timestamps"},
	"net.ipv4.tcp_window_scaling":        {name: "tcp_window_scaling"},
	"net.ipv4.tcp_wmem":                  {name: "tcp_wmem"},
	"net.ipv4.ip_no_pmtu_disc":           {name: "ip_no_pmtu_disc"},
	"net.ipv4.ip_default_ttl":            {name: "ip_default_ttl"},
	"net.inet.tcp.abc_l_var":             {name: "abc_l_var"},
	"net.inet.tcp.always_keepalive":      {name: "keepalive"},
	"net.inet.tcp.cc.algorithm":          {name: "tcp_congestion_control"},
	"net.inet.tcp.delayed_ack":           {name: "delayed_ack"},
	"net.inet.tcp.delacktime":            {name: "delayed_ack_time", unit: time.Millisecond},
	"net.inet.tcp.drop_synfin":           {name: "drop_synfin"},
	"net.inet.tcp.ecn.enable":            {name: "tcp_ecn"},
	"net.inet.tcp.ecn.maxretries":        {name: "ecn_syn_retries"},
	"net.inet.tcp.finwait2_timeout":      {name: "tcp_fin_timeout", unit: time.Millisecond},
	"net.inet.tcp.icmp_may_rst":          {name: "icmp_may_rst"},
	"net.inet.tcp.initcwnd_segments":     {name: "initcwnd"},
	"net.inet.tcp.insecure_ack":          {name: "insecure_ack"},
	"net.inet.tcp.insecure_rst":          {name: "insecure_rst"},
	"net.inet.tcp.insecure_syn":          {name: "insecure_syn"},
	"net.inet.tcp.keepcnt":               {name: "tcp_keepalive_probes"},
	"net.inet.tcp.keepidle":              {name: "tcp_keepalive_time", unit: time.Millisecond},
	"net.inet.tcp.keepinit":              {name: "connect_timeout", unit: time.Millisecond},
	"net.inet.tcp.keepintvl":             {name: "tcp_keepalive_intvl", unit: time.Millisecond},
	"net.inet.tcp.minmss":                {name: "min_mss"},
	"net.inet.tcp.msl":                   {name: "msl", unit: time.Millisecond},
	"net.inet.tcp.mssdflt":               {name: "default_mss"},
	"net.inet.tcp.path_mtu_discovery":    {name: "pmtu_discovery"},
	"net.inet.tcp.persmax":               {name: "persist_max", unit: time.Millisecond},
	"net.inet.tcp.persmin":               {name: "persist_min", unit: time.Millisecond},
	"net.inet.tcp.recvbuf_auto":          {name: "recv_buffer_auto"},
	"net.inet.tcp.recvspace":             {name: "recv_buffer"},
	"net.inet.tcp.rexmit_drop_options":   {name: "syn_drop_options"},
	"net.inet.tcp.rexmit_initial":        {name: "rto_initial", unit: time.Millisecond},
	"net.inet.tcp.rexmit_min":            {name: "rto_min", unit: time.Millisecond},
	"net.inet.tcp.rexmit_slop":           {name: "rto_slop", unit: time.Millisecond},
	"net.inet.tcp.rfc3042":               {name: "limited_transmit"},
	"net.inet.tcp.sack.enable":           {name: "tcp_sack"},
	"net.inet.tcp.sendbuf_auto":          {name: "send_buffer_auto"},
	"net.inet.tcp.sendspace":             {name: "send_buffer"},
	"net.inet.tcp.tolerate_missing_ts":   {name: "tolerate_missing_ts"},
	"net.inet.ip.ttl":                    {name: "ip_default_ttl"},
	"ip.mtu":                             {name: "mtu"},
	"ip.initcwnd":                        {name: "initcwnd"},
	"ip.initrwnd":                        {name: "initrwnd"},
}

// noEffect has sysctls whose effect every run has anyway, with the reason.
var noEffect = map[string]string{
	"net.inet.tcp.hostcache.purgenow": "every run begins with empty caches",
	"net.inet.tcp.hostcache.purge":    "every run begins with empty caches",
	"net.ipv4.route.flush":            "every run begins with empty caches",
	"net.ipv4.tcp_no_metrics_save":    "every run begins with empty caches",
}

// mapSysctl gives the settings that a sysctl stands for, or why there are
// none.
func mapSysctl(key, value string) (settings []Setting, why string) {
	from := key + "=" + value
	if why, ok := noEffect[key]; ok {
		return nil, why
	}
	if key == "net.inet.tcp.rfc1323" {
		return rfc1323(value, from)
	}
	m, ok := sysctlNames[key]
	switch {
	case !ok:
		return nil, "the sysctl has no meaning here"
	case strings.ContainsAny(value, "$`"):
		return nil, "what the shell would compute is not known"
	case value == "":
		return nil, "the sysctl has no value"
	}
	if m.unit != 0 {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 || n > int64(1<<32) {
			return nil, "the value is not a number"
		}
		value = seconds(time.Duration(n) * m.unit)
	}
	return []Setting{{Name: m.name, Value: value, From: from}}, ""
}

// rfc1323 reads the FreeBSD sysctl that governs window scaling and
// timestamps together: 0 neither, 1 both, 2 scaling only, 3 timestamps only.
func rfc1323(value, from string) ([]Setting, string) {
	if len(value) != 1 || value[0] < '0' || value[0] > '3' {
		return nil, "the value is not one of 0, 1, 2 and 3"
	}
	bit := func(on bool) string {
		if on {
			return "1"
		}
		return "0"
	}
	return []Setting{
		{Name: "tcp_window_scaling", Value: bit(value == "1" || value == "2"), From: from},
		{Name: "tcp_timestamps", Value: bit(value == "1" || value == "3"), From: from},
	}, ""
}
