package main

import (
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"rightnow/socketio"
)

// echoServer is an Echo.
func echoServer(io *socketio.Server) http.Handler {
	e := echo.New()
	e.Use(middleware.RequestID(), middleware.Recover())
	e.Any("/socket.io/*", echo.WrapHandler(io))
	e.GET("/", echo.WrapHandler(http.HandlerFunc(home)))
	return e
}
