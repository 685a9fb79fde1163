//go:build race

package socketio_test

// raceBuild: everything takes ten times as long.
const raceBuild = true
