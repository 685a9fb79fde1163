package wall

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/limit"
)

const (
	maxLang   = 35              // bytes, the longest that RFC 5646 asks to have room for
	maxAuthor = feed.MaxID + 64 // bytes of "source:id"
)

// settings is what a room tracks, and what is stored with it. It is read-only.
type settings struct {
	Words []string `json:"words,omitempty"`
	Langs []string `json:"langs,omitempty"`
	Muted []string `json:"muted,omitempty"`
	Rate  float64  `json:"rate,omitempty"` // 0: the default
}

func (now settings) tracksNothing() bool {
	return len(now.Words)+len(now.Langs)+len(now.Muted) == 0 && now.Rate == 0
}

func (now settings) mutes(source, author string) bool {
	return slices.Contains(now.Muted, source+":"+author)
}

func (now settings) equal(other settings) bool {
	return slices.Equal(now.Words, other.Words) && slices.Equal(now.Langs, other.Langs) &&
		slices.Equal(now.Muted, other.Muted) && now.Rate == other.Rate
}

func (now settings) tracking() feed.Tracking {
	return feed.Tracking{Words: now.Words, Langs: now.Langs, Muted: now.Muted, Rate: now.Rate, Sensitive: true}
}

// taken is the settings in the form that the router gave them.
func (now settings) taken(t feed.Tracking) settings {
	now.Words, now.Langs = t.Words, t.Langs
	return now
}

// words is what pages are told of settings: lists, also where there is nothing.
func (s *Service) words(room string, now settings, by string) Words {
	rate := now.Rate
	if rate == 0 {
		rate = s.opts.Rate
	}
	list := func(of []string) []string { return append([]string{}, of...) }
	return Words{Room: room, Words: list(now.Words), Langs: list(now.Langs), Muted: list(now.Muted), Rate: rate, By: by}
}

// read returns what is stored of a room. What cannot be read counts as nothing:
// a later version may have written it.
func (s *Service) read(ctx context.Context, room string) (stored settings, err error) {
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	text, err := s.opts.Store.Feed(ctx, room)
	switch {
	case err != nil:
		return stored, chat.Unavailable(err)
	case len(text) == 0 && room == chat.Lobby:
		return settings{Words: s.opts.Words, Langs: s.opts.Langs}, nil
	case len(text) == 0:
		return stored, nil
	}
	if err := json.Unmarshal(text, &stored); err != nil {
		s.opts.Logger.Error("wall: the settings of a room cannot be read", "room", room, "error", err)
		return settings{}, nil
	}
	return stored, nil
}

// trackWhatFits gives the router the settings of a room without the words that it
// refuses: the limits may be lower than when they were stored.
func (s *Service) trackWhatFits(room string, stored settings) settings {
	words := stored.Words[:min(len(stored.Words), s.opts.MaxPhrases)]
	for {
		stored.Words = words
		taken, err := s.router.Track(room, stored.tracking())
		if err == nil {
			return stored.taken(taken)
		}
		if len(words) == 0 {
			s.opts.Logger.Error("wall: a room cannot be tracked", "room", room, "error", err)
			return settings{}
		}
		s.opts.Logger.Warn("wall: a room tracks less than before", "room", room, "error", err)
		words = withoutRefused(words, err)
	}
}

// withoutRefused drops the word that was refused, or the last one.
func withoutRefused(words []string, err error) []string {
	at := len(words) - 1
	if refused, ok := errors.AsType[*feed.PhraseError](err); ok {
		if i := slices.Index(words, refused.Phrase); i >= 0 {
			at = i
		}
	}
	return slices.Delete(slices.Clone(words), at, at+1)
}

// Set changes what a room tracks, for a connection that may, and tells it to all
// who follow. Errors: CodeBadRoom, CodeNotAllowed, CodeBadPhrase,
// CodeTooManyWords, CodeBadRequest, CodeSlowDown, CodeUnavailable; then nothing
// has changed.
func (s *Service) Set(ctx context.Context, room, conn string, change Change) (*View, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.unlock()
	by, err := s.opts.Chat.Permit(room, conn, chat.VerbTrack)
	if err != nil {
		return nil, err
	}
	if err := s.loadLocked(ctx, room); err != nil {
		return nil, err
	}
	old, err := s.spend(room)
	if err != nil {
		return nil, err
	}
	now, err := s.changed(old, change)
	if err != nil {
		return nil, err
	}
	taken, err := s.router.Track(room, now.tracking())
	if err != nil {
		return nil, refusal(err)
	}
	if now = now.taken(taken); now.equal(old) {
		return s.view(room, conn), nil
	}
	// Who closes the page right behind the Enter key has set it all the same.
	if err := s.save(context.WithoutCancel(ctx), room, now); err != nil {
		s.revert(room, old, err)
		return nil, err
	}
	s.keep(room, now)
	s.opts.Broadcaster.Followers(room, EventWords, s.words(room, now, by.Nick))
	return s.view(room, conn), nil
}

// spend takes a change from the room's rate and returns its settings.
func (s *Service) spend(name string) (settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	if r == nil { // it was removed just now
		return settings{}, nil
	}
	rate := limit.Rate{Burst: s.opts.SetBurst, Every: s.opts.SetEvery}
	if wait := r.rate.Take(time.Now(), 1, rate); wait > 0 {
		return settings{}, chat.SlowDown(wait)
	}
	return r.settings, nil
}

// changed returns the settings after a change, once they are such as can be.
func (s *Service) changed(now settings, change Change) (settings, error) {
	for _, field := range []struct{ now, from, to *[]string }{
		{&now.Words, change.From.Words, change.Words},
		{&now.Langs, change.From.Langs, change.Langs},
		{&now.Muted, change.From.Muted, change.Muted},
	} {
		switch {
		case field.to == nil:
		case field.from == nil:
			*field.now = distinct(*field.to)
		default:
			*field.now = merge(*field.now, *field.from, distinct(*field.to))
		}
	}
	if change.Rate != nil {
		now.Rate = *change.Rate
	}
	return now, s.check(now)
}

// merge makes the change that leads from one list to another in the list that is
// there now.
func merge(now, from, to []string) []string {
	kept := slices.DeleteFunc(slices.Clone(now), func(item string) bool {
		return slices.Contains(from, item) && !slices.Contains(to, item)
	})
	for _, item := range to {
		if !slices.Contains(from, item) && !slices.Contains(kept, item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// distinct returns the list without what is empty or there already.
func distinct(list []string) []string {
	kept := make([]string, 0, len(list))
	seen := make(map[string]struct{}, len(list))
	for _, item := range list {
		item = strings.TrimSpace(item)
		if _, double := seen[item]; item != "" && !double {
			seen[item] = struct{}{}
			kept = append(kept, item)
		}
	}
	return kept
}

func (s *Service) check(now settings) error {
	switch {
	case len(now.Words) > s.opts.MaxPhrases:
		return tooMany(s.opts.MaxPhrases, "tracked words")
	case len(now.Langs) > s.opts.MaxLangs:
		return tooMany(s.opts.MaxLangs, "languages")
	case len(now.Muted) > s.opts.MaxMuted:
		return tooMany(s.opts.MaxMuted, "muted authors")
	case slices.ContainsFunc(now.Langs, badLang):
		return badRequest("a language is a tag such as en or pt-BR")
	case slices.ContainsFunc(now.Muted, badAuthor):
		return badRequest("a muted author is source:id")
	case !(now.Rate >= 0 && now.Rate <= s.opts.MaxRate):
		return badRequest(fmt.Sprintf("rate is from 0 to %g", s.opts.MaxRate))
	}
	return nil
}

func tooMany(limit int, of string) error {
	return &chat.Error{Code: chat.CodeTooManyWords, Message: fmt.Sprintf("A room has at most %d %s. Remove one first.", limit, of)}
}

func badLang(tag string) bool {
	letter := func(r rune) bool {
		return r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	return len(tag) > maxLang || strings.ContainsFunc(tag, func(r rune) bool { return !letter(r) })
}

func badAuthor(key string) bool {
	source, id, ok := strings.Cut(key, ":")
	return !ok || source == "" || id == "" || len(key) > maxAuthor
}

func badRequest(what string) error {
	return &chat.Error{Code: chat.CodeBadRequest, Message: "The server does not understand the request: " + what + "."}
}

// refusal makes what the router does not take into what a person is told.
func refusal(err error) error {
	if refused, ok := errors.AsType[*feed.PhraseError](err); ok {
		return &chat.Error{Code: chat.CodeBadPhrase, Message: fmt.Sprintf("%q: %s", refused.Phrase, refused.Reason)}
	}
	if many, ok := errors.AsType[*feed.LimitError](err); ok {
		return &chat.Error{Code: chat.CodeTooManyWords, Message: many.Reason()}
	}
	return err
}

func (s *Service) save(ctx context.Context, room string, now settings) error {
	text, err := json.Marshal(now)
	if err != nil {
		return err
	}
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	if err := s.opts.Store.SetFeed(ctx, room, text); err != nil {
		return chat.Unavailable(err)
	}
	return nil
}

// revert gives the router what a room tracked before a change that could not be
// stored.
func (s *Service) revert(room string, old settings, err error) {
	if isGone(err) {
		old = settings{}
	}
	s.keep(room, s.trackWhatFits(room, old))
}

func (s *Service) keep(name string, now settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	if r == nil { // who follows went away, and no words were known then
		r = &room{viewers: make(map[string]struct{}), empty: time.Now()}
		s.rooms[name] = r
	}
	r.settings = now
}

// Try returns how many posts with a word come in a second, as far as that was
// seen. Errors: CodeBadPhrase.
func (s *Service) Try(word string) (float64, error) {
	if _, err := feed.ParsePhrase(word); err != nil {
		return 0, refusal(err)
	}
	return s.router.Sample([]string{word}), nil
}
