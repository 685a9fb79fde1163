// Package shop has a type for another package's events.
package shop

// Item is what is sold.
type Item struct {
	Price int `json:"price"`
}
