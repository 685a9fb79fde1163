package feed

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// nobody is a Receiver that does nothing.
type nobody struct{}

func (nobody) Post(string, *Shown)    {}
func (nobody) Retract([]string, Ref)  {}
func (nobody) Hide([]string, Ref)     {}
func (nobody) Meta(string, Meta)      {}
func (nobody) Sources([]SourceStatus) {}

// benchRouter is a router with a hundred owners who track fifty phrases each, ten
// of which all have.
func benchRouter(b *testing.B) *Router {
	r := NewRouter(&Options{Receiver: nobody{}, Sources: []Source{&upstream{name: "sim"}}})
	for i := range 100 {
		words := []string{}
		for j := range 50 {
			if j < 10 {
				words = append(words, fmt.Sprint("shared", j))
			} else {
				words = append(words, fmt.Sprintf("word%d own%d", i, j))
			}
		}
		if _, err := r.Track(fmt.Sprint("room", i), Tracking{Words: words}); err != nil {
			b.Fatal(err)
		}
		r.Watch(fmt.Sprint("room", i), true)
	}
	return r
}

// BenchmarkRoute has each post match for all of a hundred owners, a hundred posts
// in a second of the router's time: what one is cleaned, matched, limited and
// handed over for. At 100 a second one core is busy for 100 × ns/op.
func BenchmarkRoute(b *testing.B) {
	r := benchRouter(b)
	now := time.Now()
	r.due(now)
	posts := routedPosts()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p := posts[i%len(posts)]
		p.ID, p.Author.ID = fmt.Sprint(i), fmt.Sprint(i%31)
		r.feeders[0].Offer(p)
		now = now.Add(10 * time.Millisecond)
		r.step(now)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)*100/float64(time.Second)*100, "%core@100/s")
}

func routedPosts() []Post {
	var posts []Post
	for i := range 10 {
		posts = append(posts, Post{
			Text: fmt.Sprintf("We have been at it for some weeks, and today shared%d is there: see https://blog.example/posts/%d "+
				"for what it does, how fast it is, and what we want to do next. #release #shared%d ☕️", i, i, (i+3)%10),
			Tags: []string{"release"}, Langs: []string{"en"}, URL: "https://social.example/p/1",
		})
	}
	return posts
}

// BenchmarkRouteQuiet is the same for posts that nobody tracks: most of them.
func BenchmarkRouteQuiet(b *testing.B) {
	r := benchRouter(b)
	now := time.Now()
	p := Post{Text: "We have been at it for some weeks, and today it is there, as fast as we wanted it to be. #release"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.ID = fmt.Sprint(i)
		r.feeders[0].Offer(p)
		now = now.Add(time.Millisecond)
		r.step(now)
	}
}

// BenchmarkOffer is what a post costs the source that brings it, the router
// being busy with another one.
func BenchmarkOffer(b *testing.B) {
	r := benchRouter(b)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }() // ends with cancel
	p := routedPosts()[0]
	out := r.feeders[0]
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.ID = fmt.Sprint(i)
		out.Offer(p)
	}
	cancel()
	<-ended
}
