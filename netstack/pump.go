package netstack

import (
	"context"
	"errors"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"tcping-cmp/tap"
)

// pump carries frames between a link and the channel endpoint of a stack, one
// goroutine a direction.
type pump struct {
	link    tap.Link
	channel *channel.Endpoint
	stopped context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func startPump(link tap.Link, ch *channel.Endpoint) *pump {
	p := &pump{link: link, channel: ch}
	p.stopped, p.cancel = context.WithCancel(context.Background())
	p.running.Go(p.inbound)
	p.running.Go(p.outbound)
	return p
}

// stop sends what the stack has queued so far and ends both goroutines.
func (p *pump) stop() {
	p.cancel()
	p.link.SetReadDeadline(time.Unix(0, 1)) // wake the reader
	p.running.Wait()
	p.link.SetReadDeadline(time.Time{})
}

// inbound hands every frame of the link to the stack.
func (p *pump) inbound() {
	buf := make([]byte, p.link.Info().MaxFrame)
	for p.stopped.Err() == nil {
		n, _, err := p.link.ReadFrame(buf)
		switch {
		case err == nil:
			pkt := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(buf[:n])})
			p.channel.InjectInbound(0, pkt) // the Ethernet header says which protocol
			pkt.DecRef()
		case errors.Is(err, tap.ErrFrameTooLong):
			// Lost, as on a real interface; the sender will notice.
		default:
			return // closed, or the deadline that stop has set
		}
	}
}

// outbound writes every packet of the stack to the link. A frame that the
// link refuses is lost like one that a cable lost: TCP will send it again.
func (p *pump) outbound() {
	var frame []byte
	for {
		pkt := p.channel.ReadContext(p.stopped)
		if pkt == nil {
			break
		}
		frame = p.write(pkt, frame)
	}
	for pkt := p.channel.Read(); pkt != nil; pkt = p.channel.Read() {
		frame = p.write(pkt, frame)
	}
}

func (p *pump) write(pkt *stack.PacketBuffer, frame []byte) []byte {
	frame = frame[:0]
	for _, part := range pkt.AsSlices() {
		frame = append(frame, part...)
	}
	pkt.DecRef()
	p.link.WriteFrame(frame)
	return frame
}
