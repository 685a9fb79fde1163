// The live posts against a server that lives in this file.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RequestError } from "../page/js/connection.js";
import { Emitter } from "../page/js/emitter.js";
import { Feed } from "../page/js/feed.js";

const settle = async () => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

class FakeServer extends Emitter {
  connected = true;
  asked = [];
  posts = [{ source: "s", id: "1" }];
  answer = {};
  error;

  async request(event, payload) {
    if (!this.connected) throw new RequestError("offline");
    this.asked.push([event, payload]);
    await Promise.resolve();
    if (this.error) throw this.error;
    if (event === "feed" && payload.follow === false) return {};
    if (event === "feed_try") return { per_second: 2.5 };
    return { room: payload.room, on: true, words: payload.words ?? ["go"], langs: [], muted: [], may: true, rate: 1, limits: { words: 50, phrase: 60 }, sources: [], posts: this.posts, ...this.answer };
  }

  tell(event, payload) {
    this.emit(`server:${event}`, payload);
  }

  cut() {
    this.connected = false;
    this.emit("down");
  }
}

function watch(server) {
  const feed = new Feed(server);
  const log = [];
  for (const event of ["phase", "reset", "post", "gone", "hidden", "words", "meta", "sources"]) {
    feed.on(event, (what) => log.push(event === "phase" ? feed.phase : [event, what]));
  }
  return { feed, log };
}

test("followed: the last posts first, then each", async () => {
  const server = new FakeServer();
  const { feed, log } = watch(server);
  const following = feed.follow("tea");
  server.tell("post", { room: "tea", source: "s", id: "2" }); // overtakes the answer
  assert.deepEqual(log, ["asking"]);
  await following;
  assert.deepEqual(log.filter((entry) => ["reset", "post"].includes(entry[0])), [["reset", server.posts], ["post", { room: "tea", source: "s", id: "2" }]]);
  assert.equal(feed.phase, "on");
  assert.deepEqual([feed.words, feed.may], [["go"], true]);
  log.length = 0;
  server.tell("post", { room: "elsewhere", source: "s", id: "3" });
  server.tell("post_gone", { source: "s", id: "2" });
  server.tell("post_hide", { source: "s", id: "1" });
  server.tell("feed_words", { room: "tea", words: ["rust"], by: "Ann" });
  assert.deepEqual(log, [["gone", { source: "s", id: "2" }], ["hidden", { source: "s", id: "1" }], ["words", "Ann"]]);
  assert.deepEqual(feed.words, ["rust"]);
});

test("not followed: nothing is asked and nothing is told", async () => {
  const server = new FakeServer();
  const { feed, log } = watch(server);
  server.tell("post", { room: "", source: "s", id: "2" });
  server.tell("post_gone", { source: "s", id: "2" });
  assert.deepEqual([log, server.asked], [[], []]);
  await feed.follow("tea");
  feed.unfollow();
  log.length = 0;
  server.tell("post", { room: "tea", source: "s", id: "2" });
  assert.deepEqual(log, []);
  assert.deepEqual(server.asked.at(-1), ["feed", { room: "tea", follow: false }]);
});

test("followed again by the same connection: the list stays", async () => {
  const server = new FakeServer();
  const { feed, log } = watch(server);
  await feed.follow("tea");
  log.length = 0;
  server.answer = { may: false };
  await feed.follow("tea");
  assert.equal(feed.may, false);
  assert.ok(!log.some((entry) => entry[0] === "reset" || entry === "asking"));
});

test("another room: the one before is left, and its late answer is worth nothing", async () => {
  const server = new FakeServer();
  const { feed, log } = watch(server);
  const first = feed.follow("tea");
  const second = feed.follow("coffee");
  await Promise.all([first, second]);
  assert.equal(log.filter((entry) => entry[0] === "reset").length, 1);
  assert.equal(feed.room, "coffee");
  assert.ok(server.asked.some(([event, { room, follow }]) => event === "feed" && room === "tea" && follow === false));
});

test("after a lost connection the list begins anew", async () => {
  const server = new FakeServer();
  const { feed, log } = watch(server);
  await feed.follow("tea");
  server.cut();
  assert.equal(feed.phase, "lost");
  await feed.follow("tea");
  assert.equal(feed.phase, "lost");
  server.connected = true;
  server.posts = [{ source: "s", id: "9" }];
  log.length = 0;
  await feed.follow("tea");
  assert.deepEqual(log.find((entry) => entry[0] === "reset"), ["reset", server.posts]);
  assert.equal(feed.phase, "on");
});

test("closed while the answer is awaited: it stays closed", async () => {
  const server = new FakeServer();
  const { feed, log } = watch(server);
  const following = feed.follow("tea");
  feed.unfollow();
  await following;
  assert.deepEqual(log, ["asking", "off"]);
  assert.deepEqual(server.asked.at(-1), ["feed", { room: "tea", follow: false }]);
});

test("a server without live posts, an older one, and one that fails", async () => {
  for (const [set, phase] of [
    [{ answer: { on: false } }, "none"],
    [{ error: new RequestError("unknown_event") }, "none"],
    [{ error: new RequestError("internal", "Broken.") }, "failed"],
  ]) {
    const server = Object.assign(new FakeServer(), set);
    const { feed } = watch(server);
    await feed.follow("tea");
    assert.equal(feed.phase, phase);
  }
});

test("what passes is tried again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const server = new FakeServer();
    server.error = new RequestError("slow_down", "", { retry_ms: 700 });
    const { feed } = watch(server);
    const following = feed.follow("tea");
    await settle();
    server.error = undefined;
    mock.timers.tick(700);
    await following;
    assert.equal(feed.phase, "on");
  } finally {
    mock.timers.reset();
  }
});

test("words are changed for the room, and measured", async () => {
  const server = new FakeServer();
  const { feed } = watch(server);
  await feed.follow("tea");
  await feed.change({ words: ["go", "rust"] });
  assert.deepEqual(server.asked.at(-1), ["feed_set", { room: "tea", words: ["go", "rust"], from: { words: ["go"] } }]);
  assert.deepEqual(feed.words, ["go", "rust"]);
  assert.equal(await feed.measure("rust"), 2.5);
  server.error = new RequestError("bad_phrase", "Too broad.");
  await assert.rejects(feed.change({ words: ["a"] }), { message: "Too broad." });
  assert.deepEqual(feed.words, ["go", "rust"]);
});
