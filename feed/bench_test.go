package feed

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// benchPosts are posts of 200 characters as they come.
var benchPosts = map[string]Post{
	"english": {Text: "We just moved our chat from Node.js to #golang and Socket.IO still works: 10,000 people in one room, " +
		"no hiccups at all! The write-up is on https://blog.example.org/2026/11/right-now if you'd like to read it :)", Tags: []string{"golang"}},
	"german": {Text: "Für alle, die heute Nachmittag noch nichts vorhaben: Im Café am Königsplatz gibt es über Müßiggang und " +
		"Straßenlärm ein Gespräch mit großartigen Gästen, auch für Kinder über zwölf geeignet. Schön wär’s! #müßig"},
	"japanese": {Text: "今日は東京でGolangの勉強会がありました。初めて参加しましたが、チャットサーバーの実装についての発表がとても面白かったです。" +
		"次回は来月の予定で、場所はまだ決まっていないそうです。カレーもおいしかった！☕️ #golang " + strings.Repeat("また行きたいと思います。", 7)},
}

func BenchmarkRead(b *testing.B) {
	for name, post := range benchPosts {
		b.Run(name, func(b *testing.B) {
			var d Doc
			b.ReportAllocs()
			for b.Loop() {
				d.Read(&post)
			}
		})
	}
}

func BenchmarkClean(b *testing.B) {
	for name, post := range benchPosts {
		b.Run(name, func(b *testing.B) {
			now := time.Now()
			b.ReportAllocs()
			for b.Loop() {
				p := post
				p.Source, p.ID = "s", "1"
				if err := Clean(&p, now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// roomWords gives each of 100 rooms 50 phrases: some that all have, many of their
// own, one in ten of several words and one in ten odd.
func roomWords(b *testing.B) *Index {
	ix := NewIndex()
	for room := range 100 {
		owner := fmt.Sprintf("room %d", room)
		for i := range 50 {
			phrase := fmt.Sprintf("word%dx%d", room, i)
			switch {
			case i < 5:
				phrase = []string{"golang", "#golang", "chat node.js", "東京", "coffee -tea"}[i]
			case i%10 == 5:
				phrase = fmt.Sprintf("chat word%d", room*50+i)
			case i%10 == 6:
				phrase = fmt.Sprintf("%c%c語", 0x4e00+room*37+i, 0x5000+i*61)
			case i%10 == 7:
				phrase = fmt.Sprintf(`"right now %d"`, room*50+i)
			}
			p, err := ParsePhrase(phrase)
			if err != nil {
				b.Fatal(err)
			}
			ix.Add(owner, p)
		}
	}
	return ix
}

// BenchmarkMatch reads a post and finds who tracks it, of 100 owners with 50
// phrases each. percent/100 is the share of a core that a hundred such posts a
// second take.
func BenchmarkMatch(b *testing.B) {
	ix := roomWords(b)
	for name, post := range benchPosts {
		b.Run(name, func(b *testing.B) {
			var d Doc
			matches := 0
			b.ReportAllocs()
			for b.Loop() {
				d.Read(&post)
				ix.Match(&d, func(string, string) { matches++ })
			}
			b.ReportMetric(float64(matches)/float64(b.N), "matches/op")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)*100*100, "percent/100")
		})
	}
}

// BenchmarkOdd matches with 5,000 phrases that are parts of a text, all of which
// begin with the character that the post is full of.
func BenchmarkOdd(b *testing.B) {
	ix := NewIndex()
	for i := range 5000 {
		p, err := ParsePhrase(fmt.Sprintf("日%c%s%c", 0x4e00+i, strings.Repeat("本", i%17), 0x5000+i))
		if err != nil {
			b.Fatal(err)
		}
		ix.Add("room", p)
	}
	post := Post{Text: strings.Repeat("日本", 1000)}
	var d Doc
	b.ReportAllocs()
	for b.Loop() {
		d.Read(&post)
		ix.Match(&d, func(string, string) {})
	}
}
