// Package sqlite keeps the chat in one SQLite file, made at the first start.
//
//	one writer connection   OpenRoom, RemoveRooms, Append, Prune, Key, SetFeed, RemoveQuotes, SetNote: BEGIN IMMEDIATE … COMMIT
//	four readers            Room, Rooms, EmptyRooms, Before, After, Feed, Quotes, Note: each sees a whole transaction or nothing of it
//
// The journal is a write-ahead log and synchronous is FULL on every connection:
// when Append returns, its messages have been synced to the disk.
//
// The file is readable by its owner only, since it holds the key that people's
// ids are derived with. Beside it lie FILE-wal and FILE-shm while it is open;
// all three belong together, and a copy is made with sqlite3's .backup.
package sqlite
