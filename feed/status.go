package feed

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// longestWait bounds what an upstream can ask for. One try a day harms nobody.
const longestWait = 24 * time.Hour

// StatusOf makes an error of an answer that is no success: a [*Fatal] of what
// another try cannot mend, else a [*StatusError] with the moment that the server
// named, be it in Retry-After or as the reset of a limit. It returns nil for
// success and does not touch the body.
func StatusOf(resp *http.Response) error {
	status := resp.StatusCode
	if status >= 200 && status < 300 || status == http.StatusSwitchingProtocols {
		return nil
	}
	if reason := hopeless(status); reason != "" {
		return &Fatal{Reason: reason}
	}
	now := time.Now()
	after := moment(resp.Header.Get("Retry-After"), now)
	if limited(status) {
		for _, name := range []string{"X-Rate-Limit-Reset", "X-RateLimit-Reset"} {
			if t := moment(resp.Header.Get(name), now); t.After(after) {
				after = t
			}
		}
	}
	return &StatusError{Status: status, After: after, Reason: saying(status)}
}

// hopeless is the reason when no retry can mend a status, else empty.
func hopeless(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "The server does not accept the key (401)."
	case http.StatusForbidden:
		return "The server refuses us (403)."
	case http.StatusNotFound:
		return "There is no such stream at this address (404)."
	case http.StatusNotAcceptable, http.StatusRequestEntityTooLarge, http.StatusRequestedRangeNotSatisfiable:
		return fmt.Sprintf("The server does not take what we ask for (%d).", status)
	case http.StatusGone:
		return "This is gone for good (410)."
	}
	return ""
}

// saying puts a status into words.
func saying(status int) string {
	switch {
	case limited(status):
		return fmt.Sprintf("The server asks for patience: too many requests (%d).", status)
	case status == http.StatusServiceUnavailable:
		return "The server is overloaded or being repaired (503)."
	case status >= 500:
		return fmt.Sprintf("The server has a problem (%d).", status)
	}
	return fmt.Sprintf("The server gave an unexpected answer (%d).", status)
}

// moment reads when to come back: seconds from now, a Unix time, or a date as
// HTTP or RFC 3339 has it. It is zero when there is none, and never more than a
// day from now.
func moment(value string, now time.Time) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, err := http.ParseTime(value)
	if err != nil {
		t, err = time.Parse(time.RFC3339, value)
	}
	if seconds, nan := strconv.ParseFloat(value, 64); nan == nil {
		t, err = numbered(seconds, now), nil
	}
	if err != nil || t.IsZero() {
		return time.Time{}
	}
	if latest := now.Add(longestWait); t.After(latest) {
		return latest
	}
	return t
}

// numbered reads a number as a Unix time when it is as large as those of our
// days are, else as seconds from now. Parts of a second count up.
func numbered(seconds float64, now time.Time) time.Time {
	const firstUnix = 9e8 // 1998; the time of synctest begins in 2000
	switch {
	case math.IsNaN(seconds) || seconds < 0:
		return time.Time{}
	case seconds >= 1e12: // beyond any date, or milliseconds: as long as may be
		return now.Add(longestWait)
	case seconds >= firstUnix:
		return time.Unix(int64(math.Ceil(seconds)), 0)
	}
	return now.Add(time.Duration(min(seconds, longestWait.Seconds()) * float64(time.Second)))
}
