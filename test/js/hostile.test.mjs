// Clients that mean harm, or are broken: raw sockets against a server that others go on using.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bystanders } from "./lib/bystander.mjs";
import { join } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { Bare, closeCode, engineURL, frame, OP, Polling, SEPARATOR, upgradeRequest, Wire } from "./lib/wire.mjs";

const server = await serverForFile();
const others = await bystanders(server);
const QUERY = { EIO: "4", transport: "websocket" };
const target = engineURL("", QUERY);

async function bare(t) {
  const socket = await Bare.open(server.url);
  t.after(() => socket.socket.destroy());
  return socket;
}

/** A bare WebSocket that has joined /. */
async function joined(t) {
  const socket = await Bare.session(server.url);
  t.after(() => socket.socket.destroy());
  socket.write(frame(OP.text, "40"));
  await socket.read(/welcome/);
  return socket;
}

describe("what is no HTTP", () => {
  const garbage = {
    "random bytes": Buffer.from(Array.from({ length: 2000 }, (_, i) => (i * 7919) & 255)),
    "a TLS hello": Buffer.from("16030100a5010000a10303", "hex"),
    "a line without an end, long": "GET /" + "a".repeat(2_000_000),
    "headers without end": "GET / HTTP/1.1\r\n" + "X-A: b\r\n".repeat(300_000),
    "a frame where a request should be": frame(OP.text, "40"),
    "a request of no version": `GET ${target}\r\n\r\n`,
  };
  for (const [what, bytes] of Object.entries(garbage)) {
    test(`${what} is answered with an error or a close`, async (t) => {
      const socket = await bare(t);
      socket.write(bytes);
      const received = await socket.closed();
      if (received.length) assert.match(received.toString("latin1"), /^HTTP\/1\.[01] [45]\d\d /);
    });
  }
});

describe("a WebSocket handshake", () => {
  const wrong = {
    "without a key": upgradeRequest(target).replace(/Sec-WebSocket-Key.*\r\n/, ""),
    "with a key that is too short": upgradeRequest(target).replace("dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="),
    "of another version": upgradeRequest(target).replace("Version: 13", "Version: 99"),
    "to another protocol": upgradeRequest(target).replace("Upgrade: websocket", "Upgrade: h2c"),
    "by POST": upgradeRequest(target).replace("GET", "POST"),
    "on a path that is not ours": upgradeRequest(target.replace("socket.io", "elsewhere")),
    "for no session": upgradeRequest(`${target}&sid=nobody`),
    "of no protocol version": upgradeRequest(target.replace("EIO=4&", "")),
  };
  for (const [what, request] of Object.entries(wrong)) {
    test(`${what} fails`, async (t) => {
      const socket = await bare(t);
      socket.write(request.replace("Connection: Upgrade", "Connection: Upgrade, close"));
      assert.match((await socket.closed()).toString("latin1"), /^(HTTP\/1\.1 [45]\d\d [^]*)?$/);
    });
  }

  for (let cut = 1; cut < 200; cut += 28) {
    test(`reset after ${cut} bytes`, async (t) => {
      const socket = await bare(t);
      socket.write(upgradeRequest(target).slice(0, cut));
      socket.reset();
    });
  }

  test("reset right behind it", async (t) => {
    for (let i = 0; i < 30; i++) {
      const socket = await bare(t);
      socket.write(upgradeRequest(target));
      socket.reset();
    }
  });

  test("with a frame already behind it is understood", async (t) => {
    const socket = await bare(t);
    socket.write(Buffer.concat([Buffer.from(upgradeRequest(target)), frame(OP.text, "40")]));
    await socket.read(/40\{"sid"/);
  });

  test("byte by byte is understood", async (t) => {
    const socket = await bare(t);
    socket.socket.setNoDelay(true);
    await trickle(socket, Buffer.concat([Buffer.from(upgradeRequest(target)), frame(OP.text, "40")]));
    await socket.read(/welcome/);
    await trickle(socket, frame(OP.text, '421["echo","slow"]'));
    await socket.read(/431\["slow"\]/);
  });

  async function trickle({ socket }, bytes) {
    for (const byte of bytes) await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
  }
});

describe("frames", () => {
  const long = Buffer.alloc(126, "x");
  const wrong = {
    "without a mask": frame(OP.text, '42["echo"]', { masked: false }),
    "with a reserved bit": frame(OP.text, '42["echo"]', { rsv: 4 }),
    "of a reserved kind of data": frame(3, "x"),
    "of a reserved kind of control": frame(11, "x"),
    "a ping in fragments": frame(OP.ping, "x", { fin: false }),
    "a ping that is too long": frame(OP.ping, long),
    "a close that is too long": frame(OP.close, Buffer.concat([Buffer.from([3, 232]), long])),
    "a continuation of nothing": frame(OP.continuation, "x"),
    "a new message within another": Buffer.concat([frame(OP.text, "4", { fin: false }), frame(OP.text, "2")]),
    "a close of one byte": frame(OP.close, "x"),
    "a close with a code that nobody may send": frame(OP.close, Buffer.from([3, 237])),
    "a close with a code out of range": frame(OP.close, Buffer.from([0, 1])),
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    test(`${what} closes with 1002`, async (t) => {
      const socket = await joined(t);
      socket.write(bytes);
      assert.equal(closeCode(await socket.closed()), 1002);
    });
  }

  test("a close whose reason is no UTF-8 closes with 1007 or 1002", async (t) => {
    const socket = await joined(t);
    socket.write(frame(OP.close, Buffer.from([3, 232, 0xff, 0xfe])));
    assert.ok([1002, 1007].includes(closeCode(await socket.closed())));
  });

  test("cut in the middle: reset", async (t) => {
    const whole = frame(OP.text, '42["echo","a message that is cut"]');
    for (const cut of [1, 2, 5, 6, 10, whole.length - 1]) {
      const socket = await joined(t);
      socket.write(whole.subarray(0, cut));
      socket.reset();
    }
  });

  test("cut in the middle: silence ends it as any other", async (t) => {
    const socket = await joined(t);
    socket.write(frame(OP.text, '42["echo","a message that is cut"]').subarray(0, 9));
    await socket.closed(15_000); // the ping's time, and some for a close frame that is not answered
  });

  test("empty ones in a flood, as continuations, do not hold a message open for ever", async (t) => {
    const socket = await joined(t);
    socket.write(frame(OP.text, "4", { fin: false }));
    socket.write(Buffer.concat(Array(200_000).fill(frame(OP.continuation, "", { fin: false }))));
    await socket.closed(); // by a bound on fragments, or by the ping that nobody answers
  });

  test("pings in a flood are answered, or close the connection", async (t) => {
    const socket = await joined(t);
    socket.write(Buffer.concat(Array(20_000).fill(frame(OP.ping, "flood"))));
    socket.write(frame(OP.text, '421["echo","dry"]'));
    await Promise.race([socket.read(/431\["dry"\]/), socket.closed()]);
  });
});

describe("floods", () => {
  test("of attachments that never end their event", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await wire.connect();
    const slots = Array.from({ length: 10 }, (_, num) => `{"_placeholder":true,"num":${num}}`).join();
    wire.send(`4510-["collect",${slots}]`, ...Array(9).fill(Buffer.alloc(90_000)));
    await wire.closed(); // nothing answers its pings
  });

  test("of CONNECTs to many dynamic namespaces: bounded, answered or closed", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    for (let i = 0; i < 2000; i++) wire.send(`40/dyn-f${i},`);
    wire.send("40", '421["echo","dry"]');
    await untilDry(wire);
    const { namespaces } = await server.stats();
    assert.ok(namespaces <= 4 + 2000, `${namespaces} namespaces`);
    wire.close();
    await quiet();
  });

  test("of CONNECTs to unknown namespaces", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    for (let i = 0; i < 2000; i++) wire.send(`40/unknown-${i},`);
    wire.send("40", '421["echo","dry"]');
    await untilDry(wire);
  });

  test("of rooms: bounded, carried out or closed", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await wire.connect();
    for (let i = 0; i < 5000; i++) wire.send(`42["join","flood-${i}"]`);
    wire.send('421["echo","dry"]');
    await untilDry(wire);
    wire.close();
    await quiet();
  });

  test("of acknowledgements for nothing", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await wire.connect();
    for (let i = 0; i < 20_000; i++) wire.send(`43${i}[1]`);
    wire.send('421["echo","dry"]');
    await untilDry(wire);
  });

  test("of packets in one payload: 24,000 of them", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    const { status } = await session.post(Array(24_000).fill("436").join(SEPARATOR)).catch(() => ({ status: 400 }));
    assert.ok([200, 400, 413].includes(status), `status ${status}`);
  });

  test("of separators", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    await session.post(SEPARATOR.repeat(99_000)).catch(() => {});
    assert.equal((await session.poll().then((polled) => (polled.text === "1" ? session.poll() : polled))).status, 400);
  });

  for (const [open, close] of [["[", "]"], ['{"a":', "}"]]) {
    test(`of JSON, 15,000 deep, by ${open}`, async (t) => {
      const wire = await Wire.session(server.url);
      t.after(() => wire.close());
      await wire.connect();
      wire.send(`421["echo",${open.repeat(15_000)}1${close.repeat(15_000)}]`, '422["echo","dry"]');
      await untilDry(wire);
    });
  }

  test("of handshakes that nobody follows up", async () => {
    await Promise.all(Array.from({ length: 300 }, () => Polling.open(server.url)));
    await quiet();
  });

  test("of connections that say nothing", async (t) => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => bare(t)));
    for (const socket of sockets) socket.reset();
  });

  /** Takes what comes until the echo that was sent last is answered, or the server has had enough. */
  async function untilDry(wire) {
    try {
      for (;;) {
        const packet = await wire.packet("the end of the flood");
        if (typeof packet === "string" && packet.includes('["dry"]')) return;
      }
    } catch (err) {
      assert.match(err.message, /WebSocket closed/);
    }
  }
});

describe("clients that do not read", () => {
  test("over WebSocket: closed when its queue is full, or by the ping it does not see", async (t) => {
    const room = "deaf-websocket";
    const deaf = await joined(t);
    const sid = deaf.received.toString("latin1").match(/40\{"sid":"([^"]+)"/)[1];
    deaf.write(frame(OP.text, `421["join","${room}"]`));
    await deaf.read(/431\[\[/);
    deaf.socket.pause();
    const [speaker, listener] = await Promise.all([join(t, server.url), join(t, server.url)]);
    await listener.ask("join", room);
    await flood(speaker, listener, room);
    const { reason } = await others.reasonOf(sid);
    assert.match(reason, /^(slow consumer|ping timeout|transport (close|error))$/);
  });

  test("over polling: its queue is bounded as well", async (t) => {
    const room = "deaf-polling";
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    await session.send(`42["join","${room}"]`);
    const [speaker, listener] = await Promise.all([join(t, server.url), join(t, server.url)]);
    await listener.ask("join", room);
    await flood(speaker, listener, room);
    const { reason } = await others.reasonOf(sid);
    assert.match(reason, /^(slow consumer|ping timeout)$/);
  });

  /** 16 MB to the room; the listener, who reads, gets all of it. */
  async function flood(speaker, listener, room) {
    for (let round = 0; round < 40; round++) {
      await speaker.ask("send-seq", { via: "io", to: [room], event: "flood" }, 20, 20_000);
      await listener.settle();
      assert.deepEqual(listener.waiting("flood").map(([i]) => i), Array.from({ length: 20 }, (_, i) => i));
    }
  }
});

describe("requests that stop half way", () => {
  test("a body that does not come holds up nobody", async (t) => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    const socket = await bare(t);
    socket.write(`POST ${session.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n42["ec`);
    await others.reasonOf(sid); // by its silence at the latest
  });

  test("a body that is cut ends the session", async (t) => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    const socket = await bare(t);
    socket.write(`POST ${session.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n`);
    await socket.read(/100 Continue/);
    socket.write('42["ec');
    socket.reset();
    assert.match((await others.reasonOf(sid)).reason, /^transport (error|close)$/);
    await session.expectUnknown();
  });
});

test("in the end everything is given back", async () => {
  await quiet();
});

/** Waits until the server has nobody left but the bystanders. */
async function quiet() {
  const deadline = Date.now() + 8000;
  for (;;) {
    const { rss, ...counts } = await server.stats();
    try {
      assert.deepEqual(counts, { clients: 3, sockets: 3, namespaces: 4, rooms: 3 });
      return;
    } catch (err) {
      if (Date.now() > deadline) throw err;
    }
  }
}
