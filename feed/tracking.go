package feed

import "fmt"

// Tracking is all that one owner wants, at once.
type Tracking struct {
	// Words are phrases as people write them, see [Phrase]: a post that has one of
	// them matches. One that begins with "-" and is nothing but that, -crypto or
	// -"hot take", keeps out what has it.
	Words []string `json:"words"`
	// Authors are followed, as "source:id": their posts match whatever they say.
	Authors []string `json:"authors,omitempty"`
	// Langs are the languages of posts that are shown, see [MeetsLangs]; empty: all.
	Langs []string `json:"langs,omitempty"`
	// Muted are authors, as "source:id", of whom nothing is shown.
	Muted []string `json:"muted,omitempty"`
	// Rate is how many posts a second are shown at most; 0 means Options.Rate.
	Rate float64 `json:"rate,omitempty"`
	// Sensitive has posts shown that are marked as not for everybody.
	Sensitive bool `json:"sensitive,omitempty"`
}

// The limits of a Tracking besides those of its phrases.
const (
	MaxTrackedLangs   = 50
	MaxTrackedAuthors = 500
	MaxMutedAuthors   = 1000
)

// LimitError says that more is to be tracked than may be.
type LimitError struct {
	What   string // phrases, authors, languages, muted authors
	Max    int
	Server bool   // it is the limit for all owners together
	Source string // the title of the source whose limit it is, if it is one's
}

func (e *LimitError) Error() string { return "feed: " + e.Reason() }

// Reason is a plain sentence for people.
func (e *LimitError) Reason() string {
	switch {
	case e.Source != "":
		return fmt.Sprintf("%s takes at most %d %s, of all who track something here.", e.Source, e.Max, e.What)
	case e.Server:
		return fmt.Sprintf("At most %d %s can be tracked on this server, and all are in use.", e.Max, e.What)
	default:
		return fmt.Sprintf("At most %d %s can be tracked.", e.Max, e.What)
	}
}

// AuthorKey is the author of a post as [Tracking] names it: "source:id".
func AuthorKey(source, id string) string { return source + ":" + id }
