package eiowire

import "encoding/json"

// Handshake is the data of an open packet; its fields are in the order of the wire.
type Handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"` // milliseconds
	PingTimeout  int64    `json:"pingTimeout"`  // milliseconds
	MaxPayload   int64    `json:"maxPayload"`
}

// AppendOpen appends the open packet.
func AppendOpen(dst []byte, h Handshake) []byte {
	if h.Upgrades == nil {
		h.Upgrades = []string{} // [], not null
	}
	data, err := json.Marshal(h)
	if err != nil {
		panic(err) // strings and integers always encode
	}
	return AppendText(dst, Open, data)
}
