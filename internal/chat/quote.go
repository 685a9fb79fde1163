package chat

// Quote is a public post that somebody has brought into the chat. What its author
// deletes is removed here too: then there are only Source, ID and Removed. Of what
// must not be stored there are only Source, ID and URL.
type Quote struct {
	Source   string `json:"source"`
	ID       string `json:"id"`
	AuthorID string `json:"author_id,omitempty"`
	Author   string `json:"author,omitempty"` // the name that is shown
	Handle   string `json:"handle,omitempty"`
	// Warning is what its author put before it, and Sensitive says that it is not
	// for everybody: with either, Text is for those who ask to see it.
	Warning   string `json:"warning,omitempty"`
	Sensitive bool   `json:"sensitive,omitempty"`
	Text      string `json:"text,omitempty"`
	URL       string `json:"url,omitempty"`
	At        int64  `json:"at,omitempty"` // when it was written, milliseconds since 1970
	Removed   bool   `json:"removed,omitempty"`
	// Native is what the source's own deletions call the post, when it is not ID:
	// for the store, not for people.
	Native string `json:"-"`
}

// size is how many bytes of text the quote brings into an answer.
func (q *Quote) size() int {
	if q == nil {
		return 0
	}
	return len(q.Source) + len(q.ID) + len(q.AuthorID) + len(q.Author) + len(q.Handle) + len(q.Warning) + len(q.Text) + len(q.URL)
}

// Ref names the post and its author.
func (q *Quote) Ref() QuoteRef {
	return QuoteRef{Source: q.Source, ID: q.ID, Native: q.Native, AuthorID: q.AuthorID}
}

// Gone is what is left of the quote when its post was deleted.
func (q *Quote) Gone() *Quote { return &Quote{Source: q.Source, ID: q.ID, Removed: true} }

// QuoteRef names what is quoted. Where quotes are to be removed it means one post,
// by its ID or its Native id; or, with neither, all posts of an author; or, with
// no author either, all posts of the source.
type QuoteRef struct{ Source, ID, Native, AuthorID string }

// Means tells whether r, as it stands in [Store.RemoveQuotes], names the post of q.
func (r QuoteRef) Means(q *Quote) bool {
	same := func(a, b string) bool { return a != "" && a == b }
	switch {
	case r.Source != q.Source:
		return false
	case r.ID != "" || r.Native != "":
		return same(r.ID, q.ID) || same(r.Native, q.Native)
	}
	return r.AuthorID == "" || r.AuthorID == q.AuthorID
}

// Quoted is where a post is quoted.
type Quoted struct {
	Room       string
	Seq        int64
	Source, ID string
}
