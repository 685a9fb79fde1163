package feed

import (
	"fmt"
	"time"
)

// Fatal is an error that no retry can mend: a key that is refused, a feed that
// is gone. The source stops with it.
type Fatal struct {
	Reason string // a plain sentence for people, without secrets
}

func (e *Fatal) Error() string { return "feed: " + e.Reason }

// StatusError is an answer of the upstream other than success.
type StatusError struct {
	Status int
	// After is when the upstream allows another try; zero: it did not say.
	After  time.Time
	Reason string // a plain sentence for people, without secrets
}

func (e *StatusError) Error() string { return fmt.Sprintf("feed: status %d: %s", e.Status, e.Reason) }
