package app

import (
	"context"
	"sync/atomic"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/chat/chatio"
	"rightnow/internal/wall"
)

// live is the part of the program that brings live posts: none of it is there
// when there is no source and no key of the API.
type live struct {
	// Fixed by openLive; nil: there are no live posts.
	router *feed.Router
	wall   *wall.Service
	api    *postsAPI // nil: there is no key

	removed relay
	ended   chan struct{} // closed when the router has; nil until runLive
}

// relay tells the wall which rooms were removed. The chat, which removes them, is
// there first.
type relay struct{ to atomic.Pointer[wall.Service] }

func (r *relay) rooms(names []string) {
	if w := r.to.Load(); w != nil {
		w.Removed(names)
	}
}

// openLive needs the store, the chat and the Socket.IO server.
func (m *Main) openLive(ctx context.Context) error {
	sources, err := FeedSources(&m.cfg, m.log)
	if err != nil {
		return err
	}
	l := &m.live
	l.api, err = newPostsAPI(m.cfg.APIToken, postsDoor{ // the router is made after it
		inject: func(p feed.Post) bool { return l.router.Inject(p) },
		remove: func(r feed.Ref) { l.router.Retract(r) },
		turn:   m.switchSource,
	})
	if err != nil {
		return err
	}
	if len(sources) == 0 && l.api == nil {
		return nil
	}
	l.wall, err = wall.New(ctx, &wall.Options{
		Chat:        m.chat,
		Store:       m.store,
		Broadcaster: chatio.NewPosts(emitter{m.io, m.log}),
		NewRouter: func(to feed.Receiver, kept feed.Cursors) wall.Router {
			l.router = feed.NewRouter(m.routerOptions(sources, to, kept))
			return l.router
		},
		Logger:     m.log,
		Words:      m.cfg.FeedWords,
		Langs:      m.cfg.FeedLangs,
		MaxPhrases: m.cfg.FeedPhrases,
		Rate:       m.cfg.FeedRate,
	})
	if err != nil {
		return err
	}
	l.removed.to.Store(l.wall)
	return nil
}

// switchSource is what whoever has the key of the API does.
func (m *Main) switchSource(source string, on bool) bool {
	known := m.live.router.Switch(source, on)
	if known {
		m.log.Info("a source of live posts was switched", "source", source, "on", on)
	}
	return known
}

func (m *Main) routerOptions(sources []feed.Source, to feed.Receiver, kept feed.Cursors) *feed.Options {
	return &feed.Options{
		Sources:          sources,
		Receiver:         to,
		Cursors:          kept,
		Logger:           m.log,
		MaxPhrases:       m.cfg.FeedPhrases,
		MaxServerPhrases: m.cfg.FeedPhrasesTotal,
		Rate:             m.cfg.FeedRate,
		Burst:            m.cfg.FeedBurst,
		Linger:           m.cfg.FeedLinger,
	}
}

// runLive starts the sources. They end with ctx; a source that fails does not end
// the program.
func (m *Main) runLive(ctx context.Context) {
	if m.live.router == nil {
		return
	}
	ended := make(chan struct{})
	m.live.ended = ended
	go func() { // ends with ctx, a second later at most
		defer close(ended)
		if err := m.live.router.Run(ctx); err != nil {
			m.log.Error("live posts have stopped", "error", err)
		}
	}()
}

// waitLive waits until the sources have ended, so that nothing new comes.
func (m *Main) waitLive(ctx context.Context) {
	if m.live.ended == nil {
		return
	}
	select {
	case <-m.live.ended:
	case <-ctx.Done():
	}
}

// closeLive removes the quotes that are still to be removed. Nobody says anything
// any more. It may be repeated.
func (m *Main) closeLive(ctx context.Context) error {
	if m.live.wall == nil {
		return nil
	}
	return m.live.wall.Close(ctx)
}

// wallDoor is the wall as the chat's events see it.
type wallDoor struct{ *wall.Service }

var _ chatio.Wall = wallDoor{}

// door returns a nil interface when there are no live posts.
func (l *live) door() chatio.Wall {
	if l.wall == nil {
		return nil
	}
	return wallDoor{l.wall}
}

func (w wallDoor) Follow(ctx context.Context, room, conn string) (any, error) {
	return viewOf(w.Service.Follow(ctx, room, conn))
}

func (w wallDoor) Set(ctx context.Context, room, conn string, change chatio.FeedChange) (any, error) {
	return viewOf(w.Service.Set(ctx, room, conn, wall.Change(change)))
}

func viewOf(v *wall.View, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Try measures a word on all that is seen, whatever the room.
func (w wallDoor) Try(_, word string) (float64, error) { return w.Service.Try(word) }

func (w wallDoor) Quote(room, source, id string) (*chat.Quote, func(), error) {
	return w.Service.Quote(room, source, id)
}
