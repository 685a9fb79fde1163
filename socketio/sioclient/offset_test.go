package sioclient_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/engineio/eioclient"
	"rightnow/socketio"
	"rightnow/socketio/sioclient"
)

// joinedByHand joins with a server that keeps sessions and says these events, before or behind its answer to CONNECT.
func joinedByHand(t *testing.T, early []string, said ...string) (*sioclient.Socket, *wire, <-chan *wire) {
	o, wires := byHand(t)
	client := sioclient.New("http://test", o)
	t.Cleanup(client.Close)
	s := client.Of("/")
	s.Connect()
	w := receive(t, wires)
	w.hears("40")
	w.say(early...)
	w.say(`40{"sid":"one","pid":"p"}`)
	w.say(said...)
	w.hears()
	return s, w, wires
}

// What the client brings when it comes back is the last offset that it has heard, and no argument of the application's.
func TestWhatIsAnOffset(t *testing.T) {
	const none = `40{"pid":"p"}`
	for name, c := range map[string]struct {
		early, said string // events, one a line
		brings      string // the offset
	}{
		"of this module":          {said: `42["n",1,"ABCD2345-1z"]`, brings: "ABCD2345-1z"},
		"of Node's":               {said: `42["n","OYZ5xjC"]`, brings: "OYZ5xjC"},
		"of Node's, at once":      {said: `42["n","OYZ5x-_.1"]`, brings: "OYZ5x-_.1"},
		"of Redis streams":        {said: `42["n","1699999999999-0"]`, brings: "1699999999999-0"},
		"of MongoDB":              {said: `42["n","507f1f77bcf86cd799439011"]`, brings: "507f1f77bcf86cd799439011"},
		"of somebody else's":      {said: `42["n","17"]`, brings: "17"},
		"the last one":            {said: `42["n","OYZ5xjC"]` + "\n" + `42["n","OYZ5xjD"]`, brings: "OYZ5xjD"},
		"acknowledged":            {said: `42["n","OYZ5xjC"]` + "\n" + `421["n","OYZ5xjD"]`, brings: "OYZ5xjC"},
		"acknowledged, alone":     {said: `421["n","OYZ5xjD"]`},
		"a sentence":              {said: `42["n","who is there?"]`},
		"long":                    {said: `42["n","` + strings.Repeat("1", 65) + `"]`},
		"nothing":                 {said: `42["n"]`},
		"a number":                {said: `42["n",7]`},
		"empty":                   {said: `42["n",""]`},
		"a word behind ours":      {said: `42["n","ABCD2345-1"]` + "\n" + `42["typing","alice"]`, brings: "ABCD2345-1"},
		"a name behind ours":      {said: `42["n","ABCD2345-1"]` + "\n" + `42["typing","Patrick"]`, brings: "ABCD2345-1"},
		"a word behind Node's":    {said: `42["n","OYZ5xjC"]` + "\n" + `42["typing","general"]`, brings: "OYZ5xjC"},
		"a word before Node's":    {said: `42["typing","general"]` + "\n" + `42["n","OYZ5xjC"]`, brings: "OYZ5xjC"},
		"early":                   {early: `42["n","ABCD2345-1"]`, brings: "ABCD2345-1"},
		"early, a word behind it": {early: `42["n","ABCD2345-1"]` + "\n" + `42["typing","alice"]`, brings: "ABCD2345-1"},
		"early, and late":         {early: `42["n","ABCD2345-1"]`, said: `42["n","ABCD2345-2"]`, brings: "ABCD2345-2"},
		"early, a word late":      {early: `42["n","ABCD2345-1"]`, said: `42["typing","alice"]`, brings: "ABCD2345-1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, w, wires := joinedByHand(t, lines(c.early), lines(c.said)...)
				w.conn.CloseNow()
				want := none
				if c.brings != "" {
					want = fmt.Sprintf(`40{"offset":%q,"pid":"p"}`, c.brings)
				}
				receive(t, wires).hears(want)
			})
		})
	}
}

// lines are the lines of a text that are not empty.
func lines(text string) (all []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			all = append(all, line)
		}
	}
	return all
}

// A handler is called with the arguments that the server's application gave. Where one cannot be missing, the offset is an argument, as
// it is for handlers of the official client.
func TestHandlersAreNotGivenTheOffset(t *testing.T) {
	const offset = "ABCD2345-1"
	for name, c := range map[string]struct {
		said string
		want string // what each handler is given: variadic, optional, both, with the offset, OnAny
	}{
		"one argument":   {`42["n","a","` + offset + `"]`, "[a] a a[] a " + offset + " 2"},
		"none":           {`42["n","` + offset + `"]`, "[] nobody " + offset + "[] 1"},
		"two":            {`42["n","a","b","` + offset + `"]`, "[a b] a a[b] a b 3"},
		"acknowledged":   {`421["n","a","` + offset + `"]`, "[a " + offset + "] a a[" + offset + "] a " + offset + " 2"},
		"a word":         {`42["n","a","b"]`, "[a b] a a[b] a b 2"},
		"a word, by one": {`42["n","a"]`, "[a] a a[] 1"},
	} {
		for _, when := range []string{"early", "late"} {
			t.Run(name+", "+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var got []string
					note := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
					o, wires := byHand(t)
					client := sioclient.New("http://test", o)
					defer client.Close()
					s := client.Of("/")
					s.On("n", func(all ...string) { note("%v", all) })
					s.On("n", func(one *string) {
						if one == nil {
							one = new(string)
							*one = "nobody"
						}
						note("%s", *one)
					})
					s.On("n", func(one string, all ...string) { note("%s%v", one, all) })
					s.On("n", func(one, offset string) { note("%s %s", one, offset) })
					total := 0
					s.OnAny(func(e *sioclient.Event) { total = e.Args().Len() })
					s.Connect()
					w := receive(t, wires)
					w.hears("40")
					answer := `40{"sid":"one","pid":"p"}`
					if when == "early" {
						w.say(c.said, answer)
					} else {
						w.say(answer, c.said)
					}
					w.hears()
					if all := strings.Join(append(got, fmt.Sprint(total)), " "); all != c.want {
						t.Errorf("given %q, want %q", all, c.want)
					}
				})
			})
		}
	}
}

// What this module's server sends without an offset does not cost the recovery.
func TestRecoveryBehindEventsWithoutAnOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := serve(t, &socketio.Options{ConnectionStateRecovery: &socketio.RecoveryOptions{}})
		peers := make(chan *socketio.Socket, 10)
		r.io.OnConnect(func(s *socketio.Socket) { peers <- s })
		s := r.dial(sioclient.Options{Transports: []eioclient.Transport{eioclient.WebSocket}})
		defer s.Client().Close()
		var heard []string
		s.OnAny(func(e *sioclient.Event) { heard = append(heard, e.Name()) })
		s.On("ask", func(string) int { return 1 })
		peer := receive(t, peers)
		peer.Emit("kept", 1)
		if _, err := peer.EmitWithAck(t.Context(), "ask", "name"); err != nil {
			t.Error(err)
		}
		peer.Volatile().Emit("typing", "Patrick")
		synctest.Wait()
		r.cut(true)
		synctest.Wait()
		r.io.Emit("missed")
		r.up()
		time.Sleep(time.Minute) // virtual
		if want := []string{"kept", "ask", "typing", "missed"}; !s.Recovered() || !slices.Equal(heard, want) {
			t.Errorf("recovered: %v, heard %q", s.Recovered(), heard)
		}
	})
}
