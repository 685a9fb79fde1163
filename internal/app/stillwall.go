package app

import (
	"context"
	"encoding/json"

	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
)

// stillWall answers with posts that never change, until the sources are there.
type stillWall struct{ posts chatio.Posts }

const still = `{"room":"lobby","words":["golang","socket.io","\"real time\"","#coffee"],"langs":["en"],"muted":[],"may":true,"limits":{"words":50,"phrase":60},"rate":1,"on":true,
"sources":[{"name":"replay","title":"Replay (demo)","state":{"phase":"live"}},{"name":"bluesky","title":"Bluesky","state":{"phase":"waiting","reason":"the connection was lost","until":"2030-01-01T00:00:00Z"}}],
"posts":[
{"source":"replay","id":"1","author":{"id":"a1","handle":"mira.example","name":"Mira"},"text":"Our first #golang chat server is live","tags":["golang"],"langs":["en"],"url":"https://social.example/mira/1","created_at":"2026-11-22T10:00:00Z","received_at":"2026-11-22T10:00:00Z","matched":["golang"]},
{"source":"bluesky","id":"2","author":{"id":"a2","handle":"bot.example","name":"News","bot":true},"text":"socket.io in real time","warning":"long","sensitive":true,"media":[{"kind":"image","url":"https://img.example/1.png","alt":"a cup"}],"url":"https://social.example/bot/2","created_at":"2026-11-22T10:00:05Z","received_at":"2026-11-22T10:00:05Z","matched":["socket.io","\"real time\""]}],
"meta":{"seen":4060,"matched":315,"shown":25,"skipped":{"nomatch":3745,"rate":290},"window":5000000000,"per_second":{"seen":812,"matched":63,"shown":5},"busiest":"golang"}}`

func (w stillWall) Follow(_ context.Context, room, _ string) (any, error) {
	var view map[string]any
	err := json.Unmarshal([]byte(still), &view)
	view["room"] = room
	return view, err
}

func (w stillWall) Unfollow(string, string) {}

func (w stillWall) Set(ctx context.Context, room, conn string, change chatio.FeedChange) (any, error) {
	view, err := w.Follow(ctx, room, conn)
	if change.Words != nil {
		view.(map[string]any)["words"] = *change.Words
	}
	w.posts.Followers(room, "feed_words", map[string]any{"room": room, "words": view.(map[string]any)["words"], "langs": []string{"en"}, "muted": []string{}, "rate": 1, "by": "ann"})
	return view, err
}

func (w stillWall) Try(string, string) (float64, error) { return 1.5, nil }

func (w stillWall) Quote(room, source, id string) (*chat.Quote, func(), error) {
	return &chat.Quote{Source: source, ID: id, AuthorID: "a1", Author: "Mira", Handle: "mira.example",
		Text: "Our first #golang chat server is live", URL: "https://social.example/mira/1", At: 1795341600000}, func() {}, nil
}
