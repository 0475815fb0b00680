package fault

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// Frames as tcpdump saw them: a SYN over IPv4 with all options, and an ACK
// over IPv6 in a VLAN.
var golden = map[string]string{
	"SYN": "020000000001 020000000002 0800" +
		"4500003c 1c464000 40069a6f c0000202 c0000201" + // checksum filled in by the test
		"9c40f907 11223344 00000000 a002fffe 00000000" +
		"020405b4 0402080a 00000001 00000000 01030307",
	"ACK in a VLAN over IPv6": "020000000001 020000000002 8100 0064 86dd" +
		"60000000 0019 06 40 20010db8000000000000000000000002 20010db8000000000000000000000001" +
		"9c40f907 00000001 00000002 50180400 00000000 68656c6c6f",
}

// goldenFrame returns a frame with right checksums.
func goldenFrame(t testing.TB, name string) []byte {
	frame, err := hex.DecodeString(strings.ReplaceAll(golden[name], " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := parse(frame)
	if !ok {
		t.Fatalf("%s is not read", name)
	}
	return p.encode()
}

func TestReadAndWriteGivesTheSameBytes(t *testing.T) {
	for name := range golden {
		frame := goldenFrame(t, name)
		p, ok := parse(frame)
		if !ok || !p.sumOK {
			t.Fatalf("%s: read %v, checksum right %v", name, ok, p.sumOK)
		}
		if again := p.encode(); !bytes.Equal(again, frame) {
			t.Errorf("%s:\n%x became\n%x", name, frame, again)
		}
	}
}

// The checksums were computed by hand from RFC 791 §3.1 and RFC 9293 §3.1.
func TestChecksums(t *testing.T) {
	frame := goldenFrame(t, "SYN")
	if got := hex.EncodeToString(frame[24:26]); got != "9a72" {
		t.Errorf("IPv4 header checksum %s, want 9a72", got)
	}
	// Summed with the true pseudo-header, a checksum that forgot the length of
	// 40 octets is off by just these.
	for mode, want := range map[sumMode]uint16{sumRight: 0xffff, sumWithoutLength: 40} {
		p, _ := parse(frame)
		p.sum = mode
		b := p.encode()[34:]
		if got := fold(add(p.pseudo(len(b)), b)); got != want {
			t.Errorf("mode %d: sum %#x, want %#x", mode, got, want)
		}
	}
}

// Every mode but the right one is wrong, and says nothing about the IP header.
func TestWrongChecksumsAreWrong(t *testing.T) {
	for name := range golden {
		for _, mode := range []sumMode{sumWrong, sumWithoutLength, sumPseudoOnly, sumCarryLost} {
			p, _ := parse(goldenFrame(t, name))
			p.sum = mode
			if again, ok := parse(p.encode()); !ok || again.sumOK {
				t.Errorf("%s, mode %d: the checksum is right", name, mode)
			}
		}
	}
}

// The place of the last octet matters where it stands alone, and only there.
func TestOddOctetMisplaced(t *testing.T) {
	for name, right := range map[string]bool{"SYN": true, "ACK in a VLAN over IPv6": false} {
		p, _ := parse(goldenFrame(t, name))
		p.sum = sumOddFirst
		if again, ok := parse(p.encode()); !ok || again.sumOK != right {
			t.Errorf("%s: the checksum is right: %v, want %v", name, !right, right)
		}
	}
}

func TestCutShortIsNotRead(t *testing.T) {
	for name := range golden {
		frame := goldenFrame(t, name)
		for n := range frame {
			if _, ok := parse(frame[:n]); ok {
				t.Errorf("%s: %d of %d bytes are read as a whole segment", name, n, len(frame))
			}
		}
	}
}

func TestOptions(t *testing.T) {
	p, _ := parse(goldenFrame(t, "SYN"))
	if mss, ok := p.mss(); !ok || mss != 1460 {
		t.Errorf("MSS %d, %v", mss, ok)
	}
	if shift, ok := p.scale(); !ok || shift != 7 {
		t.Errorf("shift %d, %v", shift, ok)
	}
	p.setTSVal(0xdeadbeef)
	if val, ecr, ok := p.timestamps(); !ok || val != 0xdeadbeef || ecr != 0 {
		t.Errorf("timestamps %#x %#x, %v", val, ecr, ok)
	}
	p.blank(optMSS)
	if p.has(optMSS) || !p.has(optTimestamps) {
		t.Error("only the MSS was to vanish")
	}
	if !p.room(20) || p.room(21) {
		t.Error("20 octets of options leave room for 20 more")
	}
	p.put(optScale, 3, 9)
	if len(p.options)%4 != 0 || !bytes.HasSuffix(p.options, []byte{optNOP, optScale, 3, 9}) {
		t.Errorf("options %x", p.options)
	}
}

func TestBlocksAreAddedBehindTheOthers(t *testing.T) {
	p, _ := parse(goldenFrame(t, "ACK in a VLAN over IPv6"))
	p.put(sack(10, 20)...)
	p.put(stamp(1, 2)...)
	p.addBlock(30, 40)
	if b := p.blocks(); !bytes.Equal(b, append(sack(10, 20)[2:], sack(30, 40)[2:]...)) {
		t.Errorf("blocks %x", b)
	}
	if val, ecr, ok := p.timestamps(); !ok || val != 1 || ecr != 2 || len(p.options)%4 != 0 {
		t.Errorf("timestamps %d %d, %v in %x", val, ecr, ok, p.options)
	}
}

func FuzzApply(f *testing.F) {
	for name := range golden {
		f.Add(goldenFrame(f, name), goldenFrame(f, name))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, one := range All() {
			i := New(one)
			for n, frame := range [][]byte{a, b, a, b} {
				before := bytes.Clone(frame)
				for _, r := range i.Apply(start, one.dir^(1&directionOf(n)), frame) {
					if r.After < 0 {
						t.Fatalf("%s: a frame that is due before it was sent", one.Name)
					}
				}
				if !bytes.Equal(frame, before) {
					t.Fatalf("%s changed the caller's frame", one.Name)
				}
			}
		}
	})
}
