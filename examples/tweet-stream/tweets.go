package main

import (
	"slices"
	"sync"

	"rightnow/feed"
	"rightnow/socketio"
)

const (
	given = 10 // tweets that somebody gets who comes later
	kept  = 20 // so that there are as many when some are deleted
)

// tweets are the last ones, the newest first, for those who come later. All
// methods may be called concurrently.
type tweets struct {
	io *socketio.Server

	// mu is held while something is emitted, which only queues it: so nobody
	// gets a tweet after a buffer that has it already, or misses one between.
	mu     sync.Mutex // guards following
	buffer []feed.Shown
	status string
}

// stream has everybody who connects to io see what the tracker finds.
func stream(io *socketio.Server, t *feed.Tracker) {
	all := &tweets{io: io, buffer: []feed.Shown{}, status: "Waiting for a source."}
	io.OnConnect(all.greet)
	t.OnTweet(all.add)
	t.OnDelete(all.remove)
	t.OnConnect(func(source string) { all.say("Live from " + source + ".") })
	t.OnReconnect(func(r feed.Reconnect) { all.say(r.Source + " is away: " + r.State.Reason) })
	t.OnError(func(err feed.SourceError) { all.say(err.Title + " has ended: " + err.Reason) })
}

// greet gives the last tweets to somebody new.
func (t *tweets) greet(s *socketio.Socket) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.Emit("buffer", t.newest())
	s.Emit("status", t.status)
}

// newest returns what somebody new gets. t.mu must be held.
func (t *tweets) newest() []feed.Shown { return t.buffer[:min(len(t.buffer), given)] }

// add tells everybody of a tweet, or of another revision of one.
func (t *tweets) add(tweet feed.Shown) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.IndexFunc(t.buffer, func(old feed.Shown) bool { return old.Source == tweet.Source && old.ID == tweet.ID }); i >= 0 {
		t.buffer[i] = tweet
	} else {
		t.buffer = slices.Insert(t.buffer, 0, tweet)
		t.buffer = t.buffer[:min(len(t.buffer), kept)]
	}
	t.io.Emit("tweet", tweet)
}

// remove takes back what was deleted, from the buffer and from every page.
func (t *tweets) remove(gone feed.Ref) {
	if gone.ID == "" && gone.Native != "" {
		return // a post that nobody was shown, by a name that no page knows
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buffer = slices.DeleteFunc(t.buffer, func(tweet feed.Shown) bool { return gone.Means(&tweet.Post) })
	t.io.Emit("delete", gone)
}

// say tells everybody how the sources do.
func (t *tweets) say(status string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status = status
	t.io.Emit("status", status)
}
