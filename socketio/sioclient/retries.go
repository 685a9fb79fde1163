package sioclient

import (
	"context"
	"errors"

	"rightnow/socketio/internal/siocodec"
)

// retries sends events one at a time until each is acknowledged: Options.Retries.
type retries struct {
	socket *Socket
	queue  chan retried
}

// retried is one event on its way.
type retried struct {
	packet *siocodec.Packet
	done   *waiting
}

func newRetries(s *Socket) *retries {
	r := &retries{socket: s, queue: make(chan retried, s.client.opts.BufferEvents)}
	s.client.work.Go(r.run) // ends with Client.Close
	return r
}

// add puts an event in line.
func (r *retries) add(p *siocodec.Packet) (*waiting, error) {
	item := retried{p, newWaiting()}
	if r.socket.client.ctx.Err() != nil {
		return nil, ErrClosed
	}
	select {
	case r.queue <- item:
		return item.done, nil
	default:
		return nil, ErrBufferFull
	}
}

// run sends what is in line.
func (r *retries) run() {
	ctx := r.socket.client.ctx
	for {
		select {
		case item := <-r.queue:
			args, err := r.send(ctx, item.packet)
			if err != nil {
				r.socket.client.report(err)
				item.done.fail(err)
			} else {
				item.done.answer(args)
			}
		case <-ctx.Done():
			return
		}
	}
}

// send sends one event until it is acknowledged, or has been sent often enough.
func (r *retries) send(ctx context.Context, p *siocodec.Packet) (args Args, err error) {
	o := &r.socket.client.opts
	for try := 0; try <= o.Retries; try++ {
		if err := r.socket.awaitJoined(ctx); err != nil {
			return Args{}, ErrClosed
		}
		within, cancel := context.WithTimeoutCause(ctx, o.AckTimeout, ErrTimeout)
		args, err = r.socket.ask(within, p, false)
		cancel()
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrTooBig) {
			return args, err
		}
	}
	return args, err
}
