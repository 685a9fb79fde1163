// Socket.IO's tweet-stream as our example has it, with the official client.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Manager } from "socket.io-client";
import { MODES, Peer } from "./lib/peer.mjs";
import { binary, Program } from "./lib/program.mjs";
import { request } from "./lib/wire.mjs";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = new Program(binary("TWEETS_BIN", "./examples/tweet-stream"), [
  "-client", file("../node_modules/socket.io-client/dist"),
  "-jquery", file("../node_modules/jquery/dist"),
  "-replay", file("../../examples/tweet-stream/testdata/tweets.jsonl"),
  "-port", "0",
]);
after(() => program.stop());
const [, words, port] = await program.line(/^Tracking \[(.*)\]\.\nYour server is up and running on Port (\d+)\. Good job!$/m);
const url = `http://localhost:${port}`;

function connect(t, transports = MODES.upgrading) {
  const peer = new Peer(new Manager(url, { ...transports, reconnection: false }), "/");
  t.after(() => peer.close());
  return peer;
}

/** Takes events until one is as wanted. */
async function until(peer, event, wanted) {
  for (;;) {
    const [value] = await peer.next(event);
    if (wanted(value)) return value;
  }
}

const regret = ({ text }) => text.startsWith("<b>JavaScript</b>");

for (const [mode, transports] of Object.entries(MODES)) {
  describe(mode, () => {
    test("what matches comes as tweet, and what is deleted goes", async (t) => {
      const peer = connect(t, transports);
      const tweet = await until(peer, "tweet", regret);
      assert.equal(tweet.author.handle, "bob.example");
      assert.equal(tweet.text, "<b>JavaScript</b> & I regret it");
      assert.deepEqual(tweet.matched, ["javascript"]);
      const edited = await until(peer, "tweet", ({ text }) => text.endsWith(", edited"));
      const first = peer.log.find(([event, { id }]) => event === "tweet" && id === edited.id);
      assert.equal(first[1].text, "Tweet 11 about Socket.IO");
      const gone = await until(peer, "delete", ({ id }) => id === tweet.id);
      assert.equal(gone.source, tweet.source);
      assert.equal(peer.log.some(([event, { text }]) => event === "tweet" && text === "Only rain"), false);
    });

    test("somebody new gets the last ten as buffer", async (t) => {
      const early = connect(t);
      const deleted = await until(early, "delete", () => true);
      const [buffer] = await connect(t, transports).next("buffer");
      assert.equal(buffer.length, 10);
      assert.equal(buffer.some(({ id }) => id === deleted.id), false, "what was deleted is not in it");
      assert.equal(new Set(buffer.map(({ id }) => id)).size, 10, "a revision takes the place of the first");
      const times = buffer.map((tweet) => Date.parse(tweet.received_at));
      assert.deepEqual(times, times.toSorted((a, b) => b - a), "the newest is first");
    });
  });
}

describe("the server", () => {
  test("tracks the two words of Socket.IO's example", () => {
    assert.equal(words, '"socket.io" "javascript"');
  });

  test("tells how the source does", async (t) => {
    await until(connect(t), "status", (text) => text === "Live from replay.");
  });

  test("hands out the page, jQuery and the client", async () => {
    for (const [path, type, part] of [
      ["/", "text/html", /<script src="\/socket\.io\/socket\.io\.js">/],
      ["/application.js", "javascript", /socket\.on\("buffer"/],
      ["/style.css", "text/css", /body/],
      ["/jquery.min.js", "javascript", /jQuery v4/],
      ["/socket.io/socket.io.js", "javascript", /Socket\.IO v4/],
    ]) {
      const { status, headers, text } = await request(url + path);
      assert.equal(status, 200, path);
      assert.ok(headers["content-type"].includes(type), `${path} is ${headers["content-type"]}`);
      assert.match(text, part);
    }
  });
});
