// Package memnet is a network inside the process: a [net.Listener] and buffered
// connections for tests. Everything blocks on condition variables only, so
// that it works inside [testing/synctest] bubbles, net/http servers included.
package memnet
