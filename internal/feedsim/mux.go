package feedsim

import "net/http"

// Fake is one upstream.
type Fake interface {
	http.Handler
	// Paths are the paths that it serves, those that end in "/" with all below them.
	Paths() []string
}

// Mux serves several fakes, which have no path in common, at one address.
func Mux(fakes ...Fake) http.Handler {
	mux := http.NewServeMux()
	for _, f := range fakes {
		for _, path := range f.Paths() {
			mux.Handle(path, f)
		}
	}
	return mux
}
