package chat

import (
	"errors"
	"time"
)

// Code says in one word why something was refused. Codes are part of the
// wire's contract: the page chooses what to do by them.
type Code string

// The codes.
const (
	CodeBadRoom      Code = "bad_room"         // no such room can exist: its name is not allowed
	CodeBadNick      Code = "bad_nick"         // the nickname is not allowed
	CodeNickTaken    Code = "nick_taken"       // somebody else has this nickname, or one that looks like it
	CodeRoomFull     Code = "room_full"        // as many people are in the room as may be
	CodeTooManyRooms Code = "too_many_rooms"   // no further room can be opened, for now if there is an Error.Retry, or this connection is in too many
	CodeBadSecret    Code = "bad_secret"       // the secret is missing, too short or too long
	CodeBadID        Code = "bad_id"           // the client's message id is missing or too long
	CodeBadRequest   Code = "bad_request"      // the arguments are not what the event takes
	CodeUnknownEvent Code = "unknown_event"    // there is no such event
	CodeEmpty        Code = "empty"            // nothing is left of the text
	CodeTooLong      Code = "too_long"         // the text has too many characters
	CodeBadText      Code = "bad_text"         // the text is not valid UTF-8
	CodeSlowDown     Code = "slow_down"        // too much at once; see Error.Retry
	CodeNotHere      Code = "not_here"         // this connection has not entered the room
	CodeNotAllowed   Code = "not_allowed"      // this person may not do that
	CodeUnavailable  Code = "unavailable"      // the store failed or the server is going down; a retry may work
	CodeBadPhrase    Code = "bad_phrase"       // a word to track cannot be one: too long, too broad
	CodeTooManyWords Code = "too_many_phrases" // more words than may be tracked
	CodePostGone     Code = "post_gone"        // the post to quote is not there any more
	CodeInternal     Code = "internal"         // a defect of ours; never made by this package on purpose
)

// Error is a refusal made for people: a code for the program, a sentence for
// its user. It is immutable.
type Error struct {
	Code       Code
	Message    string        // one sentence, safe to show
	Suggestion string        // CodeNickTaken: a nickname that is free
	Retry      time.Duration // CodeSlowDown, some CodeTooManyRooms: when it is worth another try

	cause error // for the log only
}

// Error returns the sentence, and the cause behind it for the log.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + " (" + string(e.Code) + ": " + e.cause.Error() + ")"
	}
	return e.Message + " (" + string(e.Code) + ")"
}

// Unwrap returns what lies behind the refusal, nil mostly.
func (e *Error) Unwrap() error { return e.cause }

// CodeOf returns the code of the first [*Error] in err's chain, "" for nil and
// CodeInternal for every other error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}

func refuse(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// SlowDown refuses what came too fast.
func SlowDown(wait time.Duration) *Error {
	return &Error{Code: CodeSlowDown, Message: "That was a bit fast. Please slow down.", Retry: wait}
}
