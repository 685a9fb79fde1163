package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rightnow/socketio/internal/siocall"
	"rightnow/socketio/internal/siowire"
)

// Server-side events go from one node of a cluster to the namespace of that name on all other
// nodes; clients never see them. On a single node there is nobody to hear them.

// The kinds of the hub's requests.
const (
	kindServerEvent = "socketio/event"     // notified
	kindServerAsk   = "socketio/event?ack" // requested; the reply is the result, as a packet
)

// ServerHandler handles a server-side event of another node. The result, or the error, is the
// answer for who wants one.
type ServerHandler func(ctx context.Context, args Args) (result any, err error)

// serverEvents are the handlers of a namespace, guarded by its mu.
type serverEvents struct {
	handlers map[string][]ServerHandler // each list is copied when it changes
}

// errNoServerHandler is the answer of a node where nobody handles an event.
var errNoServerHandler = errors.New("nobody handles this server-side event")

// OnServerSide registers f for an event that another node sends by ServerSideEmit. Several
// functions for one event run in the order of registration; the first one's result counts.
func (n *Namespace) OnServerSide(event string, f ServerHandler) {
	n = n.kept()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.serverEvents.handlers == nil {
		n.serverEvents.handlers = make(map[string][]ServerHandler)
	}
	list := n.serverEvents.handlers[event]
	n.serverEvents.handlers[event] = append(slices.Clip(list), f)
}

// ServerSideEmit sends an event to the other nodes. The arguments are what Emit takes; the names
// "connection" and "new_namespace" are reserved too.
func (n *Namespace) ServerSideEmit(event string, args ...any) error {
	payload, err := n.serverPacket(siowire.Event, event, args)
	if err == nil {
		err = n.hub.Notify(kindServerEvent, payload)
	}
	if err != nil {
		return fmt.Errorf("socketio: server-side emit %q: %w", event, err)
	}
	return nil
}

// ServerSideEmitWithAck sends an event to the other nodes and waits for the result of each. It
// returns those that came, in any order: all of them with a nil error, or else with why there
// are not more, which is ErrTimeout at ctx's deadline. Without other nodes there are none.
func (n *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	payload, err := n.serverPacket(siowire.Event, event, args)
	if err != nil {
		return nil, fmt.Errorf("socketio: server-side emit %q: %w", event, err)
	}
	replies, err := n.hub.Request(ctx, kindServerAsk, payload)
	if err != nil && ctx.Err() != nil {
		err = ended(ctx)
	}
	var answers []Args
	for _, r := range replies {
		p, blobs, bad := siowire.DecodeMsgpack(r)
		if bad != nil {
			err = errors.Join(err, bad)
			continue
		}
		answers = append(answers, siocall.NewArgs(p.Data, blobs, 0))
	}
	if err != nil {
		err = fmt.Errorf("socketio: server-side emit %q: %w", event, err)
	}
	return answers, err
}

// serverPacket encodes arguments. Between nodes there is no limit to binary values.
func (n *Namespace) serverPacket(t siowire.Type, event string, args []any) ([]byte, error) {
	if t == siowire.Event && (siowire.Reserved(event) || event == "connection" || event == "new_namespace") {
		return nil, ErrReservedEvent // the last two are names of Node's servers for what happens to themselves
	}
	raw, blobs, err := n.srv.encode(args)
	if err != nil {
		return nil, err
	}
	if t == siowire.Event {
		raw = siowire.AppendEvent(nil, event, raw, "")
	}
	p := siowire.Packet{Type: t, Namespace: n.name, Data: raw}
	return siowire.AppendMsgpack(nil, p, blobs)
}

// answerNodes has the hub give server-side events of other nodes to the handlers.
func (n *Namespace) answerNodes() {
	n.hub.OnRequest(kindServerEvent, func(ctx context.Context, payload []byte) ([]byte, error) {
		_, err := n.serverEvent(ctx, payload)
		return nil, err
	})
	n.hub.OnRequest(kindServerAsk, func(ctx context.Context, payload []byte) ([]byte, error) {
		result, err := n.serverEvent(ctx, payload)
		if err != nil {
			return nil, err
		}
		return n.serverPacket(siowire.Ack, "", []any{result})
	})
}

// serverEvent runs the handlers of an event of another node.
func (n *Namespace) serverEvent(ctx context.Context, payload []byte) (result any, err error) {
	p, blobs, err := siowire.DecodeMsgpack(payload)
	if err == nil {
		p.Type, p.Attachments = siowire.Event, 0
		err = siowire.Check(&p, nil)
	}
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	handlers := n.serverEvents.handlers[siowire.EventName(p.Data)]
	n.mu.Unlock()
	if len(handlers) == 0 {
		return nil, errNoServerHandler
	}
	for i, f := range handlers {
		var r any
		failed := (*Socket)(nil).guard("OnServerSide", func() (err error) {
			r, err = f(ctx, siocall.NewArgs(p.Data, blobs, 1))
			return err
		})
		if i == 0 {
			result, err = r, failed
		}
		if failed != nil {
			n.srv.report(nil, failed)
		}
	}
	return result, err
}

// OnServerSide is Namespace.OnServerSide of "/".
func (s *Server) OnServerSide(event string, f ServerHandler) { s.root.OnServerSide(event, f) }

// ServerSideEmit is Namespace.ServerSideEmit of "/".
func (s *Server) ServerSideEmit(event string, args ...any) error {
	return s.root.ServerSideEmit(event, args...)
}

// ServerSideEmitWithAck is Namespace.ServerSideEmitWithAck of "/".
func (s *Server) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]Args, error) {
	return s.root.ServerSideEmitWithAck(ctx, event, args...)
}
