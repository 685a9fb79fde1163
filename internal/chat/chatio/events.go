package chatio

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"rightnow/internal/chat"
)

// none is the result of what has none: {}.
type none struct{}

func (h *Handler) watch(ctx context.Context, c Caller, s *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct{ Room string }](args)
	if err != nil {
		return nil, err
	}
	return hear(h, c, s, in.Room, func() (*chat.Snapshot, error) { return h.chat.Watch(ctx, in.Room) })
}

func (h *Handler) enter(ctx context.Context, c Caller, s *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct{ Room, Nick, Secret, Tab string }](args)
	if err != nil {
		return nil, err
	}
	entry := chat.Entry{Room: in.Room, Nick: in.Nick, Secret: in.Secret, Conn: c.ID(), Address: c.Address()}
	return hear(h, c, s, in.Room, func() (*chat.Entered, error) { return h.chat.Enter(ctx, entry) })
}

// hear joins the room's place in the hub and reads then, so that nothing falls
// between what is read and what is heard. When reading is refused, the
// connection hears what it heard before.
func hear[T any](h *Handler, c Caller, s *session, room string, read func() (T, error)) (any, error) {
	name, _, err := chat.ParseRoom(room)
	if err != nil {
		return nil, err
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	fresh, err := s.add(name, h.maxRooms)
	if err != nil {
		return nil, err
	}
	c.Join(HubRoom(name))
	result, err := read()
	switch {
	case s.isGone():
		h.chat.Leave(name, c.ID()) // Gone came before the reading was over
		return nil, disconnected()
	case err != nil && fresh:
		c.Leave(HubRoom(name))
		s.drop(name)
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

func (h *Handler) leave(_ context.Context, c Caller, s *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct{ Room string }](args)
	if err != nil {
		return nil, err
	}
	name, _, err := chat.ParseRoom(in.Room)
	if err != nil {
		return nil, err
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	c.Leave(HubRoom(name))
	h.chat.Leave(name, c.ID())
	s.drop(name)
	return none{}, nil
}

func (h *Handler) say(ctx context.Context, c Caller, _ *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct {
		Room, ID, Text string
		Quote          *quoted
	}](args)
	if err != nil {
		return nil, err
	}
	quote, done, err := h.quote(in.Room, in.Quote)
	if err != nil {
		return nil, err
	}
	defer done()
	// Who closes the page right behind the Enter key has said it all the same.
	ctx = context.WithoutCancel(ctx)
	return answer(h.chat.Say(ctx, chat.Line{Room: in.Room, Conn: c.ID(), ID: in.ID, Text: in.Text, Quote: quote}))
}

func (h *Handler) older(ctx context.Context, _ Caller, _ *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct {
		Room   string
		Before *int64
		Limit  int
	}](args)
	if err != nil {
		return nil, err
	}
	if in.Before == nil {
		return nil, badRequest("before is missing")
	}
	return answer(h.chat.Older(ctx, in.Room, *in.Before, in.Limit))
}

func (h *Handler) since(ctx context.Context, _ Caller, _ *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct {
		Room  string
		After *int64
	}](args)
	if err != nil {
		return nil, err
	}
	if in.After == nil {
		return nil, badRequest("after is missing")
	}
	return answer(h.chat.Since(ctx, in.Room, *in.After))
}

func (h *Handler) typing(_ context.Context, c Caller, _ *session, args []json.RawMessage) (any, error) {
	in, err := decode[struct {
		Room string
		On   *bool
	}](args)
	if err != nil {
		return nil, err
	}
	if in.On == nil {
		return nil, badRequest("on is missing")
	}
	return answer(none{}, h.chat.Type(in.Room, c.ID(), *in.On))
}

func (h *Handler) rooms(ctx context.Context, c Caller, s *session, args []json.RawMessage) (any, error) {
	if len(args) == 0 {
		args = []json.RawMessage{json.RawMessage("{}")}
	}
	in, err := decode[struct{ Follow *bool }](args)
	if err != nil {
		return nil, err
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	if follow := in.Follow == nil || *in.Follow; follow {
		c.Join(HubRoom(""))
		h.chat.FollowRooms(c.ID(), true)
	} else {
		c.Leave(HubRoom(""))
		h.chat.FollowRooms(c.ID(), false)
	}
	if s.isGone() {
		h.chat.FollowRooms(c.ID(), false) // Gone came before
		return nil, disconnected()
	}
	return answer(h.chat.Rooms(ctx))
}

// answer makes a nil interface of a typed nil.
func answer[T any](result T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return result, nil
}

// decode reads the one object that every event takes. Fields that T does not
// have are passed over, for clients that are younger than this server.
func decode[T any](args []json.RawMessage) (in T, err error) {
	if len(args) != 1 {
		return in, badRequest("an event has one argument, an object")
	}
	if first := slices.IndexFunc(args[0], notSpace); first < 0 || args[0][first] != '{' {
		return in, badRequest("the argument is not an object")
	}
	if err := json.Unmarshal(args[0], &in); err != nil {
		return in, badRequest(explain(err))
	}
	return in, nil
}

func notSpace(c byte) bool { return c != ' ' && c != '\t' && c != '\n' && c != '\r' }

// explain says which field is wrong, in words that are ours: what json says may
// hold a value, and values are not for the log.
func explain(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return "the type of " + strings.ToLower(wrong.Field) + " is wrong"
	}
	return "the argument is not JSON that can be read"
}

// badRequest is for the client's author, not for its user.
func badRequest(what string) *chat.Error {
	return &chat.Error{Code: chat.CodeBadRequest, Message: "The server does not understand the request: " + what + "."}
}
