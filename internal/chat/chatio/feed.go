package chatio

import (
	"context"
	"encoding/json"

	"rightnow/internal/chat"
)

// Wall is the live posts, as the chat needs to see them; app implements it. All
// methods may be called concurrently. Rooms are names that [chat.ParseRoom] gave.
// Errors are [*chat.Error], or the end of ctx.
type Wall interface {
	// Follow returns what the ack of feed says, and counts the connection among
	// those who look at the room's posts until Unfollow. It may be repeated, and
	// may wait for the store; when it fails, the connection does not count.
	Follow(ctx context.Context, room, conn string) (any, error)
	Unfollow(room, conn string)
	// Set changes what the room tracks, if the connection may, and returns what
	// Follow returns.
	Set(ctx context.Context, room, conn string, change FeedChange) (any, error)
	// Try returns how many posts with a word come in a second.
	Try(room, word string) (perSecond float64, err error)
	// Quote returns a post that was shown in the room, for a message. done must be
	// called when the message is stored, or is not going to be: until then the post
	// may be deleted, and the message with it would come too late to hear of it.
	Quote(room, source, id string) (quote *chat.Quote, done func(), err error)
}

// FeedChange is what is to become of a room's settings; nil stays as it is. From is
// what they were for whoever changes them.
type FeedChange struct {
	Words, Langs, Muted *[]string
	Rate                *float64
	From                struct{ Words, Langs, Muted *[]string }
}

// NoFeed is the ack of feed on a server without live posts.
type NoFeed struct {
	Room string `json:"room"`
	On   bool   `json:"on"`
}

func (h *Handler) feed(ctx context.Context, c Caller, s *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct {
		Room   string
		Follow *bool
	}](args)
	if err != nil {
		return nil, err
	}
	name, _, err := chat.ParseRoom(in.Room)
	if err != nil {
		return nil, err
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	switch {
	case in.Follow != nil && !*in.Follow:
		h.unfollow(c, s, name)
		return none{}, nil
	case h.wall == nil:
		return NoFeed{Room: name}, nil
	}
	return h.follow(ctx, c, s, name)
}

// follow joins first and reads then, as hear does. s.moving must be held.
func (h *Handler) follow(ctx context.Context, c Caller, s *session, room string) (any, error) {
	fresh, err := s.addFeed(room, h.maxRooms)
	if err != nil {
		return nil, err
	}
	c.Join(FeedRoom(room), FeedRoom(""))
	view, err := h.wall.Follow(ctx, room, c.ID())
	switch {
	case s.isGone():
		h.wall.Unfollow(room, c.ID()) // Gone came before Follow
		return nil, disconnected()
	case err != nil && fresh:
		h.unfollow(c, s, room)
	}
	return answer(view, err)
}

// unfollow may be called for a room that is not followed. s.moving must be held.
func (h *Handler) unfollow(c Caller, s *session, room string) {
	c.Leave(FeedRoom(room))
	followed, left := s.dropFeed(room)
	if left == 0 {
		c.Leave(FeedRoom(""))
	}
	if followed {
		h.wall.Unfollow(room, c.ID())
	}
}

func (h *Handler) feedSet(ctx context.Context, c Caller, _ *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct {
		Room                string
		Words, Langs, Muted *[]string
		Rate                *float64
		From                struct{ Words, Langs, Muted *[]string }
	}](args)
	if err != nil {
		return nil, err
	}
	name, err := h.feedRoom(in.Room)
	if err != nil {
		return nil, err
	}
	return answer(h.wall.Set(ctx, name, c.ID(), FeedChange{Words: in.Words, Langs: in.Langs, Muted: in.Muted, Rate: in.Rate, From: in.From}))
}

// Measured is the ack of feed_try.
type Measured struct {
	PerSecond float64 `json:"per_second"`
}

func (h *Handler) feedTry(_ context.Context, _ Caller, _ *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct{ Room, Word string }](args)
	if err != nil {
		return nil, err
	}
	name, err := h.feedRoom(in.Room)
	if err != nil {
		return nil, err
	}
	rate, err := h.wall.Try(name, in.Word)
	return answer(Measured{rate}, err)
}

// feedRoom is for what a server without live posts refuses.
func (h *Handler) feedRoom(room string) (name string, err error) {
	if name, _, err = chat.ParseRoom(room); err != nil {
		return "", err
	}
	if h.wall == nil {
		return "", &chat.Error{Code: chat.CodeNotAllowed, Message: "Live posts are switched off on this server."}
	}
	return name, nil
}

// quote returns what a line brings along. done is never nil.
func (h *Handler) quote(room string, in *quoted) (quote *chat.Quote, done func(), err error) {
	done = func() {}
	if in == nil {
		return nil, done, nil
	}
	name, _, err := chat.ParseRoom(room)
	if err != nil {
		return nil, done, err
	}
	if h.wall == nil {
		return nil, done, &chat.Error{Code: chat.CodePostGone, Message: "This post is not here any more."}
	}
	quote, ended, err := h.wall.Quote(name, in.Source, in.ID)
	if err != nil {
		return nil, done, err
	}
	return quote, ended, nil
}

// quoted is the field quote of say.
type quoted struct{ Source, ID string }
