package scenario

import (
	"errors"
	"strings"
	"testing"
)

var parseErrors = []struct{ in, want string }{
	{"+", `t:1:2: expected a time in seconds after +, found end of file`},
	{"+0", `t:1:3: expected a packet (< or >), a system call, a command or code, found end of file`},
	{"-1 `x`", `t:1:1: expected a time in seconds, found "-1"`},
	{"+inf `x`", `t:1:2: expected a time in seconds after +, found "inf"`},
	{"3000000000 `x`", `t:1:1: expected a time in seconds below 2^31, found 3000000000`},
	{"* < . 1:1(0)", `t:1:3: expected an expected packet (>) after a time that is not one point, found "<"`},
	{"+1~+2 f() = 0", `t:1:7: expected an expected packet (>) after a time that is not one point, found "f"`},
	{"2~1 > . 1:1(0)", `t:1:3: expected an end of the range that is not before its beginning, found "1"`},
	{"bogus", `t:1:1: expected a time, an option, a command or an impairment, found "bogus"`},
	{"%{ x }%", `t:1:1: expected a time, an option, a command or an impairment, found code %{ x }%`},
	{"+0 `x`\n--late=1", `t:2:1: expected an event (options go before the first event), found option --late`},

	{"+0 > 1:1(0)", `t:1:6: expected TCP flags: letters of FSRP.UEWA, or -, found "1"`},
	{"+0 > SS 0:0(0)", `t:1:6: expected TCP flags: letters of FSRP.UEWA, or -, found "SS"`},
	{"+0 > S", `t:1:7: expected a sequence range as in 1:1001(1000), found end of file`},
	{"+0 > S 0:5(3)", `t:1:8: expected a sequence range of 3 bytes, 0:3(3), found 0:5(3)`},
	{"+0 > S 0-5", `t:1:9: expected ":", found "-5"`},
	{"+0 > S 4294967296:0(0)", `t:1:8: expected a sequence range as in 1:1001(1000) of at most 4294967295, found 4294967296`},
	{"+0 > S 0:0(0) win 65536", `t:1:19: expected a window of at most 65535, found 65536`},
	{"+0 > S 0:0(0) win 99999999999999999999", `t:1:19: expected a window below 2^64, found 99999999999999999999`},
	{"+0 < S 0:0(0) win *", `t:1:19: expected a window (a wildcard is for expected packets), found "*"`},
	{"+0 > . 1:1(0) ack auto", `t:1:19: expected an acknowledgement number (auto is for injected packets), found "auto"`},
	{"+0 < S 0:0(0) win 1 <...>", `t:1:22: expected the options of the injected packet (<...> is for expected packets), found "..."`},
	{"+0 > S 0:0(0) <mss>", `t:1:19: expected an MSS, found ">"`},
	{"+0 > S 0:0(0) <wscale 256>", `t:1:23: expected a window scale of at most 255, found 256`},
	{"+0 > S 0:0(0) <nop nop>", `t:1:20: expected "," or ">" behind the option, found "nop"`},
	{"+0 > S 0:0(0) <>", `t:1:16: expected a TCP option, found ">"`},
	{"+0 > S 0:0(0) <TS 5>", `t:1:19: expected val and a timestamp, found "5"`},
	{"+0 > S 0:0(0) <FO 123>", `t:1:19: expected an even number of hexadecimal digits, or a symbol, found "123"`},
	{"+0 > S 0:0(0) <mystery [\n", `t:2:1: expected "," or ">" behind the option mystery, found end of file`},
	{"+0 < [ect01] . 1:1(0)", `t:1:7: expected ect0 or ect1 in an injected packet, found "ect01"`},
	{"+0 > [tos 256] . 1:1(0)", `t:1:11: expected an octet of at most 255, found 256`},
	{"+0 > [colour] . 1:1(0)", `t:1:7: expected ect0, ect1, ect01, ce, noecn, tos, dscp, ttl, hlim, id, flowlabel, df or nodf, found "colour"`},
	{"+0 > . 1:1(0) with bad checksum", `t:1:15: expected the end of the line (a fault is for injected packets), found "with"`},
	{"+0 < . 1:1(0) win 1 with bad luck", `t:1:26: expected bad checksum, bad ip checksum, data offset, ip length, ip header length, ip version, ip fragment, ip protocol, reserved bits, truncated to or padding, found "bad luck"`},
	{"+0 < udp (1) with data offset 4", `t:1:19: expected a TCP segment for data offset, found another packet`},
	{"+0 < . 1:1(0) win 1 with data offset 16", `t:1:38: expected the number of data offset of at most 15, found 16`},
	{"+0 < [1:1(0)] . 1:1(0)", `t:1:15: expected icmp behind the quoted packet, found "."`},
	{"+0 < icmp", `t:1:10: expected an ICMP type, found end of file`},
	{"+0 < raw \"450\"", `t:1:10: expected an even number of hexadecimal digits, for 1 to 65535 octets, found string "450"`},
	{"+0 < ipv4 1.2.3 > 4.5.6.7: . 1:1(0)", `t:1:11: expected an IPv4 address, found "1.2.3"`},
	{"+0 < ipv4 1.2.3.4 > fe80::1: . 1:1(0)", `t:1:21: expected an IPv4 address, found "fe80::1"`},
	{"+0 < gre 5\n+0 `x`", `t:2:1: expected ":" behind the gre header, found "+"`},

	{"+0 close(3)", `t:1:12: expected "=", found end of file`},
	{"+0 close = 3", `t:1:10: expected "(" after the system call close, found "="`},
	{"+0 close(3 4) = 0", `t:1:12: expected "," or ")", found "4"`},
	{"+0 close(,) = 0", `t:1:10: expected a value, found ","`},
	{"+0 close(3) = -1 E (no", `t:1:20: expected a note with a closing ")" on the same line, found "("`},
	{"+1...0.5 f() = 0", `t:1:6: expected a return that is not before the call, found "0.5"`},
	{"+0 f(18446744073709551616) = 0", `t:1:6: expected a number from -2^63 to 2^64-1, found 18446744073709551616`},
	{"+0 f(-9223372036854775809) = 0", `t:1:6: expected a number from -2^63 to 2^64-1, found -9223372036854775809`},
	{"+0 f(\"x) = 0\n", `t:1:6: expected a closing " on the same line, found end of line`},
	{"+0 f(\"x\\", `t:1:6: expected a closing ", found end of file`},
	{"+0 `x", "t:1:4: expected a closing ` for the command that begins here, found end of file"},
	{"+0 %{ x }", `t:1:4: expected a closing }% for the code that begins here, found end of file`},
	{"/* x", `t:1:1: expected a closing */ for the comment that begins here, found end of file`},
	{"// \x00", `t:1:1: expected text in the comment that begins here, found byte 0x00`},
	{"+0 f(\x00) = 0", `t:1:6: expected a printable character, found byte 0x00`},
	{"+0 f(é) = 0", `t:1:6: expected a printable character, found byte 0xc3`},
	{"--x=\"a", `t:1:5: expected a closing ", found end of file`},

	{"drop", `t:1:5: expected 2nd, 2nd-4th, 2nd-, every 3rd, all or 5%, found end of line`},
	{"drop 2th data", `t:1:6: expected 2nd, 2nd-4th, 2nd-, every 3rd, all or 5%, found "2th"`},
	{"drop 2nd letters", `t:1:10: expected data, syn, syn-ack, ack, fin, rst or any, found "letters"`},
	{"drop 2nd data by 4", `t:1:15: expected the end of the line, by, byte or seed, found "by"`},
	{"delay 2nd data", `t:1:1: expected by and a time in the delay, as in delay 2nd data by 300ms, found "delay" without it`},
	{"delay 2nd data by 5m", `t:1:19: expected a time as in 0.3, 1.5s, 300ms or 20us, found "5m"`},
	{"loss 101%", `t:1:6: expected a share above 0% and at most 100%, found "101"`},
	{"loss 2nd data", `t:1:6: expected a share as in loss 5%, found "2nd"`},
	{"loss 5", `t:1:7: expected "%", found end of file`},
}

func TestErrors(t *testing.T) {
	for _, tt := range parseErrors {
		_, err := Parse("t", []byte(tt.in))
		switch {
		case err == nil:
			t.Errorf("%q parsed, want %s", tt.in, tt.want)
		case err.Error() != tt.want:
			t.Errorf("%q\ngot  %s\nwant %s", tt.in, err, tt.want)
		case !errors.Is(err, ErrSyntax):
			t.Errorf("%q: not an ErrSyntax", tt.in)
		}
	}
}

// After an error the next line that looks like a statement is read again, and
// what belongs to the broken one is not.
func TestSeveralErrors(t *testing.T) {
	_, err := Parse("t", []byte(strings.Join([]string{
		"--mtu=1500",
		"+0 > S 0:0(0) win x",
		"+0 > S 0:0(0)",
		"+0 recvmsg(4, {msg_name(...)=;",
		"    msg_iov(1)=[{...,0}],",
		"    2000)",
		"drop 2nd nothing",
		"+0 > . 1:1(0",
		"+0 < . 1:1(0) ack x",
		"+0 `fine`",
	}, "\n")))
	want := strings.Join([]string{
		`t:2:19: expected a window, found "x"`,
		`t:4:30: expected a value, found ";"`,
		`t:6:9: expected a packet (< or >), a system call, a command or code, found ")"`,
		`t:7:10: expected data, syn, syn-ack, ack, fin, rst or any, found "nothing"`,
		`t:9:1: expected ")", found "+"`,
		`t:9:19: expected an acknowledgement number, found "x"`,
	}, "\n")
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = Parse("t", []byte(strings.Repeat("+0 x\n", 100)))
	var errs Errors
	if !errors.As(err, &errs) || len(errs) != maxErrors || !strings.HasSuffix(err.Error(), "not shown)") {
		t.Errorf("want %d errors and a word on the others, got %v", maxErrors, err)
	}
}

// Brackets may nest as deep as is said, and no deeper.
func TestNesting(t *testing.T) {
	deep := func(n int) string {
		return "+0 f(" + strings.Repeat("[", n) + strings.Repeat("]", n) + ") = 0"
	}
	if _, err := Parse("t", []byte(deep(maxNesting-1))); err != nil {
		t.Error(err)
	}
	_, err := Parse("t", []byte(deep(maxNesting)))
	if want := `t:1:70: expected at most 64 brackets inside each other, found "]"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Every beginning of a script gives an error or parses; none panics.
func TestTruncation(t *testing.T) {
	var all strings.Builder
	for _, tt := range grammar {
		if !strings.HasPrefix(tt.in, "--") {
			all.WriteString(tt.in + "\n")
		}
	}
	for i := range all.Len() {
		f, err := Parse("t", []byte(all.String()[i:min(i+200, all.Len())]))
		if err == nil && f == nil {
			t.Fatal("neither a file nor an error")
		}
	}
	for _, tt := range grammar {
		for i := range tt.in {
			if f, err := Parse("t", []byte(tt.in[:i])); err == nil {
				checkRoundTrip(t, f)
			}
		}
	}
}
