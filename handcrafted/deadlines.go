package handcrafted

import "time"

// deadlines are the flows that want a Tick, the earliest first: a binary heap
// in which each flow knows its place.
type deadlines struct{ heap []*Flow }

// first returns the earliest deadline; zero if there is none.
func (d *deadlines) first() time.Time {
	if len(d.heap) == 0 {
		return time.Time{}
	}
	return d.heap[0].next
}

// set gives a flow its deadline; the zero time takes it out.
func (d *deadlines) set(f *Flow, at time.Time) {
	f.next = at
	switch {
	case at.IsZero():
		if f.place >= 0 {
			d.remove(f)
		}
	case f.place < 0:
		f.place = len(d.heap)
		d.heap = append(d.heap, f)
		d.up(f.place)
	default:
		d.up(f.place)
		d.down(f.place)
	}
}

func (d *deadlines) remove(f *Flow) {
	i, last := f.place, len(d.heap)-1
	d.swap(i, last)
	d.heap[last] = nil
	d.heap = d.heap[:last]
	f.place = -1
	if i < last {
		d.up(i)
		d.down(i)
	}
}

func (d *deadlines) up(i int) {
	for i > 0 && d.less(i, (i-1)/2) {
		d.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (d *deadlines) down(i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(d.heap); child++ {
			if d.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		d.swap(i, least)
		i = least
	}
}

func (d *deadlines) less(i, j int) bool { return d.heap[i].next.Before(d.heap[j].next) }

func (d *deadlines) swap(i, j int) {
	d.heap[i], d.heap[j] = d.heap[j], d.heap[i]
	d.heap[i].place, d.heap[j].place = i, j
}
