package sioadmin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// Store keeps the ids of the sessions of admins that have signed in. Several servers may share one.
// All methods may be called concurrently.
type Store interface {
	// Save keeps an id for as long as the store keeps any.
	Save(ctx context.Context, id string) error
	// Exists reports whether an id has been saved and is still good.
	Exists(ctx context.Context, id string) (bool, error)
}

const (
	defaultSessionTTL = 24 * time.Hour
	maxSessions       = 1000
)

// MemoryStore is a [Store] that forgets everything when the program ends. It keeps the thousand
// newest sessions.
type MemoryStore struct {
	ttl time.Duration // fixed at creation

	mu    sync.Mutex // guards following
	until map[[sha256.Size]byte]time.Time
}

var _ Store = (*MemoryStore)(nil)

// NewMemoryStore returns a store whose sessions are good for ttl; 0 is 24 h.
func NewMemoryStore(ttl time.Duration) *MemoryStore {
	if ttl <= 0 {
		ttl = defaultSessionTTL
	}
	return &MemoryStore{ttl: ttl, until: make(map[[sha256.Size]byte]time.Time)}
}

// Save implements Store.
func (m *MemoryStore) Save(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.until) >= maxSessions {
		m.makeRoomLocked()
	}
	m.until[sha256.Sum256([]byte(id))] = time.Now().Add(m.ttl)
	return nil
}

// makeRoomLocked forgets what is over, and the oldest session if nothing is. m.mu must be held.
func (m *MemoryStore) makeRoomLocked() {
	now := time.Now()
	var oldest [sha256.Size]byte
	var first time.Time
	for key, until := range m.until {
		if !until.After(now) {
			delete(m.until, key)
			continue
		}
		if first.IsZero() || until.Before(first) {
			oldest, first = key, until
		}
	}
	if len(m.until) >= maxSessions {
		delete(m.until, oldest)
	}
}

// Exists implements Store. What it takes does not tell how much of an id is right: ids are looked
// for by their hash.
func (m *MemoryStore) Exists(_ context.Context, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.until[sha256.Sum256([]byte(id))].After(time.Now()), nil
}

// newSessionID returns 32 hexadecimal digits that cannot be guessed.
func newSessionID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
