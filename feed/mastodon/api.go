package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"rightnow/feed"
)

const (
	// maxAnswer bounds an answer in bytes.
	maxAnswer = 4 << 20
	// page is how many posts a timeline gives at once.
	page = 40
	// batch is how many posts can be asked for by their ids.
	batch = 20
)

// api is the server's REST interface, as far as we ask it.
type api struct{ o *Options }

// instance is what the server says of itself.
type instance struct {
	Domain        string `json:"domain"`
	Configuration struct {
		URLs struct {
			Streaming string `json:"streaming"`
		} `json:"urls"`
		Access struct {
			Live    access `json:"live_feeds"`
			Hashtag access `json:"hashtag_feeds"`
		} `json:"timelines_access"`
	} `json:"configuration"`
}

// access says who may read a kind of timeline: public, authenticated, disabled;
// empty on servers before 4.5, where everybody may who has a token.
type access struct {
	Local  string `json:"local"`
	Remote string `json:"remote"`
}

// scope narrows what is wanted to what may be read. It reports false when that
// is nothing.
func (a access) scope(wanted Scope) (Scope, bool) {
	local := wanted != Remote && a.Local != "disabled"
	remote := wanted != Local && a.Remote != "disabled"
	switch {
	case local && remote:
		return All, true
	case local:
		return Local, true
	case remote:
		return Remote, true
	}
	return All, false
}

// instance asks where the server streams, and what.
func (a *api) instance(ctx context.Context) (*instance, error) {
	var i instance
	if err := a.get(ctx, "/api/v2/instance", nil, &i); err != nil {
		return nil, err
	}
	base, err := url.Parse(a.o.URL)
	if err != nil {
		return nil, &feed.Fatal{Reason: "The address of the Mastodon server is not valid."}
	}
	streaming := i.Configuration.URLs.Streaming
	if streaming == "" {
		streaming = a.o.URL
	}
	u, err := url.Parse(streaming)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, &feed.Fatal{Reason: "The Mastodon server names no valid address for its streams."}
	}
	safe := u.Scheme == "wss" || u.Scheme == "https"
	if !safe && (base.Scheme == "https" || base.Scheme == "wss") { // the token goes there
		return nil, &feed.Fatal{Reason: "The Mastodon server streams from an address that is not secure."}
	}
	i.Configuration.URLs.Streaming = strings.TrimSuffix(streaming, "/")
	if i.Domain == "" {
		i.Domain = base.Hostname()
	}
	return &i, nil
}

// timeline returns the posts of a stream after one of them, the newest first, and
// whether there may be more than it gives at once.
func (a *api) timeline(ctx context.Context, s subscription, since string) (posts []json.RawMessage, more bool, err error) {
	query := url.Values{"limit": {strconv.Itoa(page)}}
	if since != "" {
		query.Set("since_id", since)
	}
	if s.scope != All {
		query.Set(string(s.scope), "true")
	}
	path := "/api/v1/timelines/public"
	if s.tag != "" {
		path = "/api/v1/timelines/tag/" + url.PathEscape(s.tag)
	}
	err = a.get(ctx, path, query, &posts)
	return posts, len(posts) >= page, err
}

// statuses returns those posts that there still are.
func (a *api) statuses(ctx context.Context, ids []string) (posts []json.RawMessage, err error) {
	err = a.get(ctx, "/api/v1/statuses", url.Values{"id[]": ids}, &posts)
	return posts, err
}

func (a *api) get(ctx context.Context, path string, query url.Values, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, httpURL(a.o.URL)+path, nil)
	if err != nil {
		return &feed.Fatal{Reason: "The address of the Mastodon server is not valid."}
	}
	req.URL.RawQuery = query.Encode()
	req.Header = a.o.header()
	resp, err := a.o.Client.Do(req)
	if err != nil {
		return fmt.Errorf("mastodon: %w", err)
	}
	defer resp.Body.Close()
	if err := feed.StatusOf(resp); err != nil {
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("mastodon: answer of %s: %w", path, err)
	}
	return nil
}

// header is what each request has. The token stands nowhere else.
func (o *Options) header() http.Header {
	return http.Header{"Authorization": {"Bearer " + o.Token}, "User-Agent": {feed.UserAgent(o.Contact)}}
}

// httpURL is an address as HTTP has it.
func httpURL(address string) string {
	if rest, ok := strings.CutPrefix(address, "ws"); ok {
		return "http" + rest
	}
	return address
}
