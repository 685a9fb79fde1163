-- Rooms in which nothing was ever said, by age: they make way for others.
CREATE INDEX rooms_empty ON rooms (created_at, name) WHERE last_seq = 0;
