package socketio

import "rightnow/engineio"

// Reason says why a socket was disconnected, in Node's words.
type Reason string

const (
	ReasonClientDisconnect Reason = "client namespace disconnect" // the client left the namespace
	ReasonServerDisconnect Reason = "server namespace disconnect" // Socket.Disconnect
	ReasonShutdown                = Reason(engineio.ReasonServerShuttingDown)
	ReasonPingTimeout             = Reason(engineio.ReasonPingTimeout)
	ReasonTransportClose          = Reason(engineio.ReasonTransportClose)
	ReasonTransportError          = Reason(engineio.ReasonTransportError)
	ReasonParseError              = Reason(engineio.ReasonParseError)
	ReasonForcedClose             = Reason(engineio.ReasonForcedClose)  // the client broke the protocol
	ReasonSlowConsumer            = Reason(engineio.ReasonSlowConsumer) // the client did not read
)
