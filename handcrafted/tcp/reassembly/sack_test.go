package reassembly

import (
	"testing"

	"tcping-cmp/handcrafted/wire"
)

// The worked examples of RFC 2018 §4: eight segments of 500 octets from 5000
// on, of which some are lost.

func TestRFC2018LastFourLost(t *testing.T) {
	q := New(5000, 65535)
	for i := range 4 {
		insert(q, wire.Seq(5000+500*i), 500)
	}
	wantSACK(t, q, 3) // a plain ACK of 7000
	if q.Next() != 7000 {
		t.Fatalf("ACK %d, want 7000", q.Next())
	}
}

func TestRFC2018FirstLost(t *testing.T) {
	holds(t, "2018:4:first-block")
	holds(t, "2018:4:all-acks")
	q := New(5000, 65535)
	for i := 1; i < 8; i++ {
		insert(q, wire.Seq(5000+500*i), 500)
		wantSACK(t, q, 3, block(5500, wire.Seq(6000+500*(i-1))))
	}
	// An ACK that no segment triggered carries the block too.
	wantSACK(t, q, 3, block(5500, 9000))
}

func TestRFC2018EverySecondLost(t *testing.T) {
	holds(t, "2018:4:first-block")
	holds(t, "2018:3:max3")
	q := New(5000, 65535)
	insert(q, 5000, 500)
	insert(q, 6000, 500)
	wantSACK(t, q, 4, block(6000, 6500))
	insert(q, 7000, 500)
	wantSACK(t, q, 4, block(7000, 7500), block(6000, 6500))
	insert(q, 8000, 500)
	wantSACK(t, q, 4, block(8000, 8500), block(7000, 7500), block(6000, 6500))
	// The fourth arrives: it joins two blocks, and the joined one is first.
	insert(q, 6500, 500)
	wantSACK(t, q, 4, block(6000, 7500), block(8000, 8500))
	// Then the second: the ACK advances over both.
	insert(q, 5500, 500)
	if q.Next() != 7500 {
		t.Fatalf("ACK %d, want 7500", q.Next())
	}
	wantSACK(t, q, 4, block(8000, 8500))
}

func TestBlocksByRoomAndRecency(t *testing.T) {
	holds(t, "2018:3:max3")
	q := New(0, 65535)
	for _, s := range []wire.Seq{500, 100, 900, 300, 700} {
		insert(q, s, 100)
	}
	wantSACK(t, q, 3, block(700, 800), block(300, 400), block(900, 1000))
	wantSACK(t, q, 4, block(700, 800), block(300, 400), block(900, 1000), block(100, 200))
	wantSACK(t, q, 9, block(700, 800), block(300, 400), block(900, 1000), block(100, 200))
	wantSACK(t, q, 0)
}

// The worked examples of RFC 2883 §4.

func TestRFC2883FullDuplicate(t *testing.T) {
	holds(t, "2883:4:dsack")
	// §4.1.1: 3000-3499 and 3500-3999 arrive, their ACKs are lost, 3000 again.
	q := New(3000, 65535)
	insert(q, 3000, 500)
	insert(q, 3500, 500)
	wantSACK(t, q, 3)
	if r := insert(q, 3000, 500); !r.Duplicate || r.Advanced != 0 {
		t.Fatalf("duplicate: %+v", r)
	}
	wantSACK(t, q, 3, block(3000, 3500))
	wantSACK(t, q, 3) // reported once
}

func TestRFC2883DuplicateWithHole(t *testing.T) {
	holds(t, "2883:4:dsack")
	// §4.1.2: 3000 arrives, 3500 is lost, 4000 and 4500 arrive, 3000 again.
	q := New(3000, 65535)
	insert(q, 3000, 500)
	insert(q, 4000, 500)
	wantSACK(t, q, 3, block(4000, 4500))
	insert(q, 4500, 500)
	wantSACK(t, q, 3, block(4000, 5000))
	insert(q, 3000, 500)
	wantSACK(t, q, 3, block(3000, 3500), block(4000, 5000))
}

func TestRFC2883DuplicateOfOutOfOrder(t *testing.T) {
	holds(t, "2883:4:dsack")
	// §4.1.3: 3500 is lost, 4000, 4500 and then 5000 arrive; 5000 comes twice.
	q := New(3500, 65535)
	insert(q, 4000, 500)
	insert(q, 4500, 500)
	insert(q, 5000, 500)
	wantSACK(t, q, 3, block(4000, 5500))
	insert(q, 5000, 500)
	wantSACK(t, q, 3, block(5000, 5500), block(4000, 5500))
}

func TestRFC2883PartialDuplicates(t *testing.T) {
	holds(t, "2883:4:dsack")
	// §4.2.1: one segment 500-1499 repeats two, of
	// which 500-999 had come.
	q := New(500, 65535)
	insert(q, 500, 500)
	insert(q, 1500, 500)
	wantSACK(t, q, 3, block(1500, 2000))
	if r := insert(q, 500, 1000); r.Advanced != 1000 {
		t.Fatalf("%+v", r)
	}
	wantSACK(t, q, 3, block(500, 1000))

	// §4.2.3: a segment 1000-2499 with two duplicate parts below and above
	// reports the first only, then the range it lies in.
	q = New(500, 65535)
	insert(q, 1500, 500)
	insert(q, 2000, 500)
	insert(q, 1000, 500)
	q.SACK(nil, 3)
	insert(q, 1000, 1500)
	wantSACK(t, q, 3, block(1000, 2500), block(1000, 2500))

	q = New(0, 65535)
	insert(q, 1000, 500)
	insert(q, 2000, 500)
	q.SACK(nil, 3)
	insert(q, 1000, 1500)
	wantSACK(t, q, 3, block(1000, 1500), block(1000, 2500))
}

// Room for one block only: the duplicate has it.
func TestDSACKComesFirst(t *testing.T) {
	q := New(0, 65535)
	insert(q, 1000, 500)
	insert(q, 1000, 500)
	wantSACK(t, q, 1, block(1000, 1500))
	wantSACK(t, q, 1, block(1000, 1500))
	insert(q, 2000, 500)
	wantSACK(t, q, 1, block(2000, 2500))
}
