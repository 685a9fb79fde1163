package feed

// Decoder reads the messages of one upstream; the sources of live streams and
// the replay use the same. It belongs to one goroutine.
type Decoder interface {
	// Decode takes one message as the upstream sends it, without its framing, and
	// hands what is in it to out. event says that it was more than a heartbeat.
	// What it cannot read it counts by out.Skip and forgets; an error is for what
	// ends the connection. It does not keep msg.
	Decode(msg []byte, out Sink) (event bool, err error)
}
