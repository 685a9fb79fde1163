// The MessagePack parser, with the official client's.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createRequire } from "node:module";
import WebSocket from "ws";
import { dial, inEveryMode } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { within } from "./lib/within.mjs";

const parser = createRequire(import.meta.url)("socket.io-msgpack-parser");
const { servers } = await serverForFile();
const server = { url: servers.msgpack };
const bytes = (...list) => Buffer.from(list);

/** Registers a test in each mode, with the parser. */
function inEveryModeBinary(name, body) {
  inEveryMode(server, name, (connect, t, mode) => body((options) => connect({ parser, ...options }), t, mode));
}

/** Values that must come back as they went. */
const VALUES = {
  nothing: [],
  "awkward text": ['"\\\u2028\u2029\x1e\x00\t', "日本語", "👩‍👩‍👧‍👦"],
  "long text": ["x".repeat(31), "x".repeat(32), "x".repeat(256), "é".repeat(20000)],
  numbers: [0, -1, -33, 127, 128, 65536, 1.5, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, Number.MIN_VALUE],
  "true, false and null": [true, false, null],
  "nested values": [{ a: [1, { b: {} }, []], "": "empty key" }, [[["deep"]]]],
  "many arguments": Array.from({ length: 300 }, (_, i) => i),
  "a look-alike of a placeholder": [{ _placeholder: true, num: 0 }],
  "binary among the rest": [{ a: bytes(0, 255), list: [bytes(30), 7] }, "x", bytes()],
  "ten attachments": Array.from({ length: 10 }, (_, i) => bytes(i)),
};

// checklist: 194, 195
describe("MessagePack", () => {
  for (const [what, values] of Object.entries(VALUES)) {
    inEveryModeBinary(`acknowledges with ${what}`, async (connect) => {
      const peer = await connect();
      assert.deepEqual(await peer.ask("echo", ...values), values);
    });

    inEveryModeBinary(`emits ${what}`, async (connect) => {
      const peer = await connect();
      peer.socket.emit("echo", ...values);
      assert.deepEqual(await peer.next("echo"), values);
    });
  }

  // checklist: 196
  inEveryModeBinary("reads undefined and dates", async (connect) => {
    const peer = await connect();
    const date = new Date("2026-01-01T00:00:00.123Z");
    assert.deepEqual(await peer.ask("echo", undefined, { a: undefined, b: date }), [null, { b: date.toJSON() }]);
  });

  inEveryModeBinary("joins with auth, and is refused", async (connect, t, { transports }) => {
    const peer = await connect({ nsp: "/admin", auth: { token: "secret" } });
    assert.deepEqual(peer.welcome.auth, { token: "secret" });
    const other = dial(t, server.url, { transports, parser, nsp: "/admin" });
    const error = await other.refused();
    assert.deepEqual([error.message, error.data], ["not authorized", { code: 401 }]);
  });

  inEveryModeBinary("brings broadcasts, questions and the disconnect", async (connect) => {
    const [one, two] = [await connect(), await connect()];
    await two.ask("join", "tea");
    await one.ask("send", { via: "io", to: ["tea"], event: "news", args: [1, { a: 2 }] });
    assert.deepEqual(await two.next("news"), [1, { a: 2 }]);
    one.socket.on("please-ack", (value, ack) => ack(value, bytes(7)));
    one.socket.emit("please", "x", 5000);
    assert.deepEqual(await one.next("ack-result"), [{ timedOut: false, args: ["x", { bin: 1, sum: 7 }] }]);
    one.socket.emit("bye", false);
    assert.equal(await one.gone(), "io server disconnect");
  });
});

describe("what breaks the protocol ends the connection", () => {
  const pack = (packet) => new parser.Encoder().encode(packet)[0];
  const hostile = {
    "a text packet": '42["echo"]',
    "bytes that are no packet": bytes(1, 2, 3),
    "an unknown type": pack({ type: 5, nsp: "/", data: ["echo"] }),
    "a namespace of no text": pack({ type: 2, nsp: 7, data: ["echo"] }),
    "an id of no number": pack({ type: 2, nsp: "/", id: "x", data: ["echo"] }),
    "data of the wrong shape": pack({ type: 2, nsp: "/", data: { echo: 1 } }),
    "a reserved name": pack({ type: 2, nsp: "/", data: ["disconnect"] }),
    "CONNECT with nil": pack({ type: 0, nsp: "/custom", data: null }),
    "too many attachments": pack({ type: 2, nsp: "/", data: ["echo", ...Array.from({ length: 11 }, () => bytes(1))] }),
  };
  for (const [what, message] of Object.entries(hostile)) {
    // checklist: 197, 198
    test(what, async (t) => {
      const ws = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
      t.after(() => ws.terminate());
      const closed = new Promise((resolve) => ws.once("close", resolve));
      const joined = new Promise((resolve) => ws.on("message", (data, binary) => binary && resolve()));
      ws.once("open", () => ws.send(pack({ type: 0, nsp: "/" })));
      await within(joined, () => "the answer to CONNECT");
      ws.send(message);
      await within(closed, () => "the end of the connection");
    });
  }
});
