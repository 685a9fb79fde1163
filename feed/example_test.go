package feed_test

import (
	"fmt"

	"rightnow/feed"
)

func ExampleParsePhrase() {
	for _, text := range []string{"Go  chat", `"Right Now" -#ad`, "#Café", "C++", "the"} {
		phrase, err := feed.ParsePhrase(text)
		fmt.Println(phrase, err)
	}
	// Output:
	// chat go <nil>
	// "right now" -#ad <nil>
	// #cafe <nil>
	// c++ <nil>
	//  feed: phrase "the": This is in too many posts. Add a word that is in fewer.
}

func ExampleIndex() {
	index := feed.NewIndex()
	for owner, text := range map[string]string{"room a": "socket.io", "room b": "golang -crypto"} {
		phrase, err := feed.ParsePhrase(text)
		if err != nil {
			fmt.Println(err)
		}
		index.Add(owner, phrase)
	}
	var doc feed.Doc
	doc.Read(&feed.Post{Text: "Socket.IO's protocol, now in #Golang"})
	index.Match(&doc, func(owner, phrase string) { fmt.Println(owner, "has", phrase) })
	// Output:
	// room a has socket.io
	// room b has golang -crypto
}

func ExampleSpans() {
	text := "Socket.IO's protocol, now in #Golang"
	for _, span := range feed.Spans(text, []string{"socket.io", "#golang"}) {
		fmt.Println(text[span.From:span.To])
	}
	// Output:
	// Socket.IO
	// #Golang
}
