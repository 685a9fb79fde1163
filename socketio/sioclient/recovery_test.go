package sioclient_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"rightnow/socketio/sioclient"
)

// The offset belongs to the session that it was heard in: where the server begins another one it is forgotten, and where
// the server has kept the session it is not.
func TestTheOffsetGoesWithItsSession(t *testing.T) {
	for name, c := range map[string]struct {
		answer string // to the second CONNECT
		brings string // the third
		back   bool   // at the second
	}{
		"recovered":                     {`40{"sid":"one","pid":"p1"}`, `40{"offset":"o1","pid":"p1"}`, true},
		"another session":               {`40{"sid":"two","pid":"p2"}`, `40{"pid":"p2"}`, false},
		"no session any more":           {`40{"sid":"two"}`, "40", false},
		"another, with events":          {`40{"sid":"two","pid":"p2"}` + "\n" + `42["n","o2"]`, `40{"offset":"o2","pid":"p2"}`, false},
		"another, with an event before": {`42["n","o2"]` + "\n" + `40{"sid":"two","pid":"p2"}`, `40{"offset":"o2","pid":"p2"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, wires := byHand(t)
				client := sioclient.New("http://test", o)
				defer client.Close()
				s := client.Of("/")
				s.Connect()
				w := receive(t, wires)
				w.hears("40")
				w.say(`40{"sid":"one","pid":"p1"}`, `42["n","o1"]`)
				w.hears()
				w.conn.CloseNow()
				w = receive(t, wires)
				w.hears(`40{"offset":"o1","pid":"p1"}`)
				w.say(strings.Split(c.answer, "\n")...)
				w.hears()
				if s.Recovered() != c.back {
					t.Errorf("recovered: %v", s.Recovered())
				}
				w.conn.CloseNow()
				receive(t, wires).hears(c.brings)
			})
		})
	}
}
