// The official clients, from the first with Engine.IO 3 to the newest, each by every transport.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { serverForFile } from "./lib/server.mjs";
import { Mailbox, within } from "./lib/within.mjs";

const require = createRequire(import.meta.url);
const { servers } = await serverForFile();
const CLIENTS = {
  "client 1": [require("socket.io-client-1"), servers.eio3],
  "client 2": [require("socket.io-client-2"), servers.eio3],
  "client 3": [require("socket.io-client-3"), servers.main],
  "client 4": [require("socket.io-client"), servers.main],
  "client 3 beside client 2": [require("socket.io-client-3"), servers.eio3],
  "client 4 beside client 2": [require("socket.io-client"), servers.eio3],
};
const MODES = {
  "polling only": { transports: ["polling"] },
  "polling only, base64": { transports: ["polling"], forceBase64: true },
  "WebSocket only": { transports: ["websocket"] },
  "WebSocket only, base64": { transports: ["websocket"], forceBase64: true },
  upgrading: { transports: ["polling", "websocket"] },
};
const EVENTS = ["welcome", "echo", "bin", "burst", "burst-done", "news", "ack-result", "mixed", "connect", "connect_error", "error", "disconnect"];
const bytes = (...list) => Buffer.from(list);

/** Connects; what comes waits in a mailbox for each event. */
function open(t, io, url, options = {}) {
  const { nsp = "/", ...rest } = options;
  const socket = io(url + nsp, { forceNew: true, reconnection: false, ...rest });
  t.after(() => socket.close());
  const boxes = new Map(EVENTS.map((event) => [event, new Mailbox()]));
  for (const event of EVENTS) socket.on(event, (...args) => boxes.get(event).put(args));
  return {
    socket,
    next: (event) => boxes.get(event).take(event),
    ask: (event, ...args) => within(new Promise((resolve) => socket.emit(event, ...args, (...got) => resolve(got))), () => `the acknowledgement of ${event}`),
  };
}

/** Resolves once the connection is a WebSocket. */
function upgraded({ socket }) {
  const { engine } = socket.io;
  const done = new Promise((resolve) => {
    if (engine.transport.name === "websocket") resolve();
    else engine.once("upgrade", resolve);
  });
  return within(done, () => "the upgrade to WebSocket");
}

/** Registers a test for each client and mode; the body's connect makes that client join, or another one by the same transport. */
function inEveryMode(what, body) {
  for (const [name, [io, url]] of Object.entries(CLIENTS)) {
    for (const [mode, transports] of Object.entries(MODES)) {
      test(`${what} (${name}, ${mode})`, (t) => body(({ by = io, ...options } = {}) => open(t, by, url, { ...transports, ...options }), mode, name));
    }
  }
}

// checklist: 178, 181, 182, 183
describe("each official client, by each transport,", () => {
  inEveryMode("joins, and hears its own id", async (connect) => {
    const peer = connect();
    const [welcome] = await peer.next("welcome");
    assert.deepEqual(welcome, { sid: peer.socket.id, nsp: "/", auth: {}, recovered: false });
  });

  inEveryMode("is carried by what it asked for", async (connect, mode) => {
    const peer = connect();
    await peer.next("welcome");
    if (mode === "upgrading") await upgraded(peer);
    assert.deepEqual(await peer.ask("transport"), [mode.startsWith("polling") ? "polling" : "websocket"]);
  });

  inEveryMode("brings values there and back", async (connect) => {
    const peer = connect();
    await peer.next("welcome");
    for (const values of [[], ["hello", 1.5, null, true], ["😀 é \u2028 \"\\\n"], [{ a: [1, { b: {} }] }], [bytes(0, 1, 255)], [{ a: bytes(1), list: [bytes(), 7] }, "x"], ["é".repeat(20000)]]) {
      assert.deepEqual(await peer.ask("echo", ...values), values);
      peer.socket.emit("echo", ...values);
      assert.deepEqual(await peer.next("echo"), values);
    }
  });

  // Versions 1 encode texts twice over polling, and cannot be told from versions 2, which do not; Node's server hears the same.
  inEveryMode("is understood by others", async (connect, mode, name) => {
    const [one, newest] = [connect(), connect({ by: require("socket.io-client") })];
    await Promise.all([one.next("welcome"), newest.next("welcome")]);
    if (mode === "upgrading") await upgraded(one);
    const garbles = name === "client 1" && mode.startsWith("polling");
    await newest.ask("join", "tea");
    await one.ask("send", { via: "socket", to: ["tea"], event: "news", args: ["é 😀"] });
    assert.deepEqual(await newest.next("news"), [garbles ? Buffer.from("é 😀").toString("latin1") : "é 😀"]);
    await one.ask("join", "cake");
    await newest.ask("send", { via: "socket", to: ["cake"], event: "news", args: [garbles ? "plain" : "é 😀"] });
    assert.deepEqual(await one.next("news"), [garbles ? "plain" : "é 😀"]);
  });

  inEveryMode("keeps the order of a burst, both ways", async (connect) => {
    const peer = connect();
    await peer.next("welcome");
    peer.socket.emit("burst", 200, "mixed");
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    for (const i of numbers) peer.socket.emit("collect", i);
    for (const i of numbers) {
      const [n, byte] = await peer.next("burst");
      assert.equal(n, i);
      if (i % 2) assert.deepEqual(byte, bytes(i & 255));
    }
    await peer.next("burst-done");
    assert.deepEqual(await peer.ask("collected"), [numbers]);
  });

  inEveryMode("hears broadcasts in rooms, and is asked", async (connect) => {
    const [one, two] = [connect(), connect()];
    await Promise.all([one.next("welcome"), two.next("welcome")]);
    await two.ask("join", "tea");
    await one.ask("send", { via: "socket", to: ["tea"], event: "news", args: [{ n: 1 }] });
    assert.deepEqual(await two.next("news"), [{ n: 1 }]);
    two.socket.on("please-ack", (value, ack) => ack(value, "yes"));
    two.socket.emit("please", "x", 5000);
    assert.deepEqual(await two.next("ack-result"), [{ timedOut: false, args: ["x", "yes"] }]);
  });

  inEveryMode("joins another namespace", async (connect) => {
    const peer = connect({ nsp: "/custom" });
    const [welcome] = await peer.next("welcome");
    assert.equal(welcome.nsp, "/custom");
    assert.ok(welcome.sid.endsWith(peer.socket.id), `${welcome.sid}, ${peer.socket.id}`); // client 1 leaves the namespace away
    assert.deepEqual(await peer.ask("echo", 1), [1]);
  });

  inEveryMode("is told that the server disconnects it", async (connect) => {
    const peer = connect();
    await peer.next("welcome");
    peer.socket.emit("bye", false);
    assert.equal((await peer.next("disconnect"))[0], "io server disconnect");
  });
});

// All at the same time, for each waits longer than interval and time-out.
// checklist: 179, 180
describe("each official client stays through its heartbeats", { concurrency: true }, () => {
  inEveryMode("is the same afterwards", async (connect) => {
    const peer = connect();
    await peer.next("welcome");
    const { id } = peer.socket;
    await new Promise((resolve) => setTimeout(resolve, 4500));
    assert.deepEqual(await peer.ask("echo", id), [peer.socket.id]);
  });
});

const OLD = ["client 1", "client 2"];

// checklist: 184, 185
describe("an old client at the namespaces' doors", () => {
  for (const name of OLD) {
    const [io, url] = CLIENTS[name];
    test(`brings what stands in the query (${name})`, async (t) => {
      const peer = open(t, io, url, { nsp: "/admin?token=secret" });
      const [welcome] = await peer.next("welcome");
      assert.deepEqual(welcome.auth, { token: "secret" });
    });

    test(`is refused with the error's data, or a text (${name})`, async (t) => {
      assert.deepEqual(await open(t, io, url, { nsp: "/admin" }).next("error"), [{ code: 401 }]);
      assert.deepEqual(await open(t, io, url, { nsp: "/nothing" }).next("error"), [{ message: "Invalid namespace" }]);
    });
  }
});

// checklist: 187
describe("an old client is refused where it is not allowed", () => {
  for (const name of OLD) {
    for (const [mode, transports] of Object.entries(MODES)) {
      test(`${name}, ${mode}`, async (t) => {
        await open(t, CLIENTS[name][0], servers.main, transports).next("connect_error");
      });
    }
  }
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
