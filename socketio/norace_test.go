//go:build !race

package socketio_test

const raceBuild = false
