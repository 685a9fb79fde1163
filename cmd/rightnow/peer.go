package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rightnow/engineio/eioclient"
	"rightnow/socketio/sioclient"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// peerFlags say how a Socket.IO server is reached, for the commands that are its clients.
type peerFlags struct {
	nsp       string
	auth      string
	path      string
	transport string
	headers   []string
	query     []string
	msgpack   bool
}

func (f *peerFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.nsp, "nsp", "/", "Namespace to join; the path of the URL names it, too.")
	flags.StringVar(&f.auth, "auth", "", "JSON object that the namespace is joined with.")
	flags.StringVar(&f.path, "path", "/socket.io/", "Where the server answers.")
	flags.StringVar(&f.transport, "transport", "", "Only this one: polling or websocket. Else it begins with polling and changes.")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "Header of each request, \"Name: value\"; may be repeated.")
	flags.StringArrayVar(&f.query, "query", nil, "Part of each URL, name=value; may be repeated.")
	flags.BoolVar(&f.msgpack, "msgpack", false, "The server's packets are MessagePack.")
}

// atLeast wants so many arguments.
func atLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usageError{fmt.Errorf("%s needs %s; see `%s --help`", cmd.Name(), what, cmd.CommandPath())}
		}
		return nil
	}
}

// server checks the address of a server. Its path is the namespace, as the official client has it, unless
// a flag says otherwise.
func (f *peerFlags) server(cmd *cobra.Command, address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
	case !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme) || u.Host == "":
		err = fmt.Errorf("%q is no address of a server, such as http://localhost:3000", address)
	case !cmd.Flags().Changed("nsp") && u.Path != "":
		f.nsp = u.Path
	}
	if err != nil {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, cmd.CommandPath())}
	}
	return nil
}

// options makes the client's options of the flags.
func (f *peerFlags) options(cmd *cobra.Command) (*sioclient.Options, error) {
	wrong := func(flag, what string) error {
		return usageError{fmt.Errorf("--%s: %s; see `%s --help`", flag, what, cmd.CommandPath())}
	}
	o := &sioclient.Options{Path: f.path, DisableReconnect: true, Logger: slog.New(slog.DiscardHandler), Header: http.Header{}, Query: url.Values{}}
	switch f.transport {
	case "":
	case "polling", "websocket":
		o.Transports = []eioclient.Transport{eioclient.Transport(f.transport)}
	default:
		return nil, wrong("transport", "polling or websocket")
	}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, wrong("header", fmt.Sprintf("%q is not \"Name: value\"", h))
		}
		o.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	for _, q := range f.query {
		name, value, _ := strings.Cut(q, "=")
		o.Query.Add(name, value)
	}
	if f.auth != "" {
		var auth map[string]json.RawMessage
		if err := json.Unmarshal([]byte(f.auth), &auth); err != nil || auth == nil {
			return nil, wrong("auth", "not a JSON object")
		}
		o.Auth = func(context.Context, string) (any, error) { return auth, nil }
	}
	if f.msgpack {
		o.Parser = sioclient.MessagePack()
	}
	return o, nil
}

// joinPeer joins a namespace and waits until the client is in it.
func joinPeer(ctx context.Context, client *sioclient.Client, nsp string) (*sioclient.Socket, error) {
	socket := client.Of(nsp)
	failed, joined := make(chan error, 1), make(chan struct{}, 1)
	defer socket.OnConnectError(func(err error) { offer(failed, err) })()
	defer socket.OnConnect(func() { offer(joined, struct{}{}) })()
	socket.Connect()
	select {
	case <-joined:
		return socket, nil
	case err := <-failed:
		return nil, plainPeerError(err)
	case <-ctx.Done():
		return nil, peerError(ctx, context.Cause(ctx))
	}
}

// offer puts a value into a channel that has room.
func offer[T any](c chan T, v T) {
	select {
	case c <- v:
	default:
	}
}

// maxReason is how much of a server's reason is printed.
const maxReason = 300

// plainPeerError says in plain words why a server was not joined.
func plainPeerError(err error) error {
	if refused, ok := errors.AsType[*sioclient.ConnectError](err); ok {
		reason := oneLine(refused.Message, maxReason)
		if data, err := printableJSON(refused.Data); err == nil {
			reason += " (" + string(data) + ")"
		}
		return fmt.Errorf("the server refuses %s: %s", refused.Namespace, reason)
	}
	if refused, ok := errors.AsType[*eioclient.HandshakeError](err); ok {
		return fmt.Errorf("this is no Socket.IO server, or it refuses (status %d): %s", refused.Status, oneLine(refused.Message, maxReason))
	}
	return err
}

// peerError says why waiting ended.
func peerError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	return err
}
