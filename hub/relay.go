package hub

import "context"

// Journal keeps the messages of a hub so that a member that was away can be
// given what it missed.
//
// Append is called under the hub's order lock, in the order of delivery, and
// so must neither wait nor do I/O nor call the hub. After may wait and is
// called without any lock; both may be called at once.
type Journal interface {
	// Append keeps m and returns its offset, which becomes m.Offset. When
	// m.Offset is set already (a relay gave it) Append returns that. An empty
	// offset means that the message is not kept. m is read-only.
	Append(m *Message) (offset string)
	// After returns every message kept behind the one with this offset, in
	// order. When that message or any behind it is no longer there it fails
	// with ErrNotKept and returns no messages, never a part.
	After(ctx context.Context, offset string) ([]*Message, error)
	// Head is the offset of the newest message, behind which there is nothing
	// yet; of an empty journal the one that the first message is behind. Like
	// Append it is called under the order lock.
	Head() string
}

// Relay carries what happens in a hub to the hubs of other nodes. Its methods
// may be called concurrently and never under a lock of the hub.
type Relay interface {
	// Publish hands m to the other nodes and returns its offset there, empty
	// when the relay gives none. m is read-only. There a message of their own,
	// with the same contents, goes to Hub.Deliver, not to Publish. The number of
	// an acknowledgement that m wants means nothing there.
	Publish(m *Message) (offset string, err error)
	// Request asks all other nodes and collects their answers until all have
	// answered or ctx ends; then it returns those it has with the error. A node
	// whose Hub.Answer fails has answered: with an error, which is joined to the
	// others'.
	Request(ctx context.Context, kind string, payload []byte) (replies [][]byte, err error)
	// Notify hands a request to all other nodes and wants no answer.
	Notify(kind string, payload []byte) error
	// Want says that this hub has members in room from now on, Unwant that it
	// has none any more. They alternate for each room, are called one at a
	// time in the order of events, and must not wait for the network.
	Want(room string)
	Unwant(room string)
	// Close ends the relay; Publish and Request fail from then on. The hub does
	// not call it: that is for who has attached the relay.
	Close() error
}
