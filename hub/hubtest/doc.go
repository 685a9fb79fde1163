// Package hubtest holds what every implementation of the hub's interfaces
// must pass, and a member in memory for tests of what stands on the hub.
package hubtest
