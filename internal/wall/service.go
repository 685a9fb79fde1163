package wall

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rightnow/feed"
	"rightnow/internal/chat"
	"rightnow/internal/limit"
)

// Service is the wall. All methods may be called concurrently, those of
// [feed.Receiver] only by the router.
type Service struct {
	// Fixed at New.
	opts   Options
	router Router

	work    sync.WaitGroup     // the goroutines: clean, keepForgetting
	running context.Context    // ends with Close
	quit    context.CancelFunc // ends running
	abort   context.CancelFunc // ends storing
	storing context.Context    // of the cleaner's calls to the store

	turn chan struct{} // capacity 1, full while the settings of a room are read or changed; taken before mu

	mu       sync.Mutex // guards following; never held while waiting or emitting
	rooms    map[string]*room
	removals int // how often Removed was called

	quotes quotes
}

var _ feed.Receiver = (*Service)(nil)

// room is one whose settings the router knows.
type room struct {
	settings settings
	viewers  map[string]struct{} // connections
	empty    time.Time           // since when there are none
	rate     limit.Bucket        // of changes
}

// New returns a running service. It reads from the store which posts are quoted.
// Close ends its goroutines; the router must have ended before.
func New(ctx context.Context, opts *Options) (*Service, error) {
	o := opts.withDefaults()
	s := &Service{
		opts:  o,
		turn:  make(chan struct{}, 1),
		rooms: make(map[string]*room),
	}
	refs, err := o.Store.Quotes(ctx)
	if err != nil {
		return nil, fmt.Errorf("wall: read what is quoted: %w", err)
	}
	s.quotes.init(refs)
	s.running, s.quit = context.WithCancel(context.WithoutCancel(ctx))
	s.storing, s.abort = context.WithCancel(context.WithoutCancel(ctx))
	s.router = o.NewRouter(s, cursors{s})
	s.work.Go(s.clean)          // ends with running, when nothing is left to remove
	s.work.Go(s.keepForgetting) // ends with running
	return s, nil
}

// Close removes the quotes that are still to be removed and returns when the
// goroutines have ended. When ctx ends first, the store's calls are cut short.
func (s *Service) Close(ctx context.Context) error {
	s.quit()
	stop := context.AfterFunc(ctx, s.abort)
	defer stop()
	s.work.Wait()
	s.abort()
	if n := s.quotes.waiting(); n > 0 {
		return fmt.Errorf("wall: quotes of %d deleted posts are left in the chat", n)
	}
	return nil
}

// Follow counts a connection among those who look at a room's live posts, until
// Unfollow, and returns how these are now. It may be repeated. Errors:
// CodeBadRoom, CodeUnavailable; then the connection does not count.
func (s *Service) Follow(ctx context.Context, room, conn string) (*View, error) {
	for !s.join(room, conn) {
		if err := s.load(ctx, room); err != nil {
			return nil, err
		}
	}
	return s.view(room, conn), nil
}

// join reports false when the room's settings have to be loaded first.
func (s *Service) join(name, conn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	if r == nil {
		return false
	}
	if len(r.viewers) == 0 {
		s.router.Watch(name, true)
	}
	r.viewers[conn] = struct{}{}
	return true
}

// Unfollow takes a connection from those who look at a room's live posts.
func (s *Service) Unfollow(name, conn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	if r == nil {
		return
	}
	if _, there := r.viewers[conn]; !there {
		return
	}
	delete(r.viewers, conn)
	if len(r.viewers) > 0 {
		return
	}
	r.empty = time.Now()
	s.router.Watch(name, false)
	if r.settings.tracksNothing() {
		s.dropLocked(name)
	}
}

func (s *Service) dropLocked(name string) {
	delete(s.rooms, name)
	s.router.Drop(name)
}

// load gives the router what is stored of a room.
func (s *Service) load(ctx context.Context, name string) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	return s.loadLocked(ctx, name)
}

// loadLocked does nothing when the room is there. It is s.turn that must be held.
func (s *Service) loadLocked(ctx context.Context, name string) error {
	for {
		s.mu.Lock()
		there, removals := s.rooms[name] != nil, s.removals
		s.mu.Unlock()
		if there {
			return nil
		}
		stored, err := s.read(ctx, name)
		if err != nil {
			return err
		}
		if s.install(name, s.trackWhatFits(name, stored), removals) {
			return nil
		}
		// The room was removed meanwhile, and what was read with it.
	}
}

func (s *Service) install(name string, now settings, removals int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.removals != removals {
		s.router.Drop(name)
		return false
	}
	s.rooms[name] = &room{settings: now, viewers: make(map[string]struct{}), empty: time.Now()}
	return true
}

// Removed says that rooms of the chat are gone, and with them what was stored of
// their live posts. It does not wait.
func (s *Service) Removed(names []string) {
	s.mu.Lock()
	s.removals++
	var told []string
	for _, name := range names {
		r := s.rooms[name]
		if r == nil {
			continue
		}
		s.dropLocked(name)
		if len(r.viewers) > 0 { // they look on, at nothing
			s.rooms[name] = &room{viewers: r.viewers}
			s.router.Watch(name, true)
			told = append(told, name)
		}
	}
	s.mu.Unlock()
	for _, name := range told {
		s.opts.Broadcaster.Followers(name, EventWords, s.words(name, settings{}, ""))
	}
}

// keepForgetting drops the rooms that nobody has looked at for long. Who comes
// back to one finds its settings in the store.
func (s *Service) keepForgetting() {
	every := time.NewTicker(s.opts.Forget / 4)
	defer every.Stop()
	for {
		select {
		case <-s.running.Done():
			return
		case <-every.C:
		}
		if s.lock(s.running) != nil {
			return
		}
		s.forget(time.Now().Add(-s.opts.Forget))
		s.unlock()
	}
}

func (s *Service) forget(since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, r := range s.rooms {
		if len(r.viewers) == 0 && r.empty.Before(since) {
			s.dropLocked(name)
		}
	}
}

// lock lets one at a time read or change settings. Waiting ends with ctx, since
// whoever is before us may wait for the store.
func (s *Service) lock(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return chat.Unavailable(context.Cause(ctx))
	}
}

func (s *Service) unlock() { <-s.turn }

func (s *Service) storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.opts.StoreTimeout)
}

// view is a room as conn sees it.
func (s *Service) view(name, conn string) *View {
	s.mu.Lock()
	var now settings
	if r := s.rooms[name]; r != nil {
		now = r.settings
	}
	s.mu.Unlock()
	_, err := s.opts.Chat.Permit(name, conn, chat.VerbTrack)
	posts := []feed.Shown{}
	for _, p := range s.router.Recent(name) {
		if !now.mutes(p.Source, p.Author.ID) {
			posts = append(posts, p)
		}
	}
	words := s.words(name, now, "")
	return &View{
		Room: name, On: true, May: err == nil,
		Words: words.Words, Langs: words.Langs, Muted: words.Muted, Rate: words.Rate,
		Limits:  Limits{Words: s.opts.MaxPhrases, Phrase: feed.MaxPhrase},
		Sources: s.router.Sources(), Posts: posts, Meta: s.router.Stats(name),
	}
}

// isGone tells an error of a room that is not stored.
func isGone(err error) bool { return errors.Is(err, chat.ErrNoRoom) }
