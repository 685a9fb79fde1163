package socketio_test

import (
	"fmt"

	"rightnow/socketio"
)

// A tool that prints who comes and goes, and which events are sent.
func ExampleServer_Watch() {
	io := socketio.New(nil)
	w := io.Watch(nil)
	go func() { // ends with the watch
		for range w.More() {
			activities, lost := w.Take()
			for _, a := range activities {
				switch a.Kind {
				case socketio.ActivityConnect:
					fmt.Println(a.Socket.ID(), "is here")
				case socketio.ActivityDisconnect:
					fmt.Println(a.Socket.ID(), "has gone:", a.Reason)
				case socketio.ActivitySend:
					fmt.Println(a.Socket.ID(), "gets", a.Event.Name())
				}
			}
			if lost.Events > 0 {
				fmt.Println(lost.Events, "events more")
			}
		}
	}()
	w.Stop()
}
