// Package archtest keeps the shape of the tree: which package may import which,
// and a few habits that are cheap to check. It reads the source files itself;
// a child `go list` would be hidden from the test cache.
//
// Imports run downwards only:
//
//	      cmd/rightnow ─────────────► socketio/sioclient ─► engineio/eioclient
//	           │
//	      internal/app          (sees everything; nothing but cmd sees it)
//	      ┌────┼─────────┬──────────────┬───────────────┬───────────┐
//	 chat/chatio   chat/sqlite,…   feed/jetstream,…   web     cluster/redisbus,… ─► cluster/nodewire
//	      └──► chat ◄────┘              └─► feed                     │
//	                                                              cluster
//	gateway/*            socketio ──► engineio                       │
//	   │  └──► hub ◄────────┘            │                           │
//	   │         ▲───────────────────────┼───────────────────────────┘
//	   └──► internal/ws ◄────────────────┘
//
// A package that is not in the table of rules.go fails the test: whoever adds
// one decides there what it may see.
package archtest
