// The lesson's own application, examples/right-now, step by step with the official client.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { Manager } from "socket.io-client";
import { MODES, Peer } from "./lib/peer.mjs";
import { binary, Program } from "./lib/program.mjs";
import { request } from "./lib/wire.mjs";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const bin = binary("LESSON_BIN", "./examples/right-now");
const libraries = [
  "-client", file("../node_modules/socket.io-client/dist"),
  "-jquery", file("../node_modules/jquery/dist"),
];
const READY = /^Your server is up and running on Port (\d+)\. Good job!$/m;

const program = new Program(bin, [...libraries, "-port", "0"]);
after(() => program.stop());
const [, port] = await program.line(READY);
const url = `http://localhost:${port}`;

function connect(t, transports = MODES.upgrading) {
  const peer = new Peer(new Manager(url, { ...transports, reconnection: false }), "/");
  t.after(() => peer.close());
  return peer;
}

/** Takes messages until one has that text. */
async function say(peer, event, wanted) {
  for (;;) {
    const [message] = await peer.next(event);
    if (message.text === wanted) return message;
  }
}

for (const [mode, transports] of Object.entries(MODES)) {
  describe(mode, () => {
    test("a connection is logged and greeted", async (t) => {
      const before = program.stderr.split("Someone has connected.").length - 1;
      const peer = connect(t, transports);
      assert.deepEqual(await peer.next("message"), [{ user: "turingbot", text: "Hello, world!" }]);
      await program.line(new RegExp(`(?:[^]*?Someone has connected\\.){${before + 1}}`), "stderr");
    });

    test("a message comes each second", async (t) => {
      const peer = connect(t, transports);
      for (let i = 0; i < 2; i++) {
        const { user } = await say(peer, "message", "I am a banana.");
        assert.equal(user, "turingbot");
      }
    });

    test("socket.send is logged and told to everybody", async (t) => {
      const [peer, other] = [connect(t, transports), connect(t)];
      await Promise.all([peer.connected(), other.connected()]);
      peer.socket.send("message", { user: "ada", text: `I did the thing by ${mode}.` });
      const expected = { user: "ada", text: `I did the thing by ${mode}.` };
      assert.deepEqual(await peer.next("new message"), [expected]);
      assert.deepEqual(await other.next("new message"), [expected]);
      await program.line(new RegExp(`message: ada says "I did the thing by ${mode}\\."`), "stderr");
    });

    test("the mission channel is logged", async (t) => {
      const peer = connect(t, transports);
      await peer.connected();
      peer.socket.emit("mission", { user: "ada", text: `to go boldly by ${mode}` });
      await program.line(new RegExp(`mission: ada says "to go boldly by ${mode}"`), "stderr");
    });

    test("one, all, and all but the sender hear different things", async (t) => {
      const first = connect(t, transports);
      await say(first, "message", "Somebody can do the thing.");
      const second = connect(t, transports);
      await say(first, "message", "Somebody can do the thing.");
      await say(first, "message", "Somebody else can do the thing.");
      await say(second, "message", "Somebody can do the thing.");
      await say(second, "message", "I am a banana."); // all that the greeting brings has come before
      const heard = (peer, text) => peer.log.filter(([event, message]) => event === "message" && message.text === text).length;
      assert.equal(heard(first, "Hello, world!"), 1);
      assert.equal(heard(second, "Hello, world!"), 1);
      assert.equal(heard(second, "Somebody else can do the thing."), 0);
    });

    test("joiners and leavers are announced to the others", async (t) => {
      const peer = connect(t);
      await peer.next("counts");
      const other = connect(t, transports);
      assert.deepEqual(await peer.next("new connection"), []);
      await other.next("counts");
      other.close();
      assert.deepEqual(await peer.next("lost connection"), []);
      assert.equal(other.log.some(([event]) => event === "lost connection"), false);
    });

    test("three ways of counting agree", async (t) => {
      const peer = connect(t, transports);
      for (;;) {
        const [counts] = await peer.next("counts");
        assert.deepEqual(Object.keys(counts).sort(), ["clients", "connected", "sockets"]);
        if (counts.clients === 1 && counts.sockets === 1 && counts.connected === 1) break;
      } // those of the tests before leave one by one
      connect(t, transports);
      assert.deepEqual(await peer.next("counts"), [{ clients: 2, sockets: 2, connected: 2 }]);
    });

    test("a POST is told to everybody", async (t) => {
      const peer = connect(t, transports);
      await peer.connected();
      const posted = await request(`${url}/messages`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ user: "ada", text: "by AJAX <b>" }).toString(),
      });
      assert.equal(posted.status, 204);
      assert.deepEqual(await peer.next("new message"), [{ user: "ada", text: "by AJAX <b>" }]);
    });
  });
}

describe("the server", () => {
  test("hands out the page, jQuery and the client", async () => {
    for (const [path, type, part] of [
      ["/", "text/html", /<script src="\/socket\.io\/socket\.io\.js">/],
      ["/application.js", "javascript", /io\(\)/],
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

  // checklist: 188
  test("hands out the eight files of the official client, and nothing to who has them", async () => {
    for (const bundle of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"]) {
      for (const [name, type] of [[bundle, "application/javascript"], [`${bundle}.map`, "application/json"]]) {
        const { status, headers, bytes } = await request(`${url}/socket.io/${name}`);
        assert.equal(status, 200, name);
        assert.equal(headers["content-type"], `${type}; charset=utf-8`);
        assert.equal(headers["cache-control"], "public, max-age=0");
        assert.deepEqual(bytes, readFileSync(file(`../node_modules/socket.io-client/dist/${name}`)), name);
        const again = await request(`${url}/socket.io/${name}`, { headers: { "if-none-match": headers.etag } });
        assert.deepEqual([again.status, again.text], [304, ""], name);
      }
    }
  });

  test("refuses a POST without a text, one that is too long, and one from another's page", async () => {
    const post = (body, headers) => request(`${url}/messages`, {
      method: "POST", headers: { "content-type": "application/x-www-form-urlencoded", ...headers }, body,
    });
    assert.equal((await post("user=ada")).status, 400);
    assert.equal((await post(`text=${"x".repeat(20_000)}`)).status, 400);
    assert.equal((await post("text=x", { "sec-fetch-site": "cross-site" })).status, 403);
  });

  test("goes on after a message of a wrong shape", async (t) => {
    const peer = connect(t);
    await peer.connected();
    peer.socket.send("message", 5);
    peer.socket.send();
    peer.socket.emit("mission", ["x"]);
    peer.socket.send("message", { user: "ada", text: "still here" });
    await say(peer, "new message", "still here");
  });

  test("honours PORT", async () => {
    const free = await new Promise((resolve) => {
      const probe = createServer().listen(0, "localhost", () => {
        const { port } = probe.address();
        probe.close(() => resolve(String(port)));
      });
    });
    const own = new Program(bin, libraries, { PORT: free });
    const [, printed] = await own.line(READY);
    assert.equal(printed, free);
    await own.stop();
  });

  test("says which libraries are missing", async () => {
    const lost = new Program(bin, ["-client", "/nowhere", "-port", "0"]);
    await assert.rejects(lost.line(READY), /ended \(1\)/);
    assert.match(lost.stderr, /socket\.io\.js/);
  });
});

describe("docs/lesson.md", () => {
  const text = readFileSync(file("../../docs/lesson.md"), "utf8");
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code);

  test("has the lesson's steps in JavaScript", () => assert.ok(blocks.length > 10));

  for (const [i, code] of blocks.entries()) {
    test(`block ${i + 1} of JavaScript is well formed`, () => new vm.Script(code));
  }
});
