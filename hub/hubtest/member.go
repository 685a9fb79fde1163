package hubtest

import (
	"sync"

	"rightnow/hub"
)

// Member is a hub.Member in memory: it keeps what is pushed to it. All methods
// may be called concurrently.
type Member struct {
	id  string
	enc hub.Encoder

	mu      sync.Mutex // guards all below
	queue   []hub.Frame
	written []hub.Frame
	dirty   bool
	flushes int
}

var _ hub.Member = (*Member)(nil)

// NewMember returns a member whose frames are the messages themselves.
func NewMember(id string) *Member { return NewMemberWith(id, Encoder{}) }

// NewMemberWith returns a member with another encoder.
func NewMemberWith(id string, enc hub.Encoder) *Member { return &Member{id: id, enc: enc} }

func (m *Member) ID() string           { return m.id }
func (m *Member) Encoder() hub.Encoder { return m.enc }

func (m *Member) Push(f hub.Frame, _ hub.Class) (dirty bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue = append(m.queue, f)
	dirty = !m.dirty
	m.dirty = true
	return dirty
}

func (m *Member) Flush() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.flushes++
	m.dirty = false
	m.written = append(m.written, m.queue...)
	clear(m.queue)
	m.queue = m.queue[:0]
}

// Written returns the frames flushed so far.
func (m *Member) Written() []hub.Frame {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]hub.Frame(nil), m.written...)
}

// Pushed returns the frames pushed so far, flushed or not.
func (m *Member) Pushed() []hub.Frame {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(append([]hub.Frame(nil), m.written...), m.queue...)
}

// Events returns the events of the messages pushed so far; the member's
// encoder must be an Encoder.
func (m *Member) Events() []string {
	var names []string
	for _, f := range m.Pushed() {
		names = append(names, f.(*hub.Message).Event)
	}
	return names
}

// Flushes returns how often Flush was called.
func (m *Member) Flushes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.flushes
}

// Encoder makes every message its own frame. Encoders with different names
// have different keys.
type Encoder struct{ Name string }

func (e Encoder) Key() any { return e }

func (e Encoder) Encode(m *hub.Message) (hub.Frame, error) { return m, nil }
