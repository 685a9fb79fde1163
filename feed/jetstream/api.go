package jetstream

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"rightnow/feed"
)

const (
	// maxAnswer bounds an answer of the API in bytes.
	maxAnswer = 4 << 20
	// apiTimeout bounds a question to it.
	apiTimeout = 10 * time.Second
)

// api is Bluesky's public API, as far as we ask it.
type api struct {
	client *http.Client
	base   string
	agent  string
	log    *slog.Logger
}

// answer is what it says of an author, and of a post of theirs.
type answer struct {
	author    feed.Author
	hidden    bool // the author must not be shown to everybody
	takenDown bool // this post must not
	sensitive bool
}

// profile is an author in an answer.
type profile struct {
	DID         string  `json:"did"`
	Handle      string  `json:"handle"`
	DisplayName string  `json:"displayName"`
	Avatar      string  `json:"avatar"`
	Labels      []value `json:"labels"`
}

// posts asks for posts, at most as many as make a batch, by their ids.
func (a *api) posts(ctx context.Context, ids []string) (map[string]answer, error) {
	var body struct {
		Posts []struct {
			URI    string  `json:"uri"`
			Author profile `json:"author"`
			Labels []value `json:"labels"`
		} `json:"posts"`
	}
	if err := a.get(ctx, "app.bsky.feed.getPosts", url.Values{"uris": ids}, &body); err != nil {
		return nil, err
	}
	found := map[string]answer{}
	for _, p := range body.Posts {
		if who, ok := p.Author.answer(); ok {
			who.takenDown = has(p.Labels, "!hide", "!takedown")
			who.sensitive = who.sensitive || sensitive(p.Labels)
			found[p.URI] = who
		}
	}
	return found, nil
}

// profiles asks for authors, at most as many as make a batch, by their DIDs.
func (a *api) profiles(ctx context.Context, dids []string) (map[string]answer, error) {
	var body struct {
		Profiles []profile `json:"profiles"`
	}
	if err := a.get(ctx, "app.bsky.actor.getProfiles", url.Values{"actors": dids}, &body); err != nil {
		return nil, err
	}
	found := map[string]answer{}
	for _, p := range body.Profiles {
		if who, ok := p.answer(); ok {
			found[p.DID] = who
		}
	}
	return found, nil
}

// answer takes a profile over, if it names somebody. Rooms are open to guests, so
// who wants to be shown only to members of Bluesky is not shown.
func (p *profile) answer() (answer, bool) {
	if !isDID(p.DID) {
		return answer{}, false
	}
	who := answer{
		author:    nobody(p.DID),
		hidden:    has(p.Labels, "!no-unauthenticated", "!hide", "!takedown"),
		sensitive: sensitive(p.Labels),
	}
	if p.Handle != "handle.invalid" {
		who.author.Handle = p.Handle
	}
	who.author.Name, who.author.Avatar = p.DisplayName, p.Avatar
	who.author.Bot = has(p.Labels, "bot")
	return who, true
}

func (a *api) get(ctx context.Context, method string, query url.Values, into any) error {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	err := a.ask(ctx, method, query, into)
	if err != nil && ctx.Err() == nil {
		a.log.Debug("bluesky does not tell authors", "method", method, "error", err)
	}
	return err
}

func (a *api) ask(ctx context.Context, method string, query url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+"/xrpc/"+method+"?"+query.Encode(), nil)
	if err != nil {
		return fmt.Errorf("bluesky: %w", err)
	}
	req.Header.Set("User-Agent", a.agent)
	resp, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("bluesky: %w", err)
	}
	defer resp.Body.Close()
	if err := feed.StatusOf(resp); err != nil {
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("bluesky: answer of %s: %w", method, err)
	}
	return nil
}
