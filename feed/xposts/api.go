package xposts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"rightnow/feed"
)

const (
	streamPath = "/2/tweets/search/stream"
	rulesPath  = streamPath + "/rules"
	tweetsPath = "/2/tweets"

	// fields is what we want to know of posts.
	fields = "tweet.fields=attachments,author_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,possibly_sensitive" +
		"&expansions=author_id,attachments.media_keys&user.fields=name,profile_image_url,username" +
		"&media.fields=alt_text,height,preview_image_url,type,url,width"

	// maxAnswer bounds an answer in bytes, maxPages a list of rules.
	maxAnswer = 4 << 20
	maxPages  = 10
)

// api is X's, as far as we ask it.
type api struct{ o *Options }

func (a *api) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("x: %w", err)
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.o.URL+path, content)
	if err != nil {
		return nil, &feed.Fatal{Reason: "The address of X's API is not valid."}
	}
	req.Header = http.Header{"Authorization": {"Bearer " + a.o.Token}, "User-Agent": {feed.UserAgent(a.o.Contact)}}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// stream opens the stream.
func (a *api) stream(ctx context.Context) (io.ReadCloser, error) {
	req, err := a.request(ctx, http.MethodGet, streamPath+"?"+fields, nil)
	if err != nil {
		return nil, err
	}
	resp, err := feed.Open(ctx, a.o.Client, req)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

// problem is an error that stands in an answer.
type problem struct {
	Value      string `json:"value"`
	ResourceID string `json:"resource_id"`
	Title      string `json:"title"`
}

// answer is one of any kind.
type answer struct {
	Data []rule `json:"data"`
	Meta struct {
		Next string `json:"next_token"`
	} `json:"meta"`
	Errors []problem `json:"errors"`
}

// rules are all that the app has.
func (a *api) rules(ctx context.Context) (all []rule, err error) {
	path := rulesPath
	for range maxPages {
		var got answer
		if err := a.ask(ctx, http.MethodGet, path, nil, &got); err != nil {
			return nil, err
		}
		all = append(all, got.Data...)
		if got.Meta.Next == "" {
			break
		}
		path = rulesPath + "?pagination_token=" + url.QueryEscape(got.Meta.Next)
	}
	return all, nil
}

// add adds rules, or with dry only has them looked at. It returns those that are
// refused; one that there is already is not.
func (a *api) add(ctx context.Context, rules []rule, dry bool) (refused []rule, err error) {
	if len(rules) == 0 {
		return nil, nil
	}
	path := rulesPath
	if dry {
		path += "?dry_run=true"
	}
	var got answer
	if err := a.ask(ctx, http.MethodPost, path, map[string]any{"add": rules}, &got); err != nil {
		return nil, err
	}
	wrong := map[string]bool{}
	for _, e := range got.Errors {
		wrong[e.Value] = e.Title != "DuplicateRule"
	}
	for _, r := range rules {
		if wrong[r.Value] {
			refused = append(refused, r)
		}
	}
	return refused, nil
}

// delete deletes rules.
func (a *api) delete(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return a.ask(ctx, http.MethodPost, rulesPath, map[string]any{"delete": map[string]any{"ids": ids}}, &answer{})
}

// gone returns which of some posts, at most a hundred, there are no more.
func (a *api) gone(ctx context.Context, ids []string) (gone []string, err error) {
	var got struct {
		Errors []problem `json:"errors"`
	}
	err = a.ask(ctx, http.MethodGet, tweetsPath+"?ids="+strings.Join(ids, ","), nil, &got)
	for _, e := range got.Errors {
		if e.ResourceID != "" {
			gone = append(gone, e.ResourceID)
		}
	}
	return gone, err
}

// ask asks. Of an answer that rules are wrong, 400, the body says which.
func (a *api) ask(ctx context.Context, method, path string, body, into any) error {
	req, err := a.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	resp, err := a.o.Client.Do(req)
	if err != nil {
		return fmt.Errorf("x: %w", err)
	}
	defer resp.Body.Close()
	status := feed.StatusOf(resp)
	if status != nil && resp.StatusCode != http.StatusBadRequest {
		return status
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into)
	named, ok := into.(*answer)
	switch {
	case status != nil && (err != nil || !ok || len(named.Errors) == 0 || named.Errors[0].Value == ""):
		return status
	case err != nil:
		return fmt.Errorf("x: answer of %s: %w", req.URL.Path, err)
	}
	return nil
}
