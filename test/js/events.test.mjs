// Every event of the conformance server's table that concerns one socket, with the official client.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { dial, inEveryMode, upgraded } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";

const server = await serverForFile();
const bytes = (...list) => Buffer.from(list);
const counting = (n) => Buffer.from(Array.from({ length: n }, (_, i) => i & 255));

/** What `describe` shows of n counting bytes. */
function description(n) {
  let sum = 0;
  for (const byte of counting(n)) sum = (sum + byte) & 0xffff;
  return { bin: n, sum };
}

describe("welcome", () => {
  inEveryMode(server, "tells the id, the namespace and no auth", async (connect) => {
    const peer = await connect();
    assert.deepEqual(peer.welcome, { sid: peer.id, nsp: "/", auth: {}, recovered: false });
    assert.match(peer.id, /^[A-Za-z0-9_-]{20}$/);
    assert.notEqual(peer.id, peer.manager.engine.id);
  });

  // checklist: 86
  inEveryMode(server, "tells the auth", async (connect) => {
    const auth = { token: "x", n: [1, { two: null }] };
    assert.deepEqual((await connect({ auth })).welcome.auth, auth);
  });
});

/** Values that must come back as they went. */
const VALUES = {
  nothing: [],
  "a string": ["hello"],
  "an empty string": [""],
  "awkward text": ['"\\\u2028\u2029</script>\x1e\x00\t', "日本語", "👩‍👩‍👧‍👦", "e\u0301"],
  numbers: [0, -1, 1.5, 1e21, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, Number.MIN_VALUE],
  "true, false and null": [true, false, null],
  "nested values": [{ a: [1, { b: {} }, []], "": "empty key" }, [[["deep"]]]],
  "many arguments": Array.from({ length: 300 }, (_, i) => i),
  "a look-alike of a placeholder": [{ _placeholder: true, num: 0 }],
  "deeply nested lists": [JSON.parse("[".repeat(200) + "]".repeat(200))],
  binary: [bytes(1, 2, 3)],
  "no bytes at all": [Buffer.alloc(0)],
  "binary among the rest": [{ a: bytes(0, 255), list: [bytes(30), 7] }, "x", bytes()],
  "ten attachments": Array.from({ length: 10 }, (_, i) => bytes(i)),
  "50,000 bytes of text": ["é".repeat(25000)],
  "60,000 bytes": [counting(60000)],
};

describe("echo", () => {
  for (const [what, values] of Object.entries(VALUES)) {
    // checklist: 108, 116, 138
    inEveryMode(server, `acknowledges with ${what}`, async (connect) => {
      const peer = await connect();
      assert.deepEqual(await peer.ask("echo", ...values), values);
    });

    inEveryMode(server, `without an acknowledgement emits ${what}`, async (connect) => {
      const peer = await connect();
      peer.socket.emit("echo", ...values);
      assert.deepEqual(await peer.next("echo"), values);
    });
  }

  inEveryMode(server, "keeps the order of 500 events and acknowledgements", async (connect) => {
    const peer = await connect();
    const answers = [];
    for (let i = 0; i < 500; i++) {
      if (i % 3) answers.push(peer.ask("echo", i, i % 2 ? bytes(i & 255) : "text"));
      else peer.socket.emit("echo", i);
    }
    (await Promise.all(answers)).forEach(([i, value], at) => {
      assert.equal(i, Math.floor(at / 2) * 3 + 1 + (at % 2));
      assert.deepEqual(value, i % 2 ? bytes(i & 255) : "text");
    });
    for (let i = 0; i < 500; i += 3) assert.deepEqual(await peer.next("echo"), [i]);
  });

  inEveryMode(server, "turns what JSON does not know into null, as the client sends it", async (connect) => {
    const peer = await connect();
    const date = new Date(0);
    assert.deepEqual(await peer.ask("echo", undefined, NaN, date), [null, null, "1970-01-01T00:00:00.000Z"]);
  });
});

describe("describe", () => {
  inEveryMode(server, "shows what the server has read", async (connect) => {
    const peer = await connect();
    const got = await peer.ask("describe", counting(1000), { a: [bytes(255, 255), null], s: "x" }, bytes(), 7);
    const expected = [description(1000), { a: [{ bin: 2, sum: 510 }, null], s: "x" }, { bin: 0, sum: 0 }, 7];
    assert.deepEqual(got, expected);
  });

  inEveryMode(server, "without arguments acknowledges with none", async (connect) => {
    assert.deepEqual(await (await connect()).ask("describe"), []);
  });
});

describe("acknowledgements of the server", () => {
  inEveryMode(server, "ack-never never answers, and later events go on", async (connect) => {
    const peer = await connect();
    let answered = false;
    peer.socket.emit("ack-never", () => { answered = true; });
    await peer.settle();
    assert.equal(answered, false);
  });

  inEveryMode(server, "an event without a handler is never answered either", async (connect) => {
    const peer = await connect();
    let answered = false;
    peer.socket.emit("nobody-knows-this", 1, () => { answered = true; });
    await peer.settle();
    assert.equal(answered, false);
  });

  inEveryMode(server, "ack-late answers later, and the events behind it do not wait", async (connect) => {
    const peer = await connect();
    const late = peer.ask("ack-late", 700, "value"); // so long, because an upgrade may hold up the echo
    const order = [];
    await Promise.all([
      late.then(() => order.push("late")),
      peer.settle().then(() => order.push("echo")),
    ]);
    assert.deepEqual(order, ["echo", "late"]);
    assert.deepEqual(await late, ["value"]);
  });

  inEveryMode(server, "ack-twice answers once", async (connect) => {
    const peer = await connect();
    const answers = [];
    peer.socket.emit("ack-twice", "first", (...args) => answers.push(args));
    await peer.settle();
    assert.deepEqual(answers, [["first"]]);
  });

  inEveryMode(server, "an event sent without an acknowledgement is carried out", async (connect) => {
    const peer = await connect();
    for (const event of ["describe", "ack-late", "ack-twice", "join", "leave", "rooms", "transport", "get-data"]) {
      peer.socket.emit(event, 0, "room");
    }
    peer.socket.emit("join", "silent");
    assert.ok((await peer.ask("rooms"))[0].includes("silent"));
    assert.deepEqual(peer.log.map(([event]) => event), ["welcome"]);
  });
});

describe("acknowledgements of the client", () => {
  inEveryMode(server, "reach the server with all their arguments", async (connect) => {
    const peer = await connect();
    peer.socket.on("please-ack", (value, ack) => ack(value, 2, bytes(7, 8), { b: bytes() }));
    peer.socket.emit("please", "one", 5000);
    const [{ timedOut, args }] = await peer.next("ack-result");
    assert.equal(timedOut, false);
    assert.deepEqual(args, ["one", 2, { bin: 2, sum: 15 }, { b: { bin: 0, sum: 0 } }]);
  });

  inEveryMode(server, "may be empty", async (connect) => {
    const peer = await connect();
    peer.socket.on("please-ack", (value, ack) => ack());
    peer.socket.emit("please", "one", 5000);
    assert.deepEqual(await peer.next("ack-result"), [{ timedOut: false, args: [] }]);
  });

  inEveryMode(server, "time out when they do not come, and come too late without harm", async (connect) => {
    const peer = await connect();
    let late;
    peer.socket.on("please-ack", (value, ack) => { late = ack; });
    peer.socket.emit("please", "one", 50);
    assert.deepEqual(await peer.next("ack-result"), [{ timedOut: true, args: [] }]);
    late("too late");
    await peer.settle();
    assert.deepEqual(peer.waiting("ack-result"), []);
  });

  inEveryMode(server, "find their questions, whatever the order", async (connect) => {
    const peer = await connect();
    const open = [];
    const all = new Promise((resolve) => {
      peer.socket.on("please-ack", (value, ack) => {
        open.push([value, ack]);
        if (open.length === 20) resolve();
      });
    });
    for (let i = 0; i < 20; i++) peer.socket.emit("please", i, 5000);
    await Promise.all([all]);
    for (const [value, ack] of open.reverse()) ack(value, "mine");
    const got = [];
    for (let i = 0; i < 20; i++) got.push((await peer.next("ack-result"))[0].args[0]);
    assert.deepEqual(got.sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
  });
});

describe("binary from the server", () => {
  for (const n of [0, 1, 125, 126, 127, 1000, 65535, 65536, 500000]) {
    inEveryMode(server, `give ${n}`, async (connect) => {
      const peer = await connect();
      peer.socket.emit("give", n);
      const [got] = await peer.next("bin");
      assert.ok(got.equals(counting(n)), `${got.length} bytes came`);
    });
  }

  inEveryMode(server, "give-mixed", async (connect) => {
    const peer = await connect();
    peer.socket.emit("give-mixed");
    const mixed = { a: bytes(1, 2, 3), list: [bytes(4), 7, { c: bytes() }], s: "x" };
    assert.deepEqual(await peer.next("mixed"), [mixed, bytes(255)]);
  });
});

describe("burst", () => {
  for (const kind of ["text", "binary", "mixed"]) {
    // checklist: 133
    inEveryMode(server, `of 1000, ${kind}, comes whole and in order`, async (connect) => {
      const peer = await connect();
      peer.socket.emit("burst", 1000, kind);
      assert.deepEqual(await peer.next("burst-done"), [1000]);
      const got = peer.waiting("burst");
      assert.equal(got.length, 1000);
      got.forEach((args, i) => {
        const blob = kind === "binary" || (kind === "mixed" && i % 2 === 1);
        assert.deepEqual(args, blob ? [i, bytes(i & 255)] : [i]);
      });
      assert.equal(peer.log.at(-1)[0], "burst-done");
    });
  }

  inEveryMode(server, "of none is only done", async (connect) => {
    const peer = await connect();
    peer.socket.emit("burst", 0, "text");
    assert.deepEqual(await peer.next("burst-done"), [0]);
    assert.deepEqual(peer.waiting("burst"), []);
  });
});

describe("collect", () => {
  inEveryMode(server, "keeps the order of what one socket sends", async (connect) => {
    const peer = await connect();
    for (let i = 0; i < 300; i++) peer.socket.emit("collect", i, i % 7 ? `text ${i}` : bytes(i & 255));
    const [list] = await peer.ask("collected");
    assert.deepEqual(list, Array.from({ length: 300 }, (_, i) => i));
    assert.deepEqual(await peer.ask("collected"), [[]]);
  });

  // checklist: 133
  test("loses, repeats and reorders nothing while the transport changes", async (t) => {
    const rounds = Array.from({ length: 10 }, async () => {
      const peer = dial(t, server.url);
      await peer.connected();
      const changed = upgraded(peer);
      let sent = 0;
      let over = false;
      changed.then(() => { over = true; }, () => { over = true; });
      while (!over || sent < 100) {
        peer.socket.emit("collect", sent++);
        peer.socket.emit("echo", sent);
        await new Promise(setImmediate);
      }
      await changed;
      for (let i = 0; i < 20; i++) peer.socket.emit("collect", sent++);
      const [list] = await peer.ask("collected");
      assert.deepEqual(list, Array.from({ length: sent }, (_, i) => i));
      const echoes = peer.waiting("echo").map(([i]) => i);
      assert.deepEqual(echoes, Array.from({ length: sent - 20 }, (_, i) => i + 1));
    });
    await Promise.all(rounds);
  });
});

describe("volatile", () => {
  inEveryMode(server, "arrives when the connection is free", async (connect, t, { mode }) => {
    const peer = await connect();
    if (mode === "upgrading") await upgraded(peer);
    // Over polling an event may meet no waiting poll and is then dropped by right: ask again.
    for (let tries = 0; tries < 50 && peer.waiting("volatile").length === 0; tries++) {
      peer.socket.emit("volatile", "now");
      await peer.settle();
    }
    assert.ok(peer.log.some(([event, value]) => event === "volatile" && value === "now"));
  });
});

describe("middleware of the socket", () => {
  inEveryMode(server, "refuses blocked, tells the socket, and passes the rest", async (connect) => {
    const peer = await connect();
    let answered = false;
    peer.socket.emit("blocked", 1, "two", () => { answered = true; });
    assert.deepEqual(await peer.next("mw-error"), ["blocked event"]);
    await peer.settle();
    assert.equal(answered, false);
  });
});

describe("transport", () => {
  inEveryMode(server, "is the one of the moment", async (connect, t, { mode }) => {
    const peer = await connect();
    if (mode === "upgrading") await upgraded(peer);
    assert.deepEqual(await peer.ask("transport"), [mode === "polling only" ? "polling" : "websocket"]);
  });
});

describe("handshake", () => {
  inEveryMode(server, "tells what the client came with", async (connect, t, { mode }) => {
    const before = Date.now();
    const peer = await connect({
      auth: { token: "t" },
      query: { plain: "f", "&a": "&=?a", "é👍": "ü", empty: "" },
      extraHeaders: { "X-Custom-Header": "a value", "x-tw\u006f": "2" },
    });
    const [handshake] = await peer.ask("handshake");
    const { query, auth, headers, url, address, secure, issued } = handshake;
    const { t: buster, ...given } = query;
    assert.deepEqual(given, {
      plain: "f", "&a": "&=?a", "é👍": "ü", empty: "",
      EIO: "4", transport: mode === "WebSocket only" ? "websocket" : "polling",
    });
    assert.deepEqual(auth, { token: "t" });
    assert.equal(headers["x-custom-header"], "a value");
    assert.equal(headers["x-two"], "2");
    assert.equal(headers.host, new URL(server.url).host);
    assert.ok(Object.values(headers).every((value) => typeof value === "string"));
    assert.ok(Object.keys(headers).every((name) => name === name.toLowerCase()));
    assert.match(url, /^\/socket\.io\/\?.*EIO=4/);
    assert.equal(address, "127.0.0.1");
    assert.equal(secure, false);
    assert.ok(issued >= before - 1 && issued <= Date.now() + 1, `issued ${issued}, between ${before} and now`);
    assert.deepEqual(Object.keys(handshake).sort(), ["address", "auth", "headers", "issued", "query", "secure", "url"]);
  });
});

describe("data", () => {
  inEveryMode(server, "is null before it is set, then what was set", async (connect) => {
    const peer = await connect();
    assert.deepEqual(await peer.ask("get-data"), [null]);
    for (const value of [{ a: [1, "x"] }, 0, "", false, null]) {
      assert.deepEqual(await peer.ask("set-data", value), []);
      assert.deepEqual(await peer.ask("get-data"), [value]);
    }
  });

  inEveryMode(server, "belongs to one socket", async (connect) => {
    const [one, other] = await Promise.all([connect(), connect()]);
    await one.ask("set-data", "mine");
    assert.deepEqual(await other.ask("get-data"), [null]);
  });
});
