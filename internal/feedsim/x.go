package feedsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The paths of X's API v2.
const (
	XStreamPath = "/2/tweets/search/stream"
	XRulesPath  = XStreamPath + "/rules"
	XTweetsPath = "/2/tweets"
)

// X fakes the filtered stream of X's API v2: the rules, which stay when nobody is
// connected, the stream, and the look-up of posts. A message is one line. The
// fields are set before it serves.
type X struct {
	*Core
	// Token is the one that is accepted; "": any.
	Token string
	// Match has a post delivered only when a rule fits, and named with those that
	// do; else messages are sent as they stand.
	Match bool
	// Refuses makes rules invalid that have it in them; "": none.
	Refuses string
	// Gone tells which posts were deleted; nil: none.
	Gone func(id string) bool

	stream chan struct{} // of capacity 1, full while somebody has the stream

	mu    sync.Mutex // guards following
	rules []XRule
	made  int
	used  map[string]int // requests by kind and quarter of an hour
}

// XRule is one that is stored.
type XRule struct {
	ID    string `json:"id"`
	Value string `json:"value"`
	Tag   string `json:"tag,omitempty"`
}

// NewX returns a fake that goes by a script and has no rules.
func NewX(script Script) *X {
	return &X{Core: NewCore(script), used: map[string]int{}, stream: make(chan struct{}, 1)}
}

// Paths are the paths that it serves.
func (x *X) Paths() []string { return []string{XStreamPath, XRulesPath, XTweetsPath} }

// Rules are those that there are.
func (x *X) Rules() []XRule {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.rules)
}

// Store adds a rule that was there before.
func (x *X) Store(value, tag string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.storeLocked(value, tag)
}

func (x *X) storeLocked(value, tag string) XRule {
	x.made++
	r := XRule{ID: strconv.Itoa(1_000_000 + x.made), Value: value, Tag: tag}
	x.rules = append(x.rules, r)
	return r
}

// xError is the body of a refusal.
type xError struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Type   string `json:"type"`
	Status int    `json:"status,omitempty"`
	Issue  string `json:"connection_issue,omitempty"`
}

func (e *Exchange) xRefuse(status int, title, detail string) {
	e.JSON(status, xError{Title: title, Detail: detail, Type: "about:blank", Status: status})
}

func (x *X) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := x.Record(w, r)
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.URL.Query().Has("access_token") || r.URL.Query().Has("token"):
		x.fault("the token stands in the address")
		e.xRefuse(http.StatusBadRequest, "Invalid Request", "this fake takes tokens in the header alone")
	case !ok || token == "" || x.Token != "" && token != x.Token:
		e.xRefuse(http.StatusUnauthorized, "Unauthorized", "Unauthorized")
	case r.Method == http.MethodPost && r.URL.Path == XRulesPath:
		if x.within(e, "change", 100) {
			x.change(e)
		}
	case r.Method != http.MethodGet:
		e.xRefuse(http.StatusMethodNotAllowed, "Method Not Allowed", "")
	case r.URL.Path == XRulesPath:
		if x.within(e, "list", 450) {
			x.list(e)
		}
	case r.URL.Path == XTweetsPath:
		if x.within(e, "tweets", 300) {
			x.tweets(e)
		}
	case x.within(e, "connect", 50):
		x.connect(e)
	}
}

// within counts a request, and refuses those that are too many in a quarter of an hour.
func (x *X) within(e *Exchange, kind string, limit int) bool {
	const span = 15 * 60
	part := time.Now().Unix() / span
	key := fmt.Sprint(kind, part)
	x.mu.Lock()
	x.used[key]++
	left := limit - x.used[key]
	x.mu.Unlock()
	e.w.Header().Set("X-Rate-Limit-Limit", strconv.Itoa(limit))
	e.w.Header().Set("X-Rate-Limit-Remaining", strconv.Itoa(max(0, left)))
	e.w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt((part+1)*span, 10))
	if left < 0 {
		e.xRefuse(http.StatusTooManyRequests, "Too Many Requests", "Too Many Requests")
	}
	return left >= 0
}

func (x *X) list(e *Exchange) {
	rules := x.Rules()
	body := map[string]any{"meta": map[string]any{"sent": time.Now().UTC(), "result_count": len(rules)}}
	if len(rules) > 0 { // empty fields are left out
		body["data"] = rules
	}
	e.JSON(http.StatusOK, body)
}

// xProblem is what is wrong with a rule.
type xProblem struct {
	Value   string   `json:"value"`
	Details []string `json:"details,omitempty"`
	Title   string   `json:"title"`
	ID      string   `json:"id,omitempty"`
}

func (x *X) change(e *Exchange) {
	var body struct {
		Add    []XRule `json:"add"`
		Delete *struct {
			IDs []string `json:"ids"`
		} `json:"delete"`
	}
	err := json.NewDecoder(e.r.Body).Decode(&body)
	dry := e.r.URL.Query().Get("dry_run") == "true"
	switch {
	case err != nil || (len(body.Add) > 0) == (body.Delete != nil) || e.r.Header.Get("Content-Type") != "application/json":
		e.xRefuse(http.StatusBadRequest, "Invalid Request", "One of add and delete is needed")
	case body.Delete != nil:
		x.deleteRules(e, body.Delete.IDs)
	default:
		x.addRules(e, body.Add, dry)
	}
}

// The limits of an app.
const (
	xRules     = 1000
	xRuleChars = 1024
)

func (x *X) addRules(e *Exchange, add []XRule, dry bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.rules)+len(add) > xRules {
		e.xRefuse(http.StatusUnprocessableEntity, "RulesCapExceeded", "Rules cap exceeded")
		return
	}
	var problems []xProblem
	created := []XRule{}
	for _, r := range add {
		same := slices.IndexFunc(x.rules, func(o XRule) bool { return o.Value == r.Value })
		_, err := parseXRule(r.Value)
		if x.Refuses != "" && strings.Contains(r.Value, x.Refuses) {
			err = errors.New("this fake refuses it")
		}
		switch {
		case same >= 0:
			problems = append(problems, xProblem{Value: r.Value, Title: "DuplicateRule", ID: x.rules[same].ID})
		case utf8.RuneCountInString(r.Value) > xRuleChars:
			problems = append(problems, xProblem{Value: r.Value, Title: "UnprocessableEntity", Details: []string{"The rule is too long"}})
		case err != nil:
			problems = append(problems, xProblem{Value: r.Value, Title: "UnprocessableEntity", Details: []string{err.Error()}})
		case dry:
			created = append(created, XRule{ID: "0", Value: r.Value, Tag: r.Tag})
		default:
			created = append(created, x.storeLocked(r.Value, r.Tag))
		}
	}
	body := map[string]any{"meta": map[string]any{"sent": time.Now().UTC(), "summary": map[string]int{"created": len(created), "not_created": len(problems)}}}
	status := http.StatusCreated
	if len(created) > 0 {
		body["data"] = created
	} else {
		status = http.StatusBadRequest
	}
	if len(problems) > 0 {
		body["errors"] = problems
	}
	e.JSON(status, body)
}

func (x *X) deleteRules(e *Exchange, ids []string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	before := len(x.rules)
	x.rules = slices.DeleteFunc(x.rules, func(r XRule) bool { return slices.Contains(ids, r.ID) })
	deleted := before - len(x.rules)
	if deleted != len(ids) {
		x.fault("deletes rules that are not there")
	}
	e.JSON(http.StatusOK, map[string]any{"meta": map[string]any{"summary": map[string]int{"deleted": deleted, "not_deleted": len(ids) - deleted}}})
}

func (x *X) tweets(e *Exchange) {
	ids := strings.Split(e.r.URL.Query().Get("ids"), ",")
	if len(ids) > 100 || ids[0] == "" {
		e.xRefuse(http.StatusBadRequest, "Invalid Request", "ids needs 1 to 100")
		return
	}
	var data []map[string]string
	var problems []map[string]string
	for _, id := range ids {
		if x.Gone != nil && x.Gone(id) {
			problems = append(problems, map[string]string{"resource_id": id, "value": id, "resource_type": "tweet", "parameter": "ids", "title": "Not Found Error"})
		} else {
			data = append(data, map[string]string{"id": id, "text": "…"})
		}
	}
	body := map[string]any{}
	if data != nil {
		body["data"] = data
	}
	if problems != nil {
		body["errors"] = problems
	}
	e.JSON(http.StatusOK, body)
}

// noticed is how long it takes at most to notice that a client has gone.
const noticed = 100 * time.Millisecond

// connect opens the stream, of which an app has one.
func (x *X) connect(e *Exchange) {
	if len(x.Rules()) == 0 {
		e.JSON(http.StatusConflict, xError{Title: "ConnectionException", Detail: "You must define rules", Issue: "RuleConfigurationIssue"})
		return
	}
	select {
	case x.stream <- struct{}{}:
		defer func() { <-x.stream }()
	case <-time.After(noticed):
		e.JSON(http.StatusTooManyRequests, xError{Title: "ConnectionException", Detail: "This stream is currently at the maximum allowed connection limit.", Issue: "TooManyConnections"})
		return
	}
	e.Body(&Wire{ContentType: "application/json; charset=utf-8", Frame: x.frame, Beat: "\r\n"})
}

// frame is a line. Of a post that no rule fits there is none.
func (x *X) frame(message string) string {
	var post map[string]json.RawMessage
	var body xBody
	if !x.Match || json.Unmarshal([]byte(message), &post) != nil || post["data"] == nil || json.Unmarshal([]byte(message), &body) != nil {
		return message + "\r\n"
	}
	matching := []map[string]string{}
	for _, r := range x.Rules() {
		if fits, err := parseXRule(r.Value); err == nil && fits(&body.Data) {
			matching = append(matching, map[string]string{"id": r.ID, "tag": r.Tag})
		}
	}
	if len(matching) == 0 {
		return ""
	}
	post["matching_rules"], _ = json.Marshal(matching) // of strings
	line, _ := json.Marshal(post)                      // of what was read
	return string(line) + "\r\n"
}
