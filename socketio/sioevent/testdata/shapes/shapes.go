// Package shapes declares events with types that are hard to write in TypeScript.
package shapes

import (
	"encoding/json"

	"rightnow/socketio/sioevent"
	"rightnow/socketio/sioevent/testdata/shapes/shop"
)

// Order has types in types, each of which is to be declared.
type Order struct {
	Buyer  Person            `json:"buyer"`
	Items  []shop.Item       `json:"items"`
	Total  json.Number       `json:"total"`
	Weight *float64          `json:"weight,string"`
	Notes  map[string]string `json:"notes"`
	Stamp  []byte            `json:"stamp"`
}

type Person struct {
	Name string   `json:"name"`
	Home *Address `json:"home"`
}

type Address struct {
	City    City      `json:"city"`
	Tenants []*Person `json:"tenants"`
}

type City struct {
	Name string `json:"name"`
}

// Page is generic.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type Pair[A, B any] struct {
	First  A `json:"first"`
	Second B `json:"second"`
}

// Shadowing has fields of one name.
type Shadowing struct {
	Base
	*Extra
	Left
	Right
	Ident string `json:"id"`
}

type Base struct {
	ID   int `json:"id"`
	Size int
}

type Extra struct {
	Size2   int    `json:"Size"` // named by its tag, which Base's is not
	Comment string `json:"comment"`
}

type Left struct {
	Side string
	Hand string `json:"hand"`
}

type Right struct {
	Side bool
	Hand int `json:"hand"`
}

// Types called as some of the language's own.
type (
	Record      struct{ Pages map[string]int }
	ArrayBuffer struct{ Raw []byte }
	Array       struct{ All []Date }
	Date        struct{ Day int }
	Map         struct{ Of string }
	Promise     struct{ Kept bool }
	Partial     struct{ Of Set }
	Set         struct{ Of String }
	String      struct{ Of Number }
	Number      struct{ Of int }
	Object      struct{ Of any }
	Function    struct{ Of Socket }
	Socket      struct{ Of int }

	ServerToClientEvents struct{ Of int }
)

// Contract is all of them.
var Contract = sioevent.Contract{
	ServerToClient: []sioevent.Declaration{
		sioevent.Define[Order]("order"),
		sioevent.Define[Page[int]]("numbers"),
		sioevent.Define[Page[string]]("words"),
		sioevent.Define[Page[Pair[shop.Item, []*City]]]("pairs"),
		sioevent.Define[Shadowing]("shadowing"),
	},
	ClientToServer: []sioevent.Declaration{
		sioevent.Define[Record]("record"),
		sioevent.Define[ArrayBuffer]("buffer"),
		sioevent.Define[Array]("array"),
		sioevent.Define[Map]("map"),
		sioevent.Define[Promise]("promise"),
		sioevent.Define[Partial]("partial"),
		sioevent.Define[Object]("object"),
		sioevent.Define[Function]("function"),
		sioevent.Define[ServerToClientEvents]("events"),
	},
}
