package siotest_test

import (
	"context"
	"fmt"
	"testing"

	"rightnow/socketio"
	"rightnow/socketio/sioclient"
	"rightnow/socketio/siotest"
)

// The application: a room that knows how many have shouted.
func application() *socketio.Server {
	io := socketio.New(nil)
	shouts := 0
	io.OnConnect(func(s *socketio.Socket) {
		s.On("shout", func(text string) int {
			shouts++
			s.Broadcast().Emit("shouted", text)
			return shouts
		})
	})
	return io
}

// testShout is the test of an application.
func testShout(t testing.TB) {
	n := siotest.New(t, application())
	heard := make(chan string, 1)
	n.Dial(nil, func(bob *sioclient.Socket) {
		bob.On("shouted", func(text string) { heard <- text })
	})
	alice := n.Dial(nil)

	answer, err := alice.EmitWithAck(context.Background(), "shout", "hello")
	var shouts int
	if err != nil || answer.Decode(0, &shouts) != nil || shouts != 1 {
		t.Errorf("%d shouts, %v", shouts, err)
	}
	fmt.Println(<-heard)
}

func Example() {
	var t printing
	testShout(&t)
	t.end()
	// Output: hello
}

// printing stands in for the *testing.T that a test has.
type printing struct {
	testing.TB
	cleanups []func()
}

func (p *printing) Helper()                           {}
func (p *printing) Cleanup(f func())                  { p.cleanups = append(p.cleanups, f) }
func (p *printing) Errorf(format string, args ...any) { fmt.Printf(format, args...) }
func (p *printing) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (p *printing) end() {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}
