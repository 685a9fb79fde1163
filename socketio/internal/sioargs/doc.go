// Package sioargs turns the arguments of events into JSON with attachments and
// back: Go values on one side, a JSON array whose binary values stand as
// {"_placeholder":true,"num":N} and the bytes beside it on the other.
package sioargs
