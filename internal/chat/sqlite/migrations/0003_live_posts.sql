-- What the wall of live posts keeps with a room: JSON of its own. NULL: nothing.
ALTER TABLE rooms ADD COLUMN feed BLOB;

-- A post that a message brings along: JSON, see chat.Quote. NULL: none.
ALTER TABLE messages ADD COLUMN quote TEXT;

-- Who quotes a post, or posts of an author: for the day on which they are deleted.
CREATE INDEX messages_quoting ON messages (quote ->> 'source', quote ->> 'id') WHERE quote IS NOT NULL;
CREATE INDEX messages_quoting_native ON messages (quote ->> 'source', quote ->> 'native') WHERE quote IS NOT NULL;
CREATE INDEX messages_quoting_author ON messages (quote ->> 'source', quote ->> 'author_id') WHERE quote IS NOT NULL;

-- Small values under a name: how far each source of posts was read.
CREATE TABLE notes (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
