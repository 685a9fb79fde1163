package sioadmin_test

import (
	"fmt"

	"rightnow/socketio"
	"rightnow/socketio/sioadmin"
)

// The page is https://admin.socket.io, or the one in npm's @socket.io/admin-ui, which any web server
// can serve. A page that comes from elsewhere needs Origins, and Credentials.
func Example() {
	io := socketio.New(&socketio.Options{
		Origins:     []string{"https://admin.socket.io"},
		Credentials: true,
	})
	admin, err := sioadmin.Instrument(io, &sioadmin.Options{
		Username:     "admin",
		PasswordHash: "$2b$10$heqvAkYMez.Va6Et2uXInOnkCT6/uQj1brkrbyG3LpopDklcq7ZOS",
		Mode:         sioadmin.Production,
	})
	if err != nil {
		panic(err)
	}
	defer admin.Close()
	for _, n := range io.Namespaces() {
		fmt.Println(n.Name())
	}
	// Output:
	// /
	// /admin
}

// What clients are told of themselves is theirs, not the admins'.
func ExampleOptions_Data() {
	type user struct{ Name, Token string }
	_, err := sioadmin.Instrument(socketio.New(nil), &sioadmin.Options{
		NoAuth: true, // something else keeps strangers away
		Data: func(s *socketio.Socket) any {
			u, ok := s.Data().(*user)
			if !ok {
				return nil
			}
			return map[string]string{"name": u.Name}
		},
	})
	fmt.Println(err)
	// Output: <nil>
}
