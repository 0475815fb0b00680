package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tcping-cmp/compare/capture"
	. "tcping-cmp/compare/capture/capturetest"
	"tcping-cmp/tap"
)

func TestRelativeNumbersAcrossTheWrap(t *testing.T) {
	c := recorded(t, New().Echo("hello, this is long enough to wrap"))
	if !c.FromStart() || c.ISS != 1_000_000 || c.IRS != 0xffff_fff0 || !c.Exact {
		t.Fatalf("%+v", c)
	}
	var got []string
	for _, e := range c.Events {
		got = append(got, e.Dir.String()+" "+e.Flags.String())
	}
	last := c.Events[10]
	if last.RelSeq != 36 || last.RelAck != 36 || last.Seq > 100 {
		t.Errorf("last frame: %d %d (%d)", last.RelSeq, last.RelAck, last.Seq)
	}
	want := "out SYN; in SYN,ACK; out ACK; out PSH,ACK; in ACK; in PSH,ACK; out ACK; in FIN,ACK; out ACK; out FIN,ACK; in ACK"
	if strings.Join(got, "; ") != want {
		t.Error(got)
	}
}

func TestNumbersPastFourGigabytes(t *testing.T) {
	talk := New().Open(MSS(1460), MSS(1460))
	var seq int64 = 1
	for range 10 {
		talk.Out(Seg{Flags: ACK, Seq: seq, Ack: 1, Payload: "x"})
		seq += 1 << 30
	}
	c := recorded(t, talk)
	if got := c.Events[11].RelSeq; got != 1+9<<30 {
		t.Errorf("%d, want %d", got, int64(1+9<<30))
	}
}

func TestCaptureThatBeginsInTheMiddle(t *testing.T) {
	f := read(t, pcapFile(binary.LittleEndian, false, 1, echo()[3:]))
	c := f.Conversation(0)
	if c.FromStart() || !c.RolesGuessed || c.Client.Port() != 40000 {
		t.Fatalf("%+v", c)
	}
	if e := c.Events[0]; e.RelSeq != 0 || e.RelAck != 0 || e.Dir != tap.Out {
		t.Errorf("first: %d %d", e.RelSeq, e.RelAck)
	}
	if e := c.Events[2]; e.RelSeq != 0 || e.RelAck != 5 {
		t.Errorf("third: %d %d", e.RelSeq, e.RelAck)
	}
	f = read(t, pcapFile(binary.LittleEndian, false, 1, echo()[1:]))
	if c := f.Conversation(0); c.RolesGuessed || !c.HasSYNACK || c.Client.Port() != 40000 || c.Events[2].RelSeq != 1 {
		t.Errorf("with the SYN-ACK: %+v", c)
	}
}

func TestReusedPortsMakeTwoConversations(t *testing.T) {
	first, second := New().Echo("hello"), New()
	second.Now, second.ISS = first.Now.Add(time.Second), 77_000_000
	frames := append(first.Frames, second.Echo("again").Frames...)
	f := read(t, pcapFile(binary.LittleEndian, false, 1, frames))
	if len(f.Flows) != 2 || f.Flows[0].Frames != 11 || f.Flows[1].Frames != 11 || f.Conversation(1).ISS != 77_000_000 {
		t.Fatalf("%v", f.Flows)
	}
	same := New()
	same.Out(Seg{Flags: SYN}).Out(Seg{Flags: SYN}).Out(Seg{Flags: SYN})
	if f := read(t, pcapFile(binary.LittleEndian, false, 1, same.Frames)); len(f.Flows) != 1 {
		t.Errorf("a SYN that is sent again is a conversation of its own: %v", f.Flows)
	}
}

// arp is a request or reply for IPv4 over Ethernet.
func arp(op byte, sender, target string) []byte {
	b := []byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, op, 2, 0, 0, 0, 0, 1}
	b = append(b, netip.MustParseAddr(sender).AsSlice()...)
	b = append(b, 0, 0, 0, 0, 0, 0)
	return append(b, netip.MustParseAddr(target).AsSlice()...)
}

func TestFramesBesideTheSegments(t *testing.T) {
	talk := New()
	talk.Raw(tap.Out, arp(1, "192.0.2.1", "192.0.2.2")).Raw(tap.In, arp(2, "192.0.2.2", "192.0.2.1")).Echo("hello")
	talk.Raw(tap.In, arp(1, "192.0.2.9", "192.0.2.8"))
	c := recorded(t, talk)
	if e := c.Events[0]; len(c.Events) != 14 || e.Kind != capture.ARP || e.Type != 1 || e.ARPTarget().String() != "192.0.2.2" {
		t.Fatalf("%d events, %+v", len(c.Events), e)
	}
	f := read(t, pcapFile(binary.LittleEndian, false, 1, talk.Frames))
	c = f.Conversation(0)
	if len(c.Events) != 13 || c.LeftOut != 1 || c.Events[0].Dir != tap.Out || c.Events[1].Dir != tap.In {
		t.Errorf("from a file: %d events, %d left out", len(c.Events), c.LeftOut)
	}
}

func TestICMPErrorBelongsToTheConversationItQuotes(t *testing.T) {
	talk := New().Out(Seg{Flags: SYN})
	quote := talk.Frames[0].Data[14:]
	message := append([]byte{3, 3, 0, 0, 0, 0, 0, 0}, quote[:28]...)
	sum := Checksum(message)
	message[2], message[3] = byte(sum>>8), byte(sum)
	packet := []byte{0x45, 0, 0, byte(20 + len(message)), 0, 0, 0, 0, 64, 1, 0, 0, 198, 51, 100, 1, 192, 0, 2, 1}
	sum = Checksum(packet)
	packet[10], packet[11] = byte(sum>>8), byte(sum)
	frame := append(append(append([]byte{}, make([]byte, 12)...), 8, 0), append(packet, message...)...)
	talk.Raw(tap.In, frame)
	for name, c := range map[string]*capture.Conversation{
		"recording": recorded(t, talk), "file": read(t, pcapFile(binary.LittleEndian, false, 1, talk.Frames)).Conversation(0),
	} {
		if len(c.Events) != 2 {
			t.Fatalf("%s: %d events", name, len(c.Events))
		}
		e := c.Events[1]
		if e.Kind != capture.ICMP4 || e.Type != 3 || e.Code != 3 || e.Dir != tap.In || e.Marks.Any(capture.ChecksumBad|capture.IPChecksumBad) {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestSelectors(t *testing.T) {
	other := New()
	other.Client = netip.MustParseAddrPort("192.0.2.3:50000")
	frames := append(New().Echo("hello").Frames, other.Echo("other").Frames...)
	f := read(t, pcapFile(binary.LittleEndian, false, 1, frames))
	for selector, want := range map[string]string{
		"1": "192.0.2.1:40000", "2": "192.0.2.3:50000", ":50000": "192.0.2.3:50000", "192.0.2.1:40000": "192.0.2.1:40000",
	} {
		c, err := f.Flow(selector)
		if err != nil || c.Client.String() != want {
			t.Errorf("%q: %v %v", selector, c, err)
		}
	}
	for selector, want := range map[string]error{
		"": capture.ErrAmbiguous, ":7": capture.ErrAmbiguous, "3": capture.ErrNoConversation, "eth0": capture.ErrNoConversation,
	} {
		if _, err := f.Flow(selector); !errors.Is(err, want) || !strings.Contains(err.Error(), "192.0.2.3:50000") {
			t.Errorf("%q: %v", selector, err)
		}
	}
	empty := read(t, pcapFile(binary.LittleEndian, false, 1, nil))
	if _, err := empty.Flow(""); !errors.Is(err, capture.ErrNoConversation) {
		t.Error(err)
	}
}

func TestRecordingWithoutTheConversation(t *testing.T) {
	for name, talk := range map[string]*Talk{
		"nothing": New(), "ARP only": New().Raw(tap.Out, arp(1, "192.0.2.1", "192.0.2.2")), "peer only": New().In(Seg{Flags: SYN}),
	} {
		if _, err := capture.FromRecording("x", talk.Recording(), netip.AddrPort{}); !errors.Is(err, capture.ErrNoConversation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	talk := New().Echo("hello")
	if _, err := capture.FromRecording("x", talk.Recording(), netip.MustParseAddrPort("192.0.2.2:8")); !errors.Is(err, capture.ErrNoConversation) {
		t.Error(err)
	}
	if c, err := capture.FromRecording("x", talk.Recording(), talk.Server); err != nil || c.Server != talk.Server {
		t.Error(err)
	}
}

// A recording with several connections gives each in which the stack says
// something, with the stack as the client, whoever began.
func TestEveryConnectionOfARecording(t *testing.T) {
	began := New().Echo("hello")
	answered := onPort(8080).In(Seg{Flags: SYN}).Out(Seg{Flags: SYN | ACK}).In(Seg{Flags: ACK})
	ignored := onPort(8081).In(Seg{Flags: SYN})
	rec := began.Recording()
	for _, talk := range []*Talk{answered, ignored} {
		rec.Frames = append(rec.Frames, talk.Recording().Frames...)
	}
	list := capture.EachFromRecording("x", rec)
	if len(list) != 2 {
		t.Fatalf("%d conversations", len(list))
	}
	for i, talk := range []*Talk{began, answered} {
		if c := list[i]; c.Client != talk.Client || c.Server != talk.Server || len(c.Events) != len(talk.Recording().Frames) {
			t.Errorf("%v to %v with %d events, want %v to %v with %d", c.Client, c.Server, len(c.Events), talk.Client, talk.Server, len(talk.Recording().Frames))
		}
	}
	if e := list[1].Events[0]; e.Dir != tap.In || !e.Flags.Has(SYN) {
		t.Errorf("the peer's SYN is %v", e.Dir)
	}
	if list := capture.EachFromRecording("x", ignored.Recording()); list != nil {
		t.Errorf("%d conversations of a stack that says nothing", len(list))
	}
}

func onPort(port uint16) *Talk {
	talk := New()
	talk.Client = netip.AddrPortFrom(talk.Client.Addr(), port)
	return talk
}

func TestClosedFileIsSaid(t *testing.T) {
	path := t.TempDir() + "/a.pcap"
	write(t, path, pcapFile(binary.LittleEndian, false, 1, echo()))
	f, err := capture.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := f.Conversation(0)
	raw, err := c.Raw(c.Events[3], nil)
	if err != nil || !bytes.Equal(raw, echo()[3].Data) {
		t.Fatalf("%x %v", raw, err)
	}
	f.Close()
	if _, err := c.Raw(c.Events[3], nil); err == nil {
		t.Error("bytes of a closed file")
	}
	if _, err := capture.ReadFile(path + ".absent"); err == nil {
		t.Error("an absent file was read")
	}
}
