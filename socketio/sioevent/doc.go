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
package sioevent
