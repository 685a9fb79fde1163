// Package interop has only tests: the Go client against this module's server and against others' with the
// same events, Node's own and python-socketio's.
package interop
