package feed

import "time"

// memory remembers keys for a time, and only the last ones. It is not for
// concurrent use. Keys are hashes: with 64 bits and a hundred thousand of them, one
// that is taken for another is not to be expected in the life of a server.
type memory struct {
	max int
	age time.Duration

	at    map[uint64]time.Time
	order []uint64 // a ring of keys, the oldest at first
	first int
	count int
}

func newMemory(max int, age time.Duration) *memory {
	return &memory{max: max, age: age, at: map[uint64]time.Time{}}
}

// add remembers a key as of now. One that is remembered already keeps its time,
// and add reports false.
func (m *memory) add(key uint64, now time.Time) bool {
	m.forget(now)
	if _, known := m.at[key]; known {
		return false
	}
	if m.count == m.max {
		m.drop()
	}
	m.grow()
	m.order[(m.first+m.count)%len(m.order)] = key
	m.count++
	m.at[key] = now
	return true
}

// when tells since when a key is remembered.
func (m *memory) when(key uint64, now time.Time) (time.Time, bool) {
	at, known := m.at[key]
	return at, known && now.Sub(at) < m.age
}

// renew is add, but a key that is remembered already begins anew. Those behind it
// may be remembered for longer by that, up to the number that are.
func (m *memory) renew(key uint64, now time.Time) {
	if !m.add(key, now) {
		m.at[key] = now
	}
}

// forget drops what is too old.
func (m *memory) forget(now time.Time) {
	for m.count > 0 {
		if at := m.at[m.order[m.first]]; now.Sub(at) < m.age {
			return
		}
		m.drop()
	}
}

// drop forgets the oldest.
func (m *memory) drop() {
	delete(m.at, m.order[m.first])
	m.first = (m.first + 1) % len(m.order)
	m.count--
}

// grow makes room for one more.
func (m *memory) grow() {
	if m.count < len(m.order) {
		return
	}
	larger := make([]uint64, min(m.max, max(64, 2*len(m.order))))
	n := copy(larger, m.order[m.first:])
	copy(larger[n:], m.order[:m.first])
	m.order, m.first = larger, 0
}
