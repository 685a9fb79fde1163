// Engine.IO, protocol 4, as the official protocol suite has it: the same lines, told in our own way.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Socket } from "engine.io-client";
import { serverForFile } from "./lib/server.mjs";
import { Bare, engineURL, Polling, request, Wire } from "./lib/wire.mjs";
import { Mailbox, within } from "./lib/within.mjs";

const path = "/engine.io/";
const server = await serverForFile("engine-suite");
const poller = () => Polling.open(server.url, { path });
const wired = (t) => opened(t, Wire.session(server.url, { path }));
const upgrading = (t, session) => opened(t, Wire.upgrade(session));

async function opened(t, promise) {
  const wire = await promise;
  t.after(() => wire.close());
  return wire;
}

function assertHandshake(handshake, upgrades) {
  const { sid, ...rest } = handshake;
  assert.match(sid, /^[A-Za-z0-9_-]{20}$/);
  assert.deepEqual(rest, { upgrades, pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
}

describe("handshake", () => {
  // checklist: 1, 4
  test("over polling tells the session's facts, in this order", async () => {
    const { status, headers, text } = await request(engineURL(server.url, { EIO: "4", transport: "polling" }, path));
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; charset=UTF-8");
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(headers["content-length"], String(text.length));
    assert.equal(text[0], "0");
    const handshake = JSON.parse(text.slice(1));
    assert.deepEqual(Object.keys(handshake), ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]);
    assertHandshake(handshake, ["websocket"]);
  });

  // checklist: 49
  test("over WebSocket offers no upgrade", async (t) => {
    assertHandshake((await wired(t)).handshake, []);
  });

  // checklist: 2
  test("never gives an id twice", async () => {
    const sessions = await Promise.all(Array.from({ length: 50 }, poller));
    assert.equal(new Set(sessions.map(({ sid }) => sid)).size, 50);
  });

  const refusals = [
    ["no transport", "GET", { EIO: "4" }, 0, "Transport unknown"], // checklist: 5
    ["an unknown transport", "GET", { EIO: "4", transport: "abc" }, 0, "Transport unknown"], // checklist: 6
    ["WebTransport over HTTP", "GET", { EIO: "4", transport: "webtransport" }, 0, "Transport unknown"], // checklist: 6
    ["an unknown session", "GET", { EIO: "4", transport: "polling", sid: "abc" }, 1, "Session ID unknown"], // checklist: 11
    ["a session named as a property", "GET", { EIO: "4", transport: "polling", sid: "__proto__" }, 1, "Session ID unknown"], // checklist: 11
    ["POST", "POST", { EIO: "4", transport: "polling" }, 2, "Bad handshake method"], // checklist: 9
    ["PUT", "PUT", { EIO: "4", transport: "polling" }, 2, "Bad handshake method"],
    ["WebSocket without an upgrade", "GET", { EIO: "4", transport: "websocket" }, 3, "Bad request"], // checklist: 10
    ["no protocol version", "GET", { transport: "polling" }, 5, "Unsupported protocol version"], // checklist: 8
    ["protocol 3", "GET", { EIO: "3", transport: "polling" }, 5, "Unsupported protocol version"], // checklist: 8
    ["a version that is no number", "GET", { EIO: "abc", transport: "polling" }, 5, "Unsupported protocol version"],
  ];
  for (const [what, method, query, code, message] of refusals) {
    test(`over polling refuses ${what}`, async () => {
      const { status, headers, text } = await request(engineURL(server.url, query, path), { method });
      assert.equal(status, 400);
      assert.match(headers["content-type"], /^application\/json/);
      assert.deepEqual(JSON.parse(text), { code, message });
    });
  }

  const failures = [
    ["no protocol version", { transport: "websocket" }], // checklist: 53
    ["a version that is no number", { EIO: "abc", transport: "websocket" }], // checklist: 53
    ["no transport", { EIO: "4" }],
    ["an unknown transport", { EIO: "4", transport: "abc" }],
    ["polling as the transport", { EIO: "4", transport: "polling" }],
    ["an unknown session", { EIO: "4", transport: "websocket", sid: "abc" }],
  ];
  for (const [what, query] of failures) {
    test(`over WebSocket fails with ${what}`, async (t) => {
      const wire = new Wire(engineURL(server.url, query, path).replace("http", "ws"));
      t.after(() => wire.close());
      wire.opened.catch(() => {}); // whether it opens before it fails is the server's to choose
      await wire.closed();
      assert.deepEqual(wire.mail.drain(), []);
    });
  }

  // checklist: 51
  test("over WebSocket says in plain text why a session is unknown", async () => {
    const headers = {
      connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const query = { EIO: "4", transport: "websocket", sid: "abc" };
    const { status, text } = await request(engineURL(server.url, query, path), { headers });
    assert.equal(status, 400);
    assert.equal(text, "Session ID unknown");
  });
});

describe("messages", () => {
  const payloads = {
    "one text": "4hello",
    "several texts": "4test1\x1e4test2\x1e4test3", // checklist: 21, 22
    "text and binary": "4hello\x1ebAQIDBA==", // checklist: 24, 25
    "binary alone": "bAQIDBA==", // checklist: 24
    "an empty text": "4",
    "more than ASCII": "4пойду спать\x1e4日本語\x1e4👍",
    "two hundred packets": Array.from({ length: 200 }, (_, i) => `4${i}`).join("\x1e"),
  };
  for (const [what, payload] of Object.entries(payloads)) {
    test(`over polling: ${what} comes back in one poll`, async () => {
      const session = await poller();
      const { status, headers, text } = await session.post(payload);
      assert.deepEqual([status, text], [200, "ok"]);
      assert.equal(headers["content-type"], "text/html");
      const polled = await session.poll();
      assert.equal(polled.status, 200);
      assert.equal(polled.headers["content-type"], "text/plain; charset=UTF-8");
      assert.equal(polled.text.replace(/\x1e2$/, ""), payload); // on a slow machine a ping is due
    });
  }

  test("over polling: a poll that waits gets what comes", async () => {
    const session = await poller();
    const waiting = session.packets();
    await session.send("4hello");
    assert.deepEqual(await waiting, ["4hello"]);
  });

  // checklist: 50, 58
  test("over WebSocket: text, binary and what is like both", async (t) => {
    const wire = await wired(t);
    wire.send("4hello", Buffer.from([1, 2, 3, 4]), "4", Buffer.alloc(0), "4👍", "bAQIDBA==");
    assert.equal(await wire.packet(), "4hello");
    assert.deepEqual(await wire.packet(), Buffer.from([1, 2, 3, 4]));
    assert.equal(await wire.packet(), "4");
    assert.deepEqual(await wire.packet(), Buffer.alloc(0));
    assert.equal(await wire.packet(), "4👍");
    assert.deepEqual(await wire.packet(), Buffer.from([1, 2, 3, 4]));
  });

  for (const bad of ["abc", "4ok\x1eabc", "", "4a\x1e", "7", "9abc"]) {
    test(`over polling: the payload ${JSON.stringify(bad)} ends the session`, async () => {
      const session = await poller();
      await session.post(bad).catch(() => {}); // its answer is the server's to choose
      await session.expectUnknown();
    });
  }

  for (const bad of ["abc", "", "7", "9abc"]) {
    test(`over WebSocket: the packet ${JSON.stringify(bad)} ends the session`, async (t) => {
      const wire = await wired(t);
      wire.send(bad);
      await wire.closed();
    });
  }

  test("over polling: a bad packet releases the pending poll, after the good ones before it", async () => {
    const session = await poller();
    const polled = session.poll();
    await session.post("4good\x1eabc").catch(() => {});
    const { status, text } = await polled;
    if (status === 400) assert.match(text, /Session ID unknown/); // the post came first
    else assert.match(text, /^(4good\x1e)?1$|^4good$/);
    await session.expectUnknown();
  });

  test("over polling: a body of octets is refused and ends the session", async () => {
    const session = await poller();
    const headers = { "content-type": "application/octet-stream" };
    const { status } = await session.post(Buffer.from([4, 1, 2]), { headers }).catch(() => ({ status: 400 }));
    assert.equal(status, 400);
    await session.expectUnknown();
  });

  // checklist: 42
  for (const harmless of ["0", "5", "6", "3"]) {
    test(`over polling: the packet ${harmless} does no harm`, async () => {
      const session = await poller();
      await session.send(`${harmless}\x1e4hello`);
      assert.deepEqual(await session.packets(), ["4hello"]);
    });
  }
});

describe("two requests at once", () => {
  test("one of two polls is refused, the other released, and the session is over", async () => {
    const session = await poller();
    const answers = await Promise.all([session.poll(), session.poll()]);
    answers.sort((a, b) => a.status - b.status);
    assert.deepEqual([answers[0].status, answers[0].text], [200, "1"]);
    assert.ok([400, 500].includes(answers[1].status), `status ${answers[1].status}`);
    await session.expectUnknown();
  });

  test("of two posts one is refused, and the session is over", async () => {
    const session = await poller();
    const { port } = server;
    const slow = await Bare.open(server.url);
    slow.write(`POST ${session.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost:${port}\r\n`
      + "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n");
    await slow.read(/100 Continue/); // the server has begun to read this one's body
    slow.write("4");
    const { status } = await session.post("4hello");
    assert.ok([400, 500].includes(status), `status ${status}`);
    await session.expectUnknown();
    await slow.closed();
  });
});

describe("heartbeat", () => {
  test("over polling: a ping, and again after each pong", async () => {
    const session = await poller();
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(await session.packets(), ["2"]);
      await session.send("3");
    }
  });

  test("over WebSocket: a ping, and again after each pong", async (t) => {
    const wire = await wired(t);
    for (let i = 0; i < 3; i++) {
      assert.equal(await wire.next("a ping"), "2");
      wire.send("3");
    }
  });

  // checklist: 68
  test("over polling: silence ends the session, and the pending poll with it", async () => {
    const session = await poller();
    assert.deepEqual(await session.packets(), ["2"]);
    assert.deepEqual(await session.packets(), ["1"]);
    await session.expectUnknown();
  });

  // checklist: 68
  test("over polling: a session that nobody polled is unknown from the deadline on", async () => {
    // A server that could not run in time may give the client more of it: one exact end in three is enough.
    for (let tries = 1; ; tries++) {
      const session = await poller();
      await setTimeout(500); // the deadline itself is the subject here
      try {
        return await session.expectUnknown();
      } catch (err) {
        if (tries === 3) throw err;
      }
    }
  });

  test("over WebSocket: silence closes the connection", async (t) => {
    const wire = await wired(t);
    const { code } = await wire.closed();
    assert.equal(code, 1005);
    assert.deepEqual(wire.mail.drain(), ["2"]);
  });

  // checklist: 69
  test("other traffic neither replaces nor postpones the pong", async (t) => {
    const wire = await wired(t);
    const busy = setInterval(() => wire.ws.readyState === 1 && wire.send("4x"), 20);
    t.after(() => clearInterval(busy));
    await wire.closed(2000);
  });

  test("over polling: a ping from the client ends the session", async () => {
    const session = await poller();
    await session.post("2").catch(() => {}); // its answer is the server's to choose
    await session.expectUnknown();
  });

  test("over WebSocket: a ping from the client ends the session", async (t) => {
    const wire = await wired(t);
    wire.send("2");
    await wire.closed(250); // sooner than the heartbeat would do it
  });
});

describe("closing", () => {
  // checklist: 37
  test("over polling: the client's close releases the pending poll with a noop", async () => {
    const session = await poller();
    const polled = session.packets();
    await session.send("1");
    assert.deepEqual(await polled, ["6"]);
    await session.expectUnknown();
  });

  // checklist: 38
  test("over polling: what follows the close in its payload is ignored", async () => {
    const session = await poller();
    const polled = session.packets();
    await session.send("1\x1e4late");
    assert.deepEqual(await polled, ["6"]);
    await session.expectUnknown();
  });

  test("over WebSocket: the client's close frame ends the session", async (t) => {
    const wire = await wired(t);
    wire.ws.close();
    assert.equal((await wire.closed()).code, 1005);
  });

  test("over WebSocket: the code of the client's close frame is echoed", async (t) => {
    const wire = await wired(t);
    wire.ws.close(3456, "bye");
    assert.equal((await wire.closed()).code, 3456);
  });
});

describe("upgrade", () => {
  // checklist: 72
  test("goes by probe, noop and upgrade", async (t) => {
    const session = await poller();
    const wire = await upgrading(t, session);
    wire.send("2probe");
    assert.equal(await wire.packet(), "3probe");
    assert.deepEqual(await session.packets(), ["6"]);
    wire.send("5", "4hello");
    assert.equal(await wire.packet(), "4hello");
  });

  test("releases a poll that was pending before the probe", async (t) => {
    const session = await poller();
    const polled = session.packets();
    const wire = await upgrading(t, session);
    wire.send("2probe");
    assert.deepEqual(await polled, ["6"]);
    assert.equal(await wire.packet(), "3probe");
  });

  // checklist: 74, 75
  test("carries over polling what is said before it is complete, the rest over WebSocket", async (t) => {
    const session = await poller();
    const wire = await upgrading(t, session);
    wire.send("2probe");
    assert.equal(await wire.packet(), "3probe");
    await session.send("4one");
    assert.deepEqual(await session.packets(), ["4one"]);
    await session.send("4two\x1e4three");
    wire.send("5", "4four");
    for (const expected of ["4two", "4three", "4four"]) assert.equal(await wire.packet(), expected);
  });

  // checklist: 81
  test("ends polling for the session", async (t) => {
    const session = await poller();
    const wire = await upgrading(t, session);
    wire.send("2probe", "5", "4hello");
    assert.equal(await wire.packet(), "3probe");
    assert.equal(await wire.packet(), "4hello");
    const { status, text } = await session.poll();
    assert.equal(status, 400);
    assert.deepEqual(JSON.parse(text), { code: 3, message: "Bad request" });
    wire.send("4still here");
    assert.equal(await wire.packet(), "4still here");
  });

  // checklist: 80
  test("happens once: a second WebSocket is closed and the first goes on", async (t) => {
    const session = await poller();
    const wire = await upgrading(t, session);
    wire.send("2probe", "5", "4hello");
    assert.equal(await wire.packet(), "3probe");
    assert.equal(await wire.packet(), "4hello");
    await refusedCandidate(t, session);
    wire.send("4still here");
    assert.equal(await wire.packet(), "4still here");
  });

  // checklist: 79
  test("has one candidate at a time", async (t) => {
    const session = await poller();
    const wire = await upgrading(t, session);
    wire.send("2probe");
    assert.equal(await wire.packet(), "3probe");
    await refusedCandidate(t, session);
    wire.send("5", "4hello");
    assert.equal(await wire.packet(), "4hello");
  });

  // checklist: 78
  test("may be given up, and tried again", async (t) => {
    const session = await poller();
    const first = await upgrading(t, session);
    first.send("2probe");
    assert.equal(await first.packet(), "3probe");
    first.ws.close();
    await first.closed();
    await session.send("4polling");
    assert.deepEqual(await session.until((packet) => packet === "4polling"), ["4polling"]);
    const second = await upgrading(t, session);
    second.send("2probe", "5", "4hello");
    assert.equal(await second.packet(), "3probe");
    assert.equal(await second.packet(), "4hello");
  });

  // checklist: 76
  for (const wrong of ["4hello", "2", "0", "1", "3probe", "2probes", "abc", ""]) {
    test(`a candidate that says ${JSON.stringify(wrong)} is closed and the session goes on`, async (t) => {
      const session = await poller();
      const wire = await upgrading(t, session);
      wire.send(wrong);
      await wire.closed();
      await session.send("4hello");
      assert.deepEqual(await session.until((packet) => packet === "4hello"), ["4hello"]);
    });
  }
});

/** A WebSocket for the session that the server closes, or does not open at all. */
async function refusedCandidate(t, session) {
  const url = engineURL(server.url, { EIO: "4", transport: "websocket", sid: session.sid }, path);
  const wire = new Wire(url.replace("http", "ws"));
  t.after(() => wire.close());
  wire.opened.catch(() => {});
  await wire.closed();
}

describe("the official Engine.IO client", () => {
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`echoes 200 messages in order over ${transports.join(", then ")}`, async (t) => {
      const socket = new Socket(server.url, { path, transports });
      socket.binaryType = "arraybuffer";
      t.after(() => socket.close());
      const mail = new Mailbox();
      socket.on("message", (data) => mail.put(data));
      socket.on("close", (reason) => mail.end(`closed (${reason})`));
      await within(new Promise((resolve) => socket.once("open", resolve)), () => "open");
      for (let i = 0; i < 200; i++) socket.send(i % 5 ? `text ${i}` : new Uint8Array([i]));
      for (let i = 0; i < 200; i++) {
        const data = await mail.take(`echo ${i}`);
        if (i % 5) assert.equal(data, `text ${i}`);
        else assert.deepEqual([...new Uint8Array(data)], [i]);
      }
    });
  }
});
