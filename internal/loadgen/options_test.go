package loadgen

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	good := Options{
		Mode: Idle, URL: "http://localhost:3000", Path: "/socket.io/", Connections: 20, Source: 2, Limit: time.Second,
		Messages: 12, Bytes: 100, Bursts: []int{1, 5}, Requests: 100, Event: "echo", Room: 5, Say: 1, Duration: time.Second,
	}
	for name, test := range map[string]struct {
		change func(*Options)
		option string // that is wrong; "" for none
	}{
		"good":              {func(*Options) {}, ""},
		"good with a slash": {func(o *Options) { o.URL += "/" }, ""},
		"ws is http":        {func(o *Options) { o.URL = "ws://localhost" }, ""},
		"IPv6":              {func(o *Options) { o.URL = "http://[::1]:3000" }, ""},
		"no URL":            {func(o *Options) { o.URL = "" }, "URL"},
		"https":             {func(o *Options) { o.URL = "https://localhost" }, "URL"},
		"no scheme":         {func(o *Options) { o.URL = "localhost:3000" }, "URL"},
		"no host":           {func(o *Options) { o.URL = "http://:3000" }, "URL"},
		"with a path":       {func(o *Options) { o.URL += "/socket.io/" }, "URL"},
		"with a query":      {func(o *Options) { o.URL += "?a=b" }, "URL"},
		"no URL at all":     {func(o *Options) { o.URL = "http://a b" }, "URL"},
		"path without /":    {func(o *Options) { o.Path = "socket.io" }, "path"},
		"path with a line":  {func(o *Options) { o.Path = "/\r\nA: b" }, "path"},
		"no connections":    {func(o *Options) { o.Connections = 0 }, "connections"},
		"a source of 0":     {func(o *Options) { o.Source = 0 }, "source"},
		"a source of 255":   {func(o *Options) { o.Source = 255 }, "source"},
		"the last source":   {func(o *Options) { o.Source = 254; o.Connections = 10_000 }, ""},
		"none after it":     {func(o *Options) { o.Source = 254; o.Connections = 10_001 }, "source"},
		"a ramp below 0":    {func(o *Options) { o.Ramp = -1 }, "ramp"},
		"at once below 0":   {func(o *Options) { o.AtOnce = -1 }, "at-once"},
		"a pid below 0":     {func(o *Options) { o.PID = -1 }, "pid"},
		"dead below 0":      {func(o *Options) { o.Dead = -1 }, "dead"},
		"no limit":          {func(o *Options) { o.Limit = 0 }, "limit"},
		"a wait below 0":    {func(o *Options) { o.Wait = -1 }, "wait"},
		"collect whom":      {func(o *Options) { o.Collect = true }, "collect"},
		"no mode":           {func(o *Options) { o.Mode = "" }, "mode"},
		"broadcast":         {func(o *Options) { o.Mode = Broadcast }, ""},
		"no messages":       {func(o *Options) { o.Mode = Broadcast; o.Messages = 0 }, "messages"},
		"too many messages": {func(o *Options) { o.Mode = Polling; o.Messages = maxTotal }, "messages"},
		"no bursts":         {func(o *Options) { o.Mode = Broadcast; o.Bursts = nil }, "bursts"},
		"a burst of 0":      {func(o *Options) { o.Mode = Broadcast; o.Bursts = []int{0} }, "bursts"},
		"a burst too many":  {func(o *Options) { o.Mode = Polling; o.Bursts = []int{13} }, "bursts"},
		"bytes below 0":     {func(o *Options) { o.Mode = Broadcast; o.Bytes = -1 }, "bytes"},
		"echo":              {func(o *Options) { o.Mode = Echo }, ""},
		"too few requests":  {func(o *Options) { o.Mode = Echo; o.Requests = 19 }, "requests"},
		"long requests":     {func(o *Options) { o.Mode = Echo; o.Bytes = maxText + 1 }, "bytes"},
		"a quoted event":    {func(o *Options) { o.Mode = Echo; o.Event = `a"b` }, "event"},
		"chat":              {func(o *Options) { o.Mode = Chat }, ""},
		"uneven rooms":      {func(o *Options) { o.Mode = Chat; o.Room = 7 }, "room"},
		"no rooms":          {func(o *Options) { o.Mode = Chat; o.Room = 0 }, "room"},
		"no duration":       {func(o *Options) { o.Mode = Chat; o.Duration = 0 }, "duration"},
		"says nothing":      {func(o *Options) { o.Mode = Chat; o.Say = 0 }, "say"},
		"says next to none": {func(o *Options) { o.Mode = Chat; o.Say = 0.01 }, "say"},
		"says too much":     {func(o *Options) { o.Mode = Chat; o.Say = 1e9 }, "say"},
		"storm":             {func(o *Options) { o.Mode = Storm }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			test.change(&o)
			err := o.Check()
			var wrong *OptionError
			switch {
			case test.option == "" && err != nil:
				t.Errorf("error %v", err)
			case test.option != "" && (!errors.As(err, &wrong) || wrong.Option != test.option):
				t.Errorf("error %v, want one of %s", err, test.option)
			case test.option != "" && test.option != "URL" && !strings.HasPrefix(err.Error(), "--"+test.option+": "):
				t.Errorf("error %q names no flag", err)
			}
			if test.option != "" && Run(context.Background(), o) == nil {
				t.Error("Run does it all the same")
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 12: "12", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -5: "-5", -500: "-500", -1000: "-1,000", -123456: "-123,456"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0 µs", 123: "0.12 µs", 1234: "1.23 µs", 12_345: "12.3 µs", 123_456: "123 µs", 999_999: "1000 µs",
		1_000_000: "1 ms", 20 * time.Millisecond: "20 ms", 1234 * time.Millisecond: "1.23 s", time.Hour: "3600 s"} {
		if got := short(d); got != want {
			t.Errorf("%d is %q, want %q", d, got, want)
		}
	}
}
