package main

import (
	"fmt"
	"log/slog"
	"os"

	"rightnow/feed"
	"rightnow/feed/jetstream"
	"rightnow/feed/replay"
	"rightnow/feed/rss"
	"rightnow/feed/wikimedia"
)

// source is where the posts come from: a file, or Bluesky.
func source(file string, bluesky bool) (feed.Source, error) {
	if bluesky {
		return jetstream.New(&jetstream.Options{Logger: slog.Default()}), nil
	}
	posts, err := read(file)
	if err != nil {
		return nil, err
	}
	author := func(id string) (feed.Author, bool) {
		p, known := posts.People[id]
		return feed.Author{ID: id, Handle: p.Handle, Name: p.Name}, known
	}
	// The file has the messages of several networks as those send them.
	return replay.New(&replay.Options{File: posts, Decoders: map[string]feed.Decoder{
		"bluesky":   &jetstream.Decoder{Author: author},
		"wikimedia": &wikimedia.Decoder{},
		"rss":       &rss.Decoder{},
	}})
}

// read reads a file of posts; "" is the one in the program.
func read(name string) (*replay.File, error) {
	if name == "" {
		return replay.Shipped(), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	posts, err := replay.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return posts, nil
}
