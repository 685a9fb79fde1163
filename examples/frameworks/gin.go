package main

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"rightnow/socketio"
)

// ginEngine is an engine of Gin.
func ginEngine(io *socketio.Server) http.Handler {
	r := gin.New()
	r.Use(gin.Recovery())
	r.Any("/socket.io/*any", gin.WrapH(io))
	r.GET("/", gin.WrapF(home))
	return r
}
