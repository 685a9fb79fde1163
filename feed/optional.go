package feed

import "time"

// Resumer is a [Source] that can go on where an earlier process stopped.
type Resumer interface {
	// Resume sets from where the next Run goes on, by the last cursor that was
	// given to Sink.Cursor. It is called before Run. A cursor that is empty or can't
	// be read is ignored.
	Resume(cursor string)
}

// Enricher is a [Source] whose stream leaves out what has to be asked for, such
// as the names of authors. That is done only for what somebody sees.
type Enricher interface {
	// Enrich says that posts are shown to somebody. It does not block. Soon after,
	// the source offers those again to the Sink of its Run that it could complete:
	// with the same ID and text and another Rev, a revision that takes the place of
	// the first. It retracts those that it learns must not be shown. A post that
	// needs nothing is left alone, so that all can be given, also the completed ones.
	Enrich(posts ...Post)
}

// Spender is a [Source] that pays for the posts it gets.
type Spender interface {
	// Spent tells what was spent today. It does not block, and may be called by
	// whatever the source has called.
	Spent() Spending
}

// Spending is what a source has spent, and may.
type Spending struct {
	Posts   int       `json:"posts"`   // that were bought since the budget was renewed
	Budget  int       `json:"budget"`  // most posts until it is renewed
	Dollars float64   `json:"dollars"` // what Posts cost, about
	Renews  time.Time `json:"renews"`
}
