package feedsim

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// bubble serves a fake in memory.
func bubble(t *testing.T, h http.Handler, test func(*Memory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := Listen(h)
		defer func() {
			m.Close()
			synctest.Wait()
		}()
		test(m)
	})
}

// get asks, and returns the status and the body up to its end, whatever that is.
func get(m *Memory, path string, header ...string) (status int, body string, err error) {
	req, _ := http.NewRequest(http.MethodGet, "http://fake.test"+path, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := m.Client().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(all), err
}

// TestJetstreamIsStrict refuses what the real one refuses.
func TestJetstreamIsStrict(t *testing.T) {
	fake := NewJetstream(nil)
	fake.Floor = 100
	bubble(t, fake, func(m *Memory) {
		for _, test := range []struct{ path, status, says string }{
			{JetstreamPath + "?wantedCollections=app.bsky.feed.post", "400", "legacy"},
			{JetstreamPath + "?requireHello=true", "400", "legacy"},
			{JetstreamPath + "?compress=true", "400", "dictionary"},
			{JetstreamPath + "?kinds=poem", "400", "unknown kind"},
			{JetstreamPath + "?kinds=account&collections=app.bsky.feed.post", "400", "without commits"},
			{JetstreamPath + "?dids=anna.test", "400", "bad did"},
			{JetstreamPath + "?maxMessageSizeBytes=-1", "400", "maxMessageSizeBytes"},
			{JetstreamPath + "?cursor=x", "400", "invalid cursor"},
			{JetstreamPath + "?cursor=99", "400", "CursorTooOld"},
			{JetstreamPath + "?cursor=1000000000000001", "426", ""}, // no upgrade was asked for
			{GetPostsPath, "400", "1 to 25"},
			{GetPostsPath + "?uris=" + strings.Repeat("at://x&uris=", 25), "400", "1 to 25"},
			{GetPostsPath + "?uris=at://x", "200", `{"posts":[]}`},
			{GetProfilesPath + "?actors=did:plc:x", "200", `{"profiles":[]}`},
			{"/subscribe", "404", ""},
		} {
			status, body, err := get(m, test.path)
			if fmt.Sprint(status) != test.status || !strings.Contains(body, test.says) || err != nil {
				t.Errorf("%s: %d %q, %v", test.path, status, body, err)
			}
		}
	})
}

// TestJetstreamOnlySends closes with 1008 when the client says something.
func TestJetstreamOnlySends(t *testing.T) {
	fake := NewJetstream(nil)
	bubble(t, fake, func(m *Memory) {
		ctx := context.Background()
		ws, _, err := websocket.Dial(ctx, "ws://fake.test"+JetstreamPath, &websocket.DialOptions{HTTPClient: m.Client(), Subprotocols: []string{"xrpc.v1.json"}})
		if err != nil {
			t.Fatal(err)
		}
		if ws.Subprotocol() != "xrpc.v1.json" {
			t.Errorf("subprotocol %q", ws.Subprotocol())
		}
		ws.Write(ctx, websocket.MessageText, []byte(`{"type":"options_update"}`))
		if _, _, err := ws.Read(ctx); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
			t.Errorf("%v", err)
		}
		ws.CloseNow()
		synctest.Wait()
		if got := fake.Requests()[0].Frames; fmt.Sprint(got) != `[{"type":"options_update"}]` {
			t.Errorf("frames %q", got)
		}
	})
}

func TestWikimediaIsStrict(t *testing.T) {
	fake := NewWikimedia(Scripts([]Step{Send(`{"meta":{"stream":"mediawiki.recentchange","dt":"2000-01-01T00:00:00Z"}}`), Beat(), End()}, []Step{Raw("event: half"), Cut()}))
	agent := []string{"User-Agent", "RightNow/1 (admin@example.com) Go/1"}
	accept := append(agent, "Accept", "text/event-stream")
	bubble(t, fake, func(m *Memory) {
		for _, test := range []struct {
			path   string
			header []string
			status int
		}{
			{"/v2/stream/recentchange", nil, 403},
			{"/v2/stream/recentchange", []string{"User-Agent", "Go-http-client/1.1"}, 403},
			{"/v2/stream/poems", accept, 404},
			{"/v2/stream/recentchange", agent, 406},
			{"/v2/stream/recentchange", append(accept, "Last-Event-ID", "[{"), 400},
		} {
			if status, _, _ := get(m, test.path, test.header...); status != test.status {
				t.Errorf("%s %v: %d, want %d", test.path, test.header, status, test.status)
			}
		}
		status, body, err := get(m, "/v2/stream/recentchange", accept...)
		want := ":ok\n\nevent: message\n" +
			`id: [{"topic":"codfw.mediawiki.recentchange","partition":0,"offset":-1},{"topic":"eqiad.mediawiki.recentchange","partition":0,"timestamp":946684800001}]` +
			"\ndata: {\"meta\":{\"stream\":\"mediawiki.recentchange\",\"dt\":\"2000-01-01T00:00:00Z\"}}\n\n:\n\n"
		if status != 200 || body != want || err != nil {
			t.Errorf("%d %q, %v", status, body, err)
		}
		if _, body, err := get(m, "/v2/stream/recentchange", accept...); body != ":ok\n\nevent: half" || err != io.ErrUnexpectedEOF {
			t.Errorf("cut: %q, %v", body, err)
		}
		for range 2 { // silent ones
			req, _ := http.NewRequest(http.MethodGet, "http://fake.test/v2/stream/recentchange", nil)
			req.Header = http.Header{"User-Agent": agent[1:], "Accept": {"text/event-stream"}}
			resp, err := m.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
		}
		if status, _, _ := get(m, "/v2/stream/recentchange", accept...); status != 429 {
			t.Errorf("the third at once: %d", status)
		}
		if fake.Open() != 2 || fake.MostOpen() != 2 {
			t.Errorf("%d open, %d at most", fake.Open(), fake.MostOpen())
		}
	})
}

// endless plays the same for ever.
type endless struct{}

func (endless) Steps(source string) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		for i := 0; ; i++ {
			if !yield(Send(fmt.Sprint(source, " ", i))) || !yield(Sleep(time.Second)) {
				return
			}
		}
	}
}

// TestPlay plays a file to each connection from its beginning, without end.
func TestPlay(t *testing.T) {
	fake := NewJetstream(Play(endless{}, "bluesky"))
	bubble(t, Mux(fake, NewWikimedia(nil)), func(m *Memory) {
		for range 2 {
			ctx := context.Background()
			ws, _, err := websocket.Dial(ctx, "ws://fake.test"+JetstreamPath, &websocket.DialOptions{HTTPClient: m.Client()})
			if err != nil {
				t.Fatal(err)
			}
			for i := range 100 {
				if _, got, err := ws.Read(ctx); string(got) != fmt.Sprint("bluesky ", i) || err != nil {
					t.Fatalf("%q, %v", got, err)
				}
			}
			ws.CloseNow()
		}
	})
}

// TestSteps does on a WebSocket what the fakes of this package's own don't need.
func TestSteps(t *testing.T) {
	core := NewCore(Scripts(
		[]Step{Late(time.Minute), Refuse(429, "busy", "Retry-After", "7")},
		[]Step{Expect("hello"), Send("a"), Beat(), StopReading(), Close(4000, "odd")},
		[]Step{Expect("hello"), Send("never")}))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		core.Record(w, r).Socket(&Socket{Wrap: func(s string) string { return "<" + s + ">" }, Frame: func(s string) (string, int, string) { return "re: " + s, 0, "" }})
	})
	bubble(t, h, func(m *Memory) {
		ctx := context.Background()
		dial := func() (*websocket.Conn, *http.Response, error) {
			return websocket.Dial(ctx, "ws://fake.test/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: m.Client().Transport}})
		}
		start := time.Now()
		if status, body, err := get(m, "/"); err == nil || time.Since(start) != 20*time.Second {
			t.Errorf("late: %d %q, %v after %v", status, body, err, time.Since(start))
		}
		ws, _, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		ws.Write(ctx, websocket.MessageText, []byte("hello"))
		var got []string
		for {
			_, message, err := ws.Read(ctx)
			if err != nil {
				if websocket.CloseStatus(err) != 4000 {
					t.Error(err)
				}
				break
			}
			got = append(got, string(message))
		}
		if len(got) != 2 || !strings.Contains(fmt.Sprint(got), "re: hello") || !strings.Contains(fmt.Sprint(got), "<a>") {
			t.Errorf("got %q", got)
		}
		ws, _, err = dial()
		if err != nil {
			t.Fatal(err)
		}
		ws.Write(ctx, websocket.MessageText, []byte("goodbye"))
		for err == nil {
			_, _, err = ws.Read(ctx)
		}
		ws.CloseNow()
		synctest.Wait()
		if got := fmt.Sprint(core.Faults()); got != `[frame "goodbye", want "hello"]` {
			t.Errorf("faults %s", got)
		}
	})
}

// TestMastodonIsStrict refuses what the real one refuses.
func TestMastodonIsStrict(t *testing.T) {
	fake := NewMastodon(nil)
	fake.Hashtag, fake.Live = [2]string{"disabled", "disabled"}, [2]string{"authenticated", "disabled"}
	key := []string{"Authorization", "Bearer key"}
	bubble(t, fake, func(m *Memory) {
		for _, test := range []struct {
			path   string
			header []string
			status int
			says   string
		}{
			{MastodonPath + "/health", nil, 200, "OK"},
			{MastodonPath, nil, 401, "Missing access token"},
			{MastodonPath, []string{"Authorization", "Bearer app-key"}, 401, "Invalid"},
			{MastodonPath + "?access_token=key", key, 400, "header alone"},
			{MastodonPath, key, 426, ""}, // no upgrade was asked for
			{MastodonInstancePath, nil, 200, `"live_feeds":{"local":"authenticated","remote":"disabled"}`},
			{MastodonStatusesPath, nil, 401, "Missing"},
			{MastodonStatusesPath + "?id[]=" + strings.Repeat("1&id[]=", 20), key, 422, "Too many"},
			{MastodonStatusesPath + "?id[]=1", key, 200, "[]"},
			{MastodonTimelinesPath + "tag/go", key, 403, "disabled"},
			{MastodonTimelinesPath + "public", key, 200, "[]"},
			{MastodonTimelinesPath + "home", key, 404, "not found"},
		} {
			status, body, err := get(m, test.path, test.header...)
			if status != test.status || !strings.Contains(body, test.says) || err != nil {
				t.Errorf("%s: %d %q, %v", test.path, status, body, err)
			}
		}
		for range mastodonLimit {
			get(m, MastodonInstancePath)
		}
		if status, _, _ := get(m, MastodonInstancePath); status != 429 {
			t.Errorf("the last of too many: %d", status)
		}
	})
}

// TestMastodonSocket sends each post to what was asked for, and nothing else.
func TestMastodonSocket(t *testing.T) {
	const post = `{"stream":["public"],"event":"update","payload":"{\"id\":\"1\",\"tags\":[{\"name\":\"Go\"}]}"}`
	const gone = `{"stream":["public"],"event":"delete","payload":"1"}`
	fake := NewMastodon(Scripts([]Step{Sleep(time.Second), Send(post), Send(gone), Send(`{"event":"odd"}`)}))
	bubble(t, fake, func(m *Memory) {
		ctx := context.Background()
		ws, _, err := websocket.Dial(ctx, "ws://fake.test"+MastodonPath, &websocket.DialOptions{HTTPClient: m.Client(), HTTPHeader: http.Header{"Authorization": {"Bearer key"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, frame := range []string{`{bad`, `{"type":"subscribe","stream":"poems"}`, `{"type":"subscribe","stream":"hashtag"}`, `{"type":"subscribe","stream":"hashtag","tag":"go"}`,
			`{"type":"subscribe","stream":"hashtag","tag":"rust"}`, `{"type":"subscribe","stream":"public:local"}`} {
			ws.Write(ctx, websocket.MessageText, []byte(frame))
		}
		for _, want := range []string{"Unknown stream type", "Missing tag name", `"stream":["hashtag","go"]`, `"stream":["public:local"]`, `"delete","payload":"1","stream":["hashtag","go"]`, `["public:local"]`, "odd"} {
			if _, got, err := ws.Read(ctx); !strings.Contains(string(got), want) || err != nil {
				t.Errorf("%q, %v; want %s", got, err, want)
			}
		}
		ws.Write(ctx, websocket.MessageText, []byte(`{"type":"unsubscribe","stream":"public"}`))
		ws.Write(ctx, websocket.MessageBinary, []byte("x"))
		if _, _, err := ws.Read(ctx); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
			t.Errorf("%v", err)
		}
		ws.CloseNow()
		synctest.Wait()
		if got := fmt.Sprint(fake.Faults()); got != "[unsubscribe of public for nothing]" {
			t.Errorf("faults %s", got)
		}
	})
}

// TestXIsStrict refuses what the real one refuses, and keeps rules.
func TestXIsStrict(t *testing.T) {
	fake := NewX(nil)
	fake.Token = "key"
	bubble(t, fake, func(m *Memory) {
		ask := func(method, path, body string) (int, string) {
			req, _ := http.NewRequest(method, "http://fake.test"+path, strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer key")
			req.Header.Set("Content-Type", "application/json")
			resp, err := m.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.Header.Get("Content-Type") != "application/json" {
				return resp.StatusCode, "" // a stream
			}
			all, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(all)
		}
		if status, _, _ := get(m, XRulesPath); status != 401 {
			t.Errorf("without a key: %d", status)
		}
		for _, test := range []struct {
			method, path, body string
			status             int
			says               string
		}{
			{"GET", XRulesPath, "", 200, `"result_count":0`},
			{"GET", XStreamPath, "", 409, "RuleConfigurationIssue"},
			{"POST", XRulesPath, `{"add":[{"value":"go"}],"delete":{"ids":["1"]}}`, 400, "Invalid"},
			{"POST", XRulesPath, `{`, 400, "Invalid"},
			{"POST", XRulesPath + "?dry_run=true", `{"add":[{"value":"go"}]}`, 201, `"created":1`},
			{"POST", XRulesPath, `{"add":[{"value":"(go OR \"c++\") -is:retweet (lang:en OR lang:de) sample:10","tag":"t"},{"value":"lang:en"},{"value":"c++"},{"value":"(go"},{"value":"go OR"},{"value":"a:b"}]}`, 201, `"not_created":5`},
			{"POST", XRulesPath, `{"add":[{"value":"(go OR \"c++\") -is:retweet (lang:en OR lang:de) sample:10"}]}`, 400, "DuplicateRule"},
			{"POST", XRulesPath, `{"add":[{"value":"` + strings.Repeat("x", 1025) + `"}]}`, 400, "too long"},
			{"GET", XRulesPath, "", 200, `"id":"1000001"`},
			{"GET", XTweetsPath + "?ids=", "", 400, "1 to 100"},
			{"GET", XTweetsPath + "?ids=5", "", 200, `"id":"5"`},
			{"DELETE", XRulesPath, "", 405, ""},
			{"POST", XRulesPath, `{"delete":{"ids":["1000001"]}}`, 200, `"deleted":1`},
			{"GET", XStreamPath, "", 409, "RuleConfigurationIssue"},
		} {
			if status, body := ask(test.method, test.path, test.body); status != test.status || !strings.Contains(body, test.says) {
				t.Errorf("%s %s %s: %d %s", test.method, test.path, test.body, status, body)
			}
		}
		for range 100 {
			ask("POST", XRulesPath, "{")
		}
		if status, _ := ask("POST", XRulesPath, "{"); status != 429 {
			t.Errorf("the last of too many: %d", status)
		}
	})
}

// TestXMatches delivers what rules fit, named with them.
func TestXMatches(t *testing.T) {
	post := func(text, lang string) Step {
		return Send(fmt.Sprintf(`{"data":{"text":%q,"author_id":"6","lang":%q},"matching_rules":[{"tag":"demo"}]}`, text, lang))
	}
	fake := NewX(Scripts([]Step{post("Go and chat", "en"), post("gopher", "en"), post("go", "de"), post("I do C++!", "en"), post("no #go here", "en"), post("go, no crypto", "en"), Send(`{"data":`), Send(`{"new":1}`), End()}))
	fake.Match = true
	fake.Store(`(go OR "c++" OR from:7) -crypto -is:retweet lang:en`, "first")
	bubble(t, fake, func(m *Memory) {
		_, body, err := get(m, XStreamPath, "Authorization", "Bearer key")
		want := []string{`"text":"Go and chat"`, `"text":"I do C++!"`, `"text":"no #go here"`, `{"data":`, `{"new":1}`}
		lines := strings.Split(strings.TrimSpace(body), "\r\n")
		if err != nil || len(lines) != len(want) {
			t.Fatalf("%q, %v", lines, err)
		}
		for i, line := range lines {
			if !strings.Contains(line, want[i]) || i < 3 && !strings.Contains(line, `"matching_rules":[{"id":"1000001","tag":"first"}]`) {
				t.Errorf("%s, want %s", line, want[i])
			}
		}
	})
}
