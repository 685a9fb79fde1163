package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"rightnow/feed"
)

func shownPost() *feed.Shown {
	return &feed.Shown{
		Post: feed.Post{
			Source: "bluesky", ID: "1", Author: feed.Author{ID: "did:x", Handle: "ada.example", Name: "Ada"},
			Text: "Our first #golang server\n\nis live", URL: "https://a.example/1", CreatedAt: time.Unix(1000, 0),
		},
		Matched: []string{"golang"},
	}
}

func TestTextOf(t *testing.T) {
	at := &look{source: "Bluesky", now: time.Unix(1130, 0)}
	for _, test := range []struct {
		name   string
		change func(*feed.Shown, *look)
		want   string
	}{
		{"plain", func(*feed.Shown, *look) {}, "@ada.example (Ada) · Bluesky · 2 min ago\n  Our first #golang server / is live\n  https://a.example/1\n"},
		{"in colours", func(_ *feed.Shown, l *look) { l.color = true },
			"\x1b[1m@ada.example (Ada)\x1b[0m\x1b[2m · Bluesky · 2 min ago\x1b[0m\n  Our first #\x1b[1;33mgolang\x1b[0m server / is live\n  \x1b[2mhttps://a.example/1\x1b[0m\n"},
		{"edited, by a bot, with a picture, without a link", func(s *feed.Shown, l *look) {
			l.edited, s.Author.Bot, s.URL, s.Media = true, true, "", []feed.Media{{}}
		}, "@ada.example (Ada) · Bluesky · 2 min ago · bot · edited · 1 attached\n  Our first #golang server / is live\n"},
		{"warned", func(s *feed.Shown, _ *look) { s.Warning, s.URL = "Spiders", "" }, "@ada.example (Ada) · Bluesky · 2 min ago\n  [Spiders; --sensitive prints it]\n"},
		{"sensitive", func(s *feed.Shown, _ *look) { s.Sensitive, s.URL = true, "" }, "@ada.example (Ada) · Bluesky · 2 min ago\n  [marked as not for everybody; --sensitive prints it]\n"},
		{"wanted all the same", func(s *feed.Shown, l *look) { s.Warning, s.URL, l.sensitive = "Spiders", "", true },
			"@ada.example (Ada) · Bluesky · 2 min ago\n  [Spiders] Our first #golang server / is live\n"},
		{"a tag alone", func(s *feed.Shown, _ *look) { s.Text, s.Tags, s.URL = "hello", []string{"golang"}, "" }, "@ada.example (Ada) · Bluesky · 2 min ago\n  hello #golang\n"},
		{"nobody's name", func(s *feed.Shown, _ *look) { s.Author.Handle, s.Author.Name, s.URL = "", "", "" }, "did:x · Bluesky · 2 min ago\n  Our first #golang server / is live\n"},
	} {
		s, l := shownPost(), *at
		test.change(s, &l)
		if got := textOf(s, &l); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// Nothing that a post says can tell a terminal what to do, even if the router had
// forgotten to clean it.
func FuzzTextOf(f *testing.F) {
	f.Add("\x1b]0;title\x07", "\x9b31m", "\u202eeffoc", "https://a.example/\x1b[2J")
	f.Add("a\r\nb\x00", "\u2028", "\ufeff", "\x7f")
	f.Fuzz(func(t *testing.T, text, handle, name, link string) {
		s := &feed.Shown{Post: feed.Post{Source: "replay", ID: "1", Author: feed.Author{ID: handle, Handle: handle, Name: name}, Text: text, Warning: name, URL: link, Tags: []string{text}}, Matched: []string{"golang"}}
		got := textOf(s, &look{sensitive: true}) + goneText(printed{handle, name, text}, "deleted", false) + stateText(&feed.SourceStatus{Title: name, State: feed.State{Reason: text}})
		for _, r := range got {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d') {
				t.Fatalf("%U in %q", r, got)
			}
		}
		if n := strings.Count(got, "\n"); n > 4 {
			t.Errorf("%d lines: %q", n, got)
		}
	})
}

// printer is a feedPrinter that writes into buffers.
func printer(f *feedFlags) (p *feedPrinter, out, told *bytes.Buffer, cause func() error) {
	ctx, enough := context.WithCancelCause(context.Background())
	out, told = &bytes.Buffer{}, &bytes.Buffer{}
	f.settings = &settingFlags{}
	return newFeedPrinter(f, nil, out, told, enough), out, told, func() error { return context.Cause(ctx) }
}

func TestPrinterWaitsForNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, out, _, _ := printer(&feedFlags{})
		defer p.close()
		nameless := shownPost()
		nameless.Author.Handle, nameless.Author.Name = "", ""
		p.Post("", nameless)
		if out.Len() > 0 {
			t.Errorf("printed at once: %s", out)
		}
		p.Post("", shownPost())
		if !strings.HasPrefix(out.String(), "@ada.example") {
			t.Errorf("%q", out)
		}
		time.Sleep(10 * time.Second)
		if strings.Count(out.String(), "golang") != 1 {
			t.Errorf("%q", out)
		}

		out.Reset()
		nameless.ID = "2"
		p.Post("", nameless)
		time.Sleep(nameWait)
		synctest.Wait()
		if !strings.HasPrefix(out.String(), "did:x ") {
			t.Errorf("%q", out)
		}

		out.Reset()
		nameless.ID = "3"
		p.Post("", nameless)
		p.Retract([]string{reader}, feed.Ref{Source: "bluesky", ID: "3"})
		time.Sleep(10 * time.Second)
		if out.Len() > 0 {
			t.Errorf("printed after it was deleted: %q", out)
		}
	})
}

func TestPrinterTellsWhatIsGone(t *testing.T) {
	p, out, _, _ := printer(&feedFlags{})
	p.Post("", shownPost())
	edited := shownPost()
	edited.Text = "Our second golang server"
	p.Post("", edited)
	other := shownPost()
	other.ID = "2"
	p.Post("", other)
	out.Reset()
	p.Retract(nil, feed.Ref{Source: "bluesky", ID: "1"})
	p.Retract([]string{reader}, feed.Ref{Source: "replay", ID: "1"})
	p.Retract([]string{reader}, feed.Ref{Source: "bluesky", ID: "1"})
	p.Retract([]string{reader}, feed.Ref{Source: "bluesky", ID: "1"})
	p.Hide([]string{reader}, feed.Ref{Source: "bluesky", AuthorID: "did:x"})
	want := "- deleted: @ada.example: Our second golang server\n- edited, and does not match any more: @ada.example: Our first #golang server / is live\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestPrinterJSON(t *testing.T) {
	p, out, _, cause := printer(&feedFlags{json: true, count: 2})
	p.Post("", shownPost())
	p.Retract([]string{reader}, feed.Ref{Source: "bluesky", ID: "1"})
	again := shownPost()
	again.ID, again.Text = "2", "\u009b2J\x7f"
	p.Post("", again)
	again.ID = "3"
	p.Post("", again)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"matched":["golang"]`) || lines[1] != `{"gone":{"how":"deleted","id":"1","source":"bluesky"}}` || !strings.Contains(lines[2], `"text":"\u009b2J\u007f"`) {
		t.Fatalf("%q", lines)
	}
	for _, l := range lines {
		if !json.Valid([]byte(l)) {
			t.Errorf("%q", l)
		}
	}
	if !errors.Is(cause(), errEnough) {
		t.Errorf("%v", cause())
	}
}

func TestPrinterStates(t *testing.T) {
	p, _, told, cause := printer(&feedFlags{})
	at := func(phase feed.Phase, reason string) {
		p.Sources([]feed.SourceStatus{{Name: "x", Title: "X", State: feed.State{Phase: phase, Reason: reason}}})
	}
	at(feed.PhaseConnecting, "")
	at(feed.PhaseWaiting, "It is cut.")
	at(feed.PhaseConnecting, "It is cut.")
	at(feed.PhaseWaiting, "It is cut.")
	at(feed.PhaseLive, "")
	if cause() != nil {
		t.Error(cause())
	}
	at(feed.PhaseFailed, "The key is wrong.")
	want := "rightnow: X: connecting\nrightnow: X: waiting: It is cut.\nrightnow: X: live\nrightnow: X: failed: The key is wrong.\n"
	if told.String() != want {
		t.Errorf("%q", told)
	}
	if err := cause(); err == nil || err.Error() != "no source is left: X: The key is wrong." {
		t.Errorf("%v", err)
	}
}

func TestPrinterForgets(t *testing.T) {
	p, _, _, _ := printer(&feedFlags{})
	p.out = io.Discard
	for i := range 2 * maxPrinted {
		s := shownPost()
		s.ID = string(rune(0x4e00 + i))
		p.Post("", s)
	}
	if len(p.printed) != maxPrinted || len(p.order) != maxPrinted {
		t.Errorf("%d and %d remembered", len(p.printed), len(p.order))
	}
}
