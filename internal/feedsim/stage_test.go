package feedsim

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rightnow/feed/replay"
)

const stageFile = `{"replay":1,"loop":true,"span_ms":60000}
{"t":1000,"src":"wikimedia","wire":{"n":"a{{loop}}","meta":{"dt":"{{now}}","stream":"mediawiki.recentchange"}}}
{"t":2000,"src":"rss","wire":"<feed><title>T</title><entry>one{{loop}}</entry></feed>"}
{"t":3000,"src":"wikimedia","do":"beat"}
{"t":4000,"src":"rss","wire":"<feed><title>T</title><entry>two{{loop}}</entry></feed>"}
{"t":5000,"src":"wikimedia","do":"429","for":8000}
{"t":20000,"src":"wikimedia","wire":{"n":"b{{loop}}","meta":{"dt":"{{now}}","stream":"mediawiki.recentchange"}}}
`

// onStage asks a stage that has begun just now.
func onStage(t *testing.T, test func(get func(path string) (int, http.Header, string))) {
	t.Helper()
	f, err := replay.Read(strings.NewReader(stageFile))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		mem := Listen(NewStage(f, 1))
		defer mem.Close()
		test(func(path string) (int, http.Header, string) {
			req, _ := http.NewRequest(http.MethodGet, "http://stage.test"+path, nil)
			req.Header.Set("User-Agent", "Test/1 (admin@example.com)")
			req.Header.Set("Accept", "text/event-stream")
			resp, err := mem.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body) // a stream ends with its cut
			return resp.StatusCode, resp.Header, string(body)
		})
	})
}

func TestStageGoesOnForAll(t *testing.T) {
	onStage(t, func(get func(string) (int, http.Header, string)) {
		begin := time.Now()
		_, _, body := get(WikimediaPath + "recentchange")
		if !strings.Contains(body, `"n":"a"`) || !strings.HasSuffix(body, "\n\n:\n\n") || time.Since(begin) != 5*time.Second {
			t.Errorf("%q after %v", body, time.Since(begin))
		}
		status, header, _ := get(WikimediaPath + "recentchange")
		if status != 429 || header.Get("Retry-After") != "9" {
			t.Errorf("%d %v", status, header)
		}
		time.Sleep(10 * time.Second)
		_, _, body = get(WikimediaPath + "recentchange")
		if strings.Contains(body, `"n":"a"`) || !strings.Contains(body, `"n":"b"`) || !strings.Contains(body, `"n":"a1"`) {
			t.Errorf("%q", body)
		}
	})
}

func TestStageFeedGrows(t *testing.T) {
	onStage(t, func(get func(string) (int, http.Header, string)) {
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{time.Second, `<feed xmlns="http://www.w3.org/2005/Atom"><title>Nothing yet</title></feed>`},
			{2 * time.Second, `<feed><title>T</title><entry>one</entry></feed>`},
			{2 * time.Second, `<feed><title>T</title><entry>two</entry><entry>one</entry></feed>`},
			{time.Minute, `<feed><title>T</title><entry>two1</entry><entry>one1</entry><entry>two</entry><entry>one</entry></feed>`},
		} {
			time.Sleep(step.after)
			if _, _, body := get(FeedPath); body != step.want {
				t.Errorf("%s, want %s", body, step.want)
			}
		}
	})
}
