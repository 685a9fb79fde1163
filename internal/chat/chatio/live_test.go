package chatio_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"testing"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
	"rightnow/internal/wall"
)

// livePosts is the wall and the router as app wires them, without sources.
type livePosts struct {
	*wall.Service
	t      *testing.T
	ctx    context.Context
	router *feed.Router
	ended  chan struct{}
}

var _ chatio.Wall = (*livePosts)(nil)

func newLivePosts(t *testing.T, ctx context.Context) *livePosts {
	return &livePosts{t: t, ctx: ctx, ended: make(chan struct{})}
}

func (l *livePosts) open(b *bench) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	var err error
	l.Service, err = wall.New(l.ctx, &wall.Options{
		Chat: b.chat, Store: b.store, Broadcaster: chatio.NewPosts(b.hub), Logger: log, Words: []string{"golang"},
		NewRouter: func(to feed.Receiver, kept feed.Cursors) wall.Router {
			l.router = feed.NewRouter(&feed.Options{Receiver: to, Cursors: kept, Logger: log})
			return l.router
		},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	go func() { // ends with ctx
		defer close(l.ended)
		_ = l.router.Run(l.ctx)
	}()
}

func (l *livePosts) close(cancel func()) {
	cancel()
	<-l.ended
	if err := l.Close(context.Background()); err != nil {
		l.t.Error(err)
	}
}

func (l *livePosts) act(verb, arg string) {
	l.t.Helper()
	var post feed.Post
	var ref feed.Ref
	var err error
	if verb == "post" {
		err = json.Unmarshal([]byte(arg), &post)
		l.router.Inject(post)
	} else {
		err = json.Unmarshal([]byte(arg), &ref)
		l.router.Retract(ref)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *livePosts) Follow(ctx context.Context, room, conn string) (any, error) {
	v, err := l.Service.Follow(ctx, room, conn)
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (l *livePosts) Set(ctx context.Context, room, conn string, change chatio.FeedChange) (any, error) {
	v, err := l.Service.Set(ctx, room, conn, wall.Change(change))
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (l *livePosts) Try(_, word string) (float64, error) { return l.Service.Try(word) }

func (l *livePosts) Quote(room, source, id string) (*chat.Quote, func(), error) {
	return l.Service.Quote(room, source, id)
}
