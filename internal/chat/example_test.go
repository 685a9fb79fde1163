package chat_test

import (
	"context"
	"fmt"
	"log"

	"rightnow/internal/chat"
	"rightnow/internal/chat/storetest"
)

// printer is a Broadcaster: a hub sends where this prints.
type printer struct{}

func (printer) Emit(room, event string, payload any) {
	switch p := payload.(type) {
	case chat.Presence:
		fmt.Println(room, event, p.Person.Nick)
	case chat.Message:
		fmt.Println(room, event, p.Seq, p.Nick, p.Text)
	}
}

func Example() {
	ctx := context.Background()
	service, err := chat.New(ctx, &chat.Options{Store: &storetest.Memory{}, Broadcaster: printer{}})
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close(ctx)

	entry := chat.Entry{Room: "go", Nick: "ann", Secret: "kept by ann's browser", Conn: "tab 1"}
	entered, err := service.Enter(ctx, entry)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("moderator:", entered.You.Moderator)

	receipt, err := service.Say(ctx, chat.Line{Room: "go", Conn: "tab 1", ID: "1", Text: "Hello, world!"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("stored as", receipt.Seq)

	entry.Secret, entry.Nick, entry.Conn = "kept by eve's browser", "АNN", "tab 2" // a Cyrillic А
	_, err = service.Enter(ctx, entry)
	fmt.Println(chat.CodeOf(err))
	// Output:
	// go joined ann
	// moderator: true
	// go message 1 ann Hello, world!
	// stored as 1
	// nick_taken
}
