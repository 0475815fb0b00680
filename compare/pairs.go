package compare

import (
	"runtime"
	"slices"
	"sync"

	"tcping-cmp/compare/capture"
	"tcping-cmp/tap"
)

// told is one field in which the two frames of a row differ.
type told struct {
	row   int32
	field *field
	opinion
}

// rowsAtOnce is how many rows one goroutine looks at at a time.
const rowsAtOnce = 1 << 13

// lookAtPairs compares the frames of all pairs, on all processors. What is
// made of it depends on the order of the rows, and is left to run.
func (d *differ) lookAtPairs() {
	d.told = make([][]told, len(d.a.rows)/rowsAtOnce+1)
	if len(d.told) == 1 {
		d.told[0] = d.lookAtRows(d.newPair(), 0)
		return
	}
	pieces := make(chan int, len(d.told))
	for n := range d.told {
		pieces <- n
	}
	close(pieces)
	var work sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() {
			p := d.newPair()
			for n := range pieces {
				d.told[n] = d.lookAtRows(p, n)
			}
		})
	}
	work.Wait()
}

func (d *differ) newPair() *pair {
	return &pair{ref: d.a.ref, test: d.a.test, known: map[uint64]layoutVerdict{}}
}

// lookAtRows compares the pairs in piece n of the rows.
func (d *differ) lookAtRows(p *pair, n int) []told {
	list := p.told[:0]
	first := n * rowsAtOnce
	for k, row := range d.a.rows[first:min(first+rowsAtOnce, len(d.a.rows))] {
		i, j := row.Ref, row.Test
		if row.Moved && i != None {
			j = d.a.refTo[i]
		}
		if i != None && j != None {
			list = d.lookAtPair(list, p, int32(first+k), i, j)
		}
	}
	p.told = list
	return slices.Clone(list)
}

// lookAtPair compares two frames field by field.
func (d *differ) lookAtPair(list []told, p *pair, row, i, j int32) []told {
	p.x, p.y, p.role = d.a.ref.c.Events[i], d.a.test.c.Events[j], d.a.ref.roles[i]
	k := kindOf(p.x.Kind) & kindOf(p.y.Kind)
	if p.role == roleDamaged || d.a.test.roles[j] == roleDamaged {
		return list // the numbers mean nothing
	}
	if k == forTCP && p.alike() {
		return list
	}
	for n := range fields {
		f := &fields[n]
		if f.kinds&k == 0 || !f.differs(p) {
			continue
		}
		o := f.judge(p)
		if p.x.Dir == tap.In && o.verdict != Artefact {
			o = opinion{Permitted, "", peerChoice}
		}
		if !d.explained(f.name, o, i, j) {
			list = append(list, told{row, f, o})
		}
	}
	return list
}

// alike reports whether two segments are certain to differ in no field, as
// most pairs do.
func (p *pair) alike() bool {
	x, y := p.x, p.y
	return x.Flags == y.Flags && x.Flags.Has(capture.ACK) && x.Marks == y.Marks && x.TTL == y.TTL && x.TOS == y.TOS &&
		x.RelSeq == y.RelSeq && x.RelAck == y.RelAck && x.Urgent == y.Urgent &&
		x.Window == y.Window && p.ref.shift[x.Dir] == p.test.shift[y.Dir] &&
		x.PayloadLen == y.PayloadLen && x.PayloadHash == y.PayloadHash &&
		x.MSS == y.MSS && x.WindowScale == y.WindowScale && (x.TSEcr == 0) == (y.TSEcr == 0) &&
		x.SACKCount == 0 && y.SACKCount == 0 && p.layouts() == layoutsCompared
}
