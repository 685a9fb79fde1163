package socketio

import (
	"encoding/json"
	"net/url"
	"strings"

	"rightnow/socketio/internal/sioargs"
	"rightnow/socketio/internal/siowire"
)

// Protocol 4 is what the clients of Socket.IO 2 speak, over Engine.IO 3. Its packets are those of protocol 5 but for
// joining: the server joins "/" for the client, what a client brings stands in the query of the namespace's name, an
// answer has no payload, a refusal is a bare text.

// old reports whether the client speaks protocol 4.
func (c *client) old() bool { return c.sess.Protocol() == 3 }

// joinRoot joins "/" for a client that does not ask.
func (c *client) joinRoot() {
	if err := c.connect("/", nil); err != nil {
		c.violate("/", err)
	}
}

// connectAs handles a CONNECT packet of either protocol.
func (c *client) connectAs(name string, auth []byte) error {
	if !c.old() {
		return c.connect(name, auth)
	}
	name, query, _ := strings.Cut(name, "?")
	return c.connect(name, authOfQuery(query))
}

// nameOf is the namespace that a packet names: in protocol 4 a query may stand behind it.
func (c *client) nameOf(name string) string {
	if c.old() {
		name, _, _ = strings.Cut(name, "?")
	}
	return name
}

// authOfQuery is what a client brings in the query of a namespace, as an object of strings.
func authOfQuery(query string) []byte {
	values, _ := url.ParseQuery(query) // what cannot be read is left out
	if len(values) == 0 {
		return nil
	}
	auth := make(map[string]string, len(values))
	for key, list := range values {
		auth[key] = list[len(list)-1]
	}
	data, err := json.Marshal(auth)
	if err != nil {
		return nil
	}
	return data
}

// newID makes a socket's id. Clients of protocol 4 make it themselves, of the connection's.
func (c *client) newID(n *Namespace) string {
	switch {
	case !c.old():
		return newID()
	case n.name == "/":
		return c.sess.ID()
	}
	return n.name + "#" + c.sess.ID()
}

// refuseOld sends a refusal of protocol 4: the error's data, or else its message.
func (c *client) refuseOld(name string, refusal ConnectError) {
	data := siowire.AppendString(nil, refusal.Message)
	if refusal.Data != nil {
		raw, blobs, err := sioargs.EncodeArgs([]any{refusal.Data})
		if err == nil && len(blobs) > 0 {
			err = errBinaryRefusal
		}
		if err != nil {
			c.srv.report(nil, err)
		} else {
			data = raw[1 : len(raw)-1]
		}
	}
	if c.sendControl(siowire.ConnectError, name, data) {
		c.sess.Flush()
	}
}
