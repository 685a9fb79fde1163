package chat

// Quote is a public post that somebody has brought into the chat. What its author
// deletes is removed here too: then there are only Source, ID and Removed.
type Quote struct {
	Source   string `json:"source"`
	ID       string `json:"id"`
	AuthorID string `json:"author_id,omitempty"`
	Author   string `json:"author,omitempty"` // the name that is shown
	Handle   string `json:"handle,omitempty"`
	Text     string `json:"text,omitempty"`
	URL      string `json:"url,omitempty"`
	At       int64  `json:"at,omitempty"` // when it was written, milliseconds since 1970
	Removed  bool   `json:"removed,omitempty"`
}

// size is how many bytes of text the quote brings into an answer.
func (q *Quote) size() int {
	if q == nil {
		return 0
	}
	return len(q.Source) + len(q.ID) + len(q.AuthorID) + len(q.Author) + len(q.Handle) + len(q.Text) + len(q.URL)
}

// Ref names the post, or all posts of the author.
func (q *Quote) Ref() QuoteRef { return QuoteRef{Source: q.Source, ID: q.ID, AuthorID: q.AuthorID} }

// Gone is what is left of the quote when its post was deleted.
func (q *Quote) Gone() *Quote { return &Quote{Source: q.Source, ID: q.ID, Removed: true} }

// QuoteRef names what is quoted. Where quotes are to be removed it means one post
// by its ID or, without an ID, all posts of an author.
type QuoteRef struct{ Source, ID, AuthorID string }

// Means tells whether r, as it stands in [Store.RemoveQuotes], names the post of q.
func (r QuoteRef) Means(q *Quote) bool {
	switch {
	case r.Source != q.Source:
		return false
	case r.ID != "":
		return r.ID == q.ID
	}
	return r.AuthorID != "" && r.AuthorID == q.AuthorID
}

// Place is where a message stands.
type Place struct {
	Room string
	Seq  int64
}
