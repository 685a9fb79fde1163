package browser

import (
	"path/filepath"
	"testing"
)

// TestTweets watches the page of the tweet stream: a tweet comes as text, is edited in its
// place, and goes when it is deleted; somebody new has the others.
func TestTweets(t *testing.T) {
	modules := filepath.Join(root(t), "test/node_modules")
	server := start(t, build(t, "TWEETS_BIN", "./examples/tweet-stream"),
		"--client", filepath.Join(modules, "socket.io-client/dist"), "--jquery", filepath.Join(modules, "jquery/dist"),
		"--replay", filepath.Join(root(t), "examples/tweet-stream/testdata/tweets.jsonl"))
	browser := launch(t)

	ann := open(t, newPerson(t, browser), server.url("/"))
	ann.until("the source is told of", `$("#status").text() === "Live from replay."`)
	ann.until("a tweet is text", `$("#tweets li p").text().includes("<b>JavaScript</b> & I regret it") && $("#tweets li p b").length === 0`)
	ann.until("a tweet is edited in its place", `
		$("#tweets li p").text().includes("Tweet 11 about Socket.IO, edited") &&
		$("#tweets li").filter((_, li) => $(li).find("p").text() === "Tweet 11 about Socket.IO").length === 0`)
	ann.until("the deleted tweet is gone", `!$("#tweets li").text().includes("I regret it")`)

	ben := open(t, newPerson(t, browser), server.url("/"))
	ben.until("somebody new has the last ten", `$("#tweets li").length >= 10 && $("#tweets li").first().text().includes("Ada")`)
}
