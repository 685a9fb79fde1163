CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE rooms (
	id         INTEGER PRIMARY KEY,
	name       TEXT    NOT NULL UNIQUE,
	title      TEXT    NOT NULL,
	moderator  BLOB,             -- a proof of who opened it; NULL: nobody did
	created_at INTEGER NOT NULL, -- milliseconds since 1970, as all times
	last_seq   INTEGER NOT NULL DEFAULT 0,
	last_at    INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX rooms_by_last ON rooms (last_at DESC, name);

-- Clustered by room and sequence: a page of history lies together.
CREATE TABLE messages (
	room_id   INTEGER NOT NULL REFERENCES rooms (id),
	seq       INTEGER NOT NULL CHECK (seq > 0),
	person    TEXT    NOT NULL,
	client_id TEXT    NOT NULL,
	nick      TEXT    NOT NULL,
	text      TEXT    NOT NULL,
	at        INTEGER NOT NULL,
	PRIMARY KEY (room_id, seq),
	UNIQUE (room_id, person, client_id)
) WITHOUT ROWID;
