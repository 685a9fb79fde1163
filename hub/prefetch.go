package hub

// With thousands of members most of what a broadcast looks at is in memory and
// not in the processor's cache, and a member is several objects, each known from
// the one before: looked at one member after the other, every step waits for
// memory. The processor fetches for several members at once when it is shown
// them in a short loop that waits for none of them.

// ahead is how many members are shown at once: with what the kernel needs for a
// write to each they fit into the second cache.
const ahead = 16

// Prefetcher is a [Member] that can be shown to the processor ahead. Prefetch
// reads something of each object that Push and Flush look at, without any lock,
// and returns it, so that the reading is not left out.
type Prefetcher interface{ Prefetch() uint32 }

// prefetch shows members to the processor.
//
//go:noinline
func prefetch(members []Member) (seen uint32) {
	for _, m := range members {
		if p, ok := m.(Prefetcher); ok {
			seen += p.Prefetch()
		}
	}
	return seen
}

// prefetchSlots is prefetch for the members of a room.
//
//go:noinline
func prefetchSlots(slots []slot) (seen uint32) {
	for i := range slots {
		if e := slots[i].entry; e != nil {
			if p, ok := e.member.(Prefetcher); ok {
				seen += p.Prefetch()
			}
		}
	}
	return seen
}
