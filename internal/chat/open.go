package chat

import (
	"context"
	"errors"
	"time"
)

// open returns a room as it is stored, making it for the one who enters when it
// is new. The room must be claimed.
func (s *Service) open(ctx context.Context, name, title string, who identity, address string) (Room, error) {
	ctx, cancel := s.storeContext(ctx)
	defer cancel()
	room, err := s.opts.Store.Room(ctx, name)
	if !errors.Is(err, ErrNoRoom) {
		return stored(room, err)
	}
	if err := May(Actor{Proved: true}, VerbOpen, s.scene(name, 0)); err != nil {
		return Room{}, err
	}
	if err := s.lockRooms(ctx); err != nil {
		return Room{}, Unavailable(err)
	}
	defer s.unlockRooms()
	// Of many who come to a new room at once only the first has opened one.
	if room, err = s.opts.Store.Room(ctx, name); !errors.Is(err, ErrNoRoom) {
		return stored(room, err)
	}
	if err := s.spendOpening(address); err != nil {
		return Room{}, err
	}
	return stored(s.openOrReplace(ctx, newRoom(name, title, who.proof)))
}

// openOrReplace makes a room, in the place of one that is vacant when there are
// as many as may be. The rooms must be locked.
func (s *Service) openOrReplace(ctx context.Context, r Room) (Room, error) {
	for {
		room, _, err := s.opts.Store.OpenRoom(ctx, r, s.opts.MaxRooms)
		if !errors.Is(err, ErrTooManyRooms) {
			return room, err
		}
		// Once is enough, unless the limit was set lower since the rooms were made.
		removed, failed := s.removeVacant(ctx, time.Time{}, 1)
		switch {
		case failed != nil:
			return Room{}, failed
		case removed == 0:
			return Room{}, err
		}
	}
}

// stored makes what a store says about a room into what a person is told.
func stored(room Room, err error) (Room, error) {
	switch {
	case err == nil:
		return room, nil
	case errors.Is(err, ErrTooManyRooms):
		return Room{}, refuse(CodeTooManyRooms, "No further rooms can be opened here. Please choose one that exists.")
	}
	return Room{}, Unavailable(err)
}

func newRoom(name, title string, moderator []byte) Room {
	return Room{Name: name, Title: title, Moderator: moderator, CreatedAt: time.Now().UnixMilli()}
}

// lockRooms lets one at a time change which rooms there are. Waiting ends with
// ctx, since whoever is before us may wait for the store.
func (s *Service) lockRooms(ctx context.Context) error {
	select {
	case s.changing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *Service) unlockRooms() { <-s.changing }
