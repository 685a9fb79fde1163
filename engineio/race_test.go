//go:build race

package engineio

// raced tells that the race detector is on: long tests are shortened, and allocations are not what they are.
const raced = true
