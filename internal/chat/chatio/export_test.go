package chatio

// Reply is reply, for its test.
func Reply(err error) ErrorReply { return reply(err) }
