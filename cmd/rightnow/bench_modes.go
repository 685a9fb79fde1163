package main

import (
	"fmt"
	"time"

	"rightnow/internal/loadgen"

	"github.com/spf13/cobra"
)

// benchMode is one thing to measure: a command below `rightnow bench`.
type benchMode struct {
	name        loadgen.Mode
	short, long string
	example     string
	addFlags    func(*bench, *cobra.Command)
}

func (m benchMode) command() *cobra.Command {
	b := &bench{}
	b.Mode = m.name
	cmd := &cobra.Command{
		Use:                   string(m.name) + " [URL] [flags]",
		Short:                 m.short,
		Long:                  m.long,
		Example:               m.example,
		Args:                  oneURL,
		RunE:                  b.run,
		DisableFlagsInUseLine: true,
	}
	m.addFlags(b, cmd)
	b.addFlags(cmd)
	return cmd
}

// oneURL wants a URL or nothing.
func oneURL(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("one URL at most, and there are %d; see `%s --help`", len(args), cmd.CommandPath())}
	}
	return nil
}

func benchModes() []benchMode {
	return []benchMode{{
		name:  loadgen.Idle,
		short: "Connections that do nothing: what each costs",
		long: "Connect many clients over WebSocket, each a whole Socket.IO session, and let them rest:\n" +
			"connects a second, and for each connection the server's CPU time and its memory.\n" +
			"All other modes begin in the same way.",
		example:  "  rightnow bench idle -n 10000 --collect",
		addFlags: func(*bench, *cobra.Command) {},
	}, {
		name:  loadgen.Broadcast,
		short: "One emits to all",
		long: "One client asks the server to emit to all, a burst at a time; the next burst is asked\n" +
			"for when everybody has the last one. A latency is from the asking to each receipt. A\n" +
			"burst of 1 shows the price of a lone message, a larger one what joining writes saves.",
		example: "  rightnow bench broadcast -n 5000 -p 200 --bursts 1,50\n" +
			"  rightnow bench broadcast -n 5000 --dead 50     # 50 more that never read",
		addFlags: addBroadcastFlags,
	}, {
		name:  loadgen.Polling,
		short: "The same, to clients that poll over HTTP",
		long: "What broadcast does, but all clients use HTTP long-polling: a GET that waits on one\n" +
			"kept connection, POSTs on another. So each needs two open files.",
		example:  "  rightnow bench polling -n 1000 -p 100 --bursts 1,50",
		addFlags: addMessageFlags,
	}, {
		name:  loadgen.Echo,
		short: "Requests and their acknowledgements",
		long: "Each client sends an event, and the next one when the server has acknowledged it. A\n" +
			"latency is from the request to its acknowledgement.",
		example:  "  rightnow bench echo -n 64 --requests 100000",
		addFlags: addEchoFlags,
	}, {
		name:  loadgen.Chat,
		short: "Rooms in which everybody talks",
		long: "The clients share rooms, and each says something at a steady rate, whether the server\n" +
			"keeps up or not. A latency is from the saying to the receipt by each member.",
		example:  "  rightnow bench chat -n 1000 --room 20 --say 1 --duration 10s",
		addFlags: addChatFlags,
	}, {
		name:  loadgen.Storm,
		short: "All are cut off and come back at once",
		long: "All clients are cut off with a reset and come back at once, as after a failure of the\n" +
			"network: clients a second, the server's CPU time for each, and the latency from the\n" +
			"cut to the moment when the client is served again.",
		example: "  rightnow bench storm -n 10000 --at-once 0",
		addFlags: func(b *bench, cmd *cobra.Command) {
			cmd.Flags().IntVar(&b.AtOnce, "at-once", 1000, "How many handshakes are under way at most; 0 is all.")
		},
	}}
}

func addMessageFlags(b *bench, cmd *cobra.Command) {
	cmd.Flags().IntVarP(&b.Messages, "messages", "p", 100, "How many messages each client receives, for each of the bursts.")
	cmd.Flags().IntVarP(&b.Bytes, "bytes", "b", 100, "The length of the text in a message.")
	cmd.Flags().IntSliceVar(&b.Bursts, "bursts", []int{1}, "How many messages the server emits at a time: a phase for each number.")
}

func addBroadcastFlags(b *bench, cmd *cobra.Command) {
	addMessageFlags(b, cmd)
	cmd.Flags().IntVar(&b.Dead, "dead", 0, "So many clients more that stop reading, full to the brim, and are not counted.")
}

func addEchoFlags(b *bench, cmd *cobra.Command) {
	cmd.Flags().IntVar(&b.Requests, "requests", 100_000, "How many requests there are in all.")
	cmd.Flags().IntVarP(&b.Bytes, "bytes", "b", 100, "The length of the text in a request.")
	cmd.Flags().StringVar(&b.Event, "event", "echo", "The event, which the server has to acknowledge.")
}

func addChatFlags(b *bench, cmd *cobra.Command) {
	cmd.Flags().IntVar(&b.Room, "room", 10, "How many clients share a room.")
	cmd.Flags().Float64Var(&b.Say, "say", 1, "How many messages a second each client says.")
	cmd.Flags().DurationVar(&b.Duration, "duration", 5*time.Second, "How long they talk.")
}
