// Package sioevent declares events once, with their types, for everybody who
// speaks them: the compiler checks the server and the Go client, and
// [WriteTypeScript] tells the browser's.
//
//	var (
//		Said = sioevent.Define[Message]("said")              // an event with one argument
//		Save = sioevent.DefineCall[Draft, Receipt]("save")   // one with an acknowledgement
//	)
//
//	Said.Emit(io, Message{…})                                // server: to all
//	Save.Handle(socket, func(ctx context.Context, d Draft) (Receipt, error) { … })
//
//	Said.On(client, func(ctx context.Context, m Message) { … })
//	receipt, err := Save.Call(ctx, client, Draft{…})
//
// A *socketio.Socket and a *sioclient.Socket both are what On and Handle take.
//
// # Nil in TypeScript
//
// A nil slice or map is null on the wire, as encoding/json has it, and so is a nil []byte, which is binary only when
// there is one; from a client null is taken as nil in turn. So they are declared as T[] | null, Record<string, T> | null
// and ArrayBuffer | null, and the page has to look before it takes their length. A field with the tag omitempty or
// omitzero spares it the null: a nil one is left out, and declared as items?: T[].
package sioevent
