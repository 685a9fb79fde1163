// What a slow connection was not sent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../page/js/emitter.js";
import { Feed } from "../page/js/feed.js";

/** A server whose room had shown so many posts, the last one being "old". */
class FakeServer extends Emitter {
  connected = true;
  shown = 50;
  error;

  async request(event, { room }) {
    const { shown } = this;
    await Promise.resolve();
    if (this.error) throw this.error;
    return { room, on: true, words: ["go"], sources: [], posts: [{ source: "s", id: "old", author: { id: "a" } }], meta: { seen: shown * 10, shown } };
  }

  tell(event, payload) {
    this.emit(`server:${event}`, { room: "tea", ...payload });
  }

  post(id) {
    this.tell("post", { source: "s", id, author: { id: `author of ${id}` } });
  }

  /** Shows new posts, of which those with a name come. */
  show(...ids) {
    this.shown += ids.length;
    for (const id of ids) if (id) this.post(id);
  }

  meta(shown = this.shown) {
    this.tell("feed_meta", { seen: shown * 10, shown });
  }
}

async function followed() {
  const server = new FakeServer();
  const feed = new Feed(server);
  await feed.follow("tea");
  return { server, feed };
}

test("missed: what the server has shown and did not come", async () => {
  const { server, feed } = await followed();
  server.show("1", "2");
  server.meta();
  assert.equal(feed.missed, 0);
  server.show("3", "", "", "");
  server.meta();
  assert.equal(feed.missed, 3);
  server.show("4");
  server.meta();
  assert.equal(feed.missed, 3);
});

test("missed: revisions are no new posts, and what is shown again is one", async () => {
  const { server, feed } = await followed();
  server.show("1", "");
  for (const id of ["1", "1", "old"]) server.post(id); // edited, or the name of its author
  server.meta();
  assert.equal(feed.missed, 1);
  server.tell("post_hide", { source: "s", id: "1" });
  server.show("1");
  server.tell("post_gone", { source: "s", author_id: "author of 1" });
  server.show("1");
  server.meta();
  assert.equal(feed.missed, 1);
});

test("missed: begins anew with each connection and room", async () => {
  const { server, feed } = await followed();
  server.show("1", "");
  server.meta();
  server.connected = false;
  server.emit("down");
  server.show("", "", ""); // nobody is there
  server.connected = true;
  await feed.follow("tea");
  server.show("5");
  server.meta();
  assert.equal(feed.missed, 0);
  server.show("");
  server.meta();
  assert.equal(feed.missed, 1);
  feed.unfollow();
  server.show("", "");
  await feed.follow("tea");
  server.meta();
  assert.equal(feed.missed, 0);
});

test("missed: what overtakes the answer, or is older than it, is no alarm", async () => {
  const server = new FakeServer();
  const feed = new Feed(server);
  const following = feed.follow("tea");
  server.meta(48);
  server.show("6"); // after the answer was made, before it came
  server.meta();
  await following;
  assert.deepEqual([feed.missed, feed.meta.shown], [0, 51]);
  const again = feed.follow("tea"); // what may be done is asked anew
  server.show("7", "");
  await again;
  server.meta();
  assert.equal(feed.missed, 1);
});

test("missed: other words change nothing, a room that was removed begins anew", async () => {
  const { server, feed } = await followed();
  server.show("1");
  server.tell("feed_words", { words: ["rust"], by: "Ann" });
  server.show("2");
  server.meta();
  assert.equal(feed.missed, 0);
  server.tell("feed_words", { words: [], by: "" });
  server.shown = 0;
  server.show("3", "4");
  server.meta();
  assert.equal(feed.missed, 0);
  server.show("");
  server.meta();
  assert.equal(feed.missed, 1);
});

test("missed: nothing, while it could not be followed", async () => {
  const { server, feed } = await followed();
  server.error = Object.assign(new Error("no"), { code: "internal" });
  await feed.follow("tea");
  assert.equal(feed.phase, "failed");
  server.show("1", "2");
  server.error = undefined;
  await feed.follow("tea");
  server.show("3");
  server.meta();
  assert.equal(feed.missed, 0);
});
