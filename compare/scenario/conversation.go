package scenario

import (
	"strconv"
	"strings"
	"time"
)

func (c *compiler) sendText(v string) (bool, string) {
	text, _ := unquote(v)
	if text == "" {
		return false, "the text that the application sends"
	}
	c.script.Conversation = true
	c.app.Send = []byte(text)
	return true, ""
}

// maxSend bounds what one conversation sends.
const maxSend = 1 << 26

func (c *compiler) sendBytes(v string) (bool, string) {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxSend {
		return false, "a number of bytes from 1 to 2^26"
	}
	c.script.Conversation = true
	c.app.Send = pattern(n)
	return true, ""
}

// pattern gives n bytes that repeat after a prime number of them, so that a
// segment out of its place shows.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

func (c *compiler) closeFirst(v string) (bool, string) {
	if v != string(PeerFirst) && v != string(ClientFirst) {
		return false, "first or last"
	}
	c.script.Conversation = true
	c.app.Close = Closer(v)
	return true, ""
}

func (c *compiler) timeoutOption(v string) (bool, string) {
	d, ok := time.Duration(0), prefix(v, func(b byte) bool { return isDigit(b) || b == '.' }) == len(v)
	if ok && strings.Count(v, ".") < 2 {
		d, ok = parseSeconds(v)
	}
	if !ok || d == 0 {
		return false, "a number of seconds above 0"
	}
	c.app.Timeout = d
	return true, ""
}

// application says what the application of a conversation does.
func (c *compiler) application() {
	c.script.Application = Application{
		Send: c.app.Send, Check: true, Close: c.app.Close, Timeout: c.app.Timeout,
	}
	a := &c.script.Application
	if a.Send == nil {
		a.Send = []byte("hello")
	}
	if a.Close == "" {
		a.Close = PeerFirst
	}
	a.Expect = len(a.Send)
}
