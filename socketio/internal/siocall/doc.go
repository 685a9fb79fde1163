// Package siocall is what an event's arguments are to a Go programmer, on both
// ends of a connection: values to decode, parameters of a function, results
// that are an acknowledgement.
package siocall
