// The official clients of Socket.IO 2 and 3.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { serverForFile } from "./lib/server.mjs";
import { Mailbox, within } from "./lib/within.mjs";

const require = createRequire(import.meta.url);
const { servers } = await serverForFile();
const CLIENTS = {
  "client 2": [require("socket.io-client-2"), servers.eio3],
  "client 3": [require("socket.io-client-3"), servers.main],
  "client 3 beside client 2": [require("socket.io-client-3"), servers.eio3],
};
const MODES = {
  "polling only": { transports: ["polling"] },
  "polling only, base64": { transports: ["polling"], forceBase64: true },
  "WebSocket only": { transports: ["websocket"] },
  upgrading: { transports: ["polling", "websocket"] },
};
const bytes = (...list) => Buffer.from(list);

/** Connects; what comes waits in a mailbox for each event. */
function open(t, io, url, options = {}) {
  const { nsp = "/", ...rest } = options;
  const socket = io(url + nsp, { forceNew: true, reconnection: false, ...rest });
  t.after(() => socket.close());
  const boxes = new Map();
  const box = (event) => boxes.get(event) ?? boxes.set(event, new Mailbox()).get(event);
  for (const event of ["welcome", "echo", "bin", "burst", "burst-done", "news", "ack-result", "mixed", "connect", "connect_error", "error", "disconnect"]) {
    socket.on(event, (...args) => box(event).put(args));
  }
  return {
    socket,
    next: (event) => box(event).take(event),
    ask: (event, ...args) => within(new Promise((resolve) => socket.emit(event, ...args, (...got) => resolve(got))), () => `the acknowledgement of ${event}`),
  };
}

for (const [name, [io, url]] of Object.entries(CLIENTS)) {
  // checklist: 178, 181, 182, 183
  describe(name, () => {
    for (const [mode, transports] of Object.entries(MODES)) {
      const inMode = (what, body) => test(`${what} (${mode})`, (t) => body((options) => open(t, io, url, { ...transports, ...options }), t));

      inMode("joins, and hears its own id", async (connect) => {
        const peer = connect();
        const [welcome] = await peer.next("welcome");
        assert.deepEqual(welcome, { sid: peer.socket.id, nsp: "/", auth: {}, recovered: false });
      });

      inMode("brings values there and back", async (connect) => {
        const peer = connect();
        await peer.next("welcome");
        for (const values of [[], ["hello", 1.5, null, true], ["😀 é \u2028 \"\\"], [{ a: [1, { b: {} }] }], [bytes(0, 1, 255)], [{ a: bytes(1), list: [bytes(), 7] }, "x"], ["é".repeat(20000)]]) {
          assert.deepEqual(await peer.ask("echo", ...values), values);
          peer.socket.emit("echo", ...values);
          assert.deepEqual(await peer.next("echo"), values);
        }
      });

      inMode("keeps the order of a burst", async (connect) => {
        const peer = connect();
        await peer.next("welcome");
        peer.socket.emit("burst", 200, "mixed");
        for (let i = 0; i < 200; i++) {
          const [n, byte] = await peer.next("burst");
          assert.equal(n, i);
          if (i % 2) assert.deepEqual(byte, bytes(i & 255));
        }
        await peer.next("burst-done");
      });

      inMode("hears broadcasts in rooms, and is asked", async (connect) => {
        const [one, two] = [connect(), connect()];
        await Promise.all([one.next("welcome"), two.next("welcome")]);
        await two.ask("join", "tea");
        await one.ask("send", { via: "socket", to: ["tea"], event: "news", args: [{ n: 1 }] });
        assert.deepEqual(await two.next("news"), [{ n: 1 }]);
        two.socket.on("please-ack", (value, ack) => ack(value, "yes"));
        two.socket.emit("please", "x", 5000);
        assert.deepEqual(await two.next("ack-result"), [{ timedOut: false, args: ["x", "yes"] }]);
      });

      inMode("joins another namespace", async (connect) => {
        const peer = connect({ nsp: "/custom" });
        const [welcome] = await peer.next("welcome");
        assert.equal(welcome.nsp, "/custom");
        assert.equal(welcome.sid, peer.socket.id);
        assert.deepEqual(await peer.ask("echo", 1), [1]);
      });

      inMode("is told that the server disconnects it", async (connect) => {
        const peer = connect();
        await peer.next("welcome");
        peer.socket.emit("bye", false);
        assert.equal((await peer.next("disconnect"))[0], "io server disconnect");
      });

      inMode("stays through its heartbeats", async (connect) => {
        const peer = connect();
        await peer.next("welcome");
        const { id } = peer.socket;
        await new Promise((resolve) => setTimeout(resolve, 4500)); // longer than interval and time-out
        assert.deepEqual(await peer.ask("echo", id), [peer.socket.id]);
      });
    }
  });
}

// checklist: 184, 185
describe("client 2 and the namespaces' doors", () => {
  const [io, url] = CLIENTS["client 2"];
  test("what it brings stands in the query", async (t) => {
    const peer = open(t, io, url, { nsp: "/admin?token=secret" });
    const [welcome] = await peer.next("welcome");
    assert.deepEqual(welcome.auth, { token: "secret" });
  });

  test("a refusal is the error's data, or a text", async (t) => {
    assert.deepEqual(await open(t, io, url, { nsp: "/admin" }).next("error"), [{ code: 401 }]);
    assert.deepEqual(await open(t, io, url, { nsp: "/nothing" }).next("error"), [{ message: "Invalid namespace" }]);
  });
});

// checklist: 187
test("client 2 is refused where it is not allowed", async (t) => {
  const [io] = CLIENTS["client 2"];
  await open(t, io, servers.main).next("connect_error");
});

// checklist: 178, 179, 186
describe("Engine.IO 3 on the wire", () => {
  const get = async (query) => (await fetch(`${servers.eio3}/socket.io/?transport=polling&${query}`)).text();

  test("frames its packets by length, and joins / by itself", async () => {
    const open = await get("EIO=3");
    const [, length, packet] = open.match(/^(\d+):(0\{.*\})$/s);
    assert.equal(Number(length), packet.length);
    const { sid } = JSON.parse(packet.slice(1));
    assert.match(await get(`EIO=3&sid=${sid}`), /^2:40/);
    const url = `${servers.eio3}/socket.io/?transport=polling&EIO=3&sid=${sid}`;
    assert.equal(await (await fetch(url, { method: "POST", body: "1:2" })).text(), "ok");
    assert.match(await get(`EIO=3&sid=${sid}`), /1:3$/);
  });

  test("answers as a script", async () => {
    const script = await get("EIO=3&j=0abc1");
    const [, text] = script.match(/^___eio\[01\]\((".*")\);$/s);
    const { sid } = JSON.parse(JSON.parse(text).replace(/^\d+:0/, ""));
    const url = `${servers.eio3}/socket.io/?transport=polling&EIO=3&j=1&sid=${sid}`;
    const body = new URLSearchParams({ d: '17:42["echo","a\\\\nb"]'.replace("17", String('42["echo","a\\nb"]'.length)) });
    assert.equal(await (await fetch(url, { method: "POST", body })).text(), "ok");
    assert.match(await get(`EIO=3&j=1&sid=${sid}`), /^___eio\[1\]\(".*echo.*"\);$/s);
  });

  test("gives no script to a foreign page", async () => {
    const response = await fetch(`${servers.eio3}/socket.io/?transport=polling&EIO=3&j=0`, {
      headers: { "Sec-Fetch-Site": "cross-site", Referer: "http://evil.example/" },
    });
    assert.ok(response.status >= 400, `status ${response.status}`);
    assert.doesNotMatch(await response.text(), /___eio/);
  });
});
