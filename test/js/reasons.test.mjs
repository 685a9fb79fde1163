// Why a socket was disconnected, as the server's own application is told.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bystanders } from "./lib/bystander.mjs";
import { alsoJoin, inEveryMode, join, upgraded } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { Polling, SEPARATOR, Wire } from "./lib/wire.mjs";

const server = await serverForFile();
const others = await bystanders(server);

/** Two namespaces of one connection, the first with rooms. */
async function couple(connect) {
  const peer = await connect();
  await peer.ask("join", "b");
  await peer.ask("join", "a");
  return [peer, await alsoJoin(peer, "/custom")];
}

async function expectReason(sid, reason, rooms = []) {
  const got = await others.reasonOf(sid);
  if (Array.isArray(reason)) assert.ok(reason.includes(got.reason), `${got.reason}, not one of ${reason}`);
  else assert.equal(got.reason, reason);
  assert.deepEqual(got.rooms, rooms);
}

describe("the official client", () => {
  // checklist: 159
  inEveryMode(server, "leaves the namespace", async (connect) => {
    const [peer, custom] = await couple(connect);
    const { id } = peer;
    peer.socket.disconnect();
    await expectReason(id, "client namespace disconnect", ["a", "b"]);
    await custom.settle();
  });

  // checklist: 159
  inEveryMode(server, "closes the connection", async (connect, t, { mode }) => {
    const [peer, custom] = await couple(connect);
    if (mode === "upgrading") await upgraded(peer);
    const ids = [peer.id, custom.id];
    peer.close();
    await expectReason(ids[0], "transport close", ["a", "b"]);
    await expectReason(ids[1], "transport close");
  });

  for (const hard of [false, true]) {
    // checklist: 159
    inEveryMode(server, `is disconnected by bye${hard ? ", hard" : ""}`, async (connect) => {
      const [peer, custom] = await couple(connect);
      const ids = [peer.id, custom.id];
      peer.socket.emit("bye", hard);
      await expectReason(ids[0], "server namespace disconnect", ["a", "b"]);
      if (hard) await expectReason(ids[1], "server namespace disconnect");
      else await custom.settle();
    });

    inEveryMode(server, `is kicked${hard ? ", hard" : ""}`, async (connect, t) => {
      const [peer, custom] = await couple(connect);
      const ids = [peer.id, custom.id];
      const judge = await join(t, server.url, { transports: ["websocket"] });
      await judge.ask("kick", ids[0], hard);
      await expectReason(ids[0], "server namespace disconnect", ["a", "b"]);
      if (hard) await expectReason(ids[1], "server namespace disconnect");
      else await custom.settle();
    });
  }

  inEveryMode(server, "is told null for a socket that nobody knows, or that is still here", async (connect) => {
    const peer = await connect();
    assert.deepEqual(await peer.ask("reason-of", "unknown"), [null]);
    assert.deepEqual(await peer.ask("reason-of", peer.id), [null]);
  });
});

describe("bye, hard, on the wire", () => {
  // checklist: 131, 161
  test("sends a DISCONNECT for each namespace, then a close frame", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await wire.connect();
    await wire.connect("/custom,");
    wire.send('42["echo","last words"]', '42["bye",true]');
    assert.equal(await wire.packet(), '42["echo","last words"]');
    const farewell = [await wire.packet(), await wire.packet()].map((packet) => packet.replace(/,$/, ""));
    assert.deepEqual(farewell.sort(), ["41", "41/custom"]);
    assert.equal((await wire.closed()).code, 1005);
  });

  // checklist: 131, 161
  test("sends a DISCONNECT for each namespace, then ends the polling session", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    await session.connect("/custom,");
    await session.send(`42["echo","last words"]${SEPARATOR}42["bye",true]`);
    const packets = [];
    for (;;) {
      const { status, text } = await session.poll();
      if (status === 400) break;
      packets.push(...text.split(SEPARATOR).filter((packet) => packet !== "2"));
    }
    assert.equal(packets.shift(), '42["echo","last words"]');
    const farewell = packets.slice(0, 2).map((packet) => packet.replace(/,$/, ""));
    assert.deepEqual(farewell.sort(), ["41", "41/custom"]);
    for (const packet of packets.slice(2)) assert.match(packet, /^[16]$/);
  });
});

describe("a connection that falls silent", () => {
  // checklist: 67
  test("over WebSocket", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    const sid = await wire.connect();
    await wire.closed();
    await expectReason(sid, "ping timeout");
  });

  // checklist: 68
  test("over polling, while it polls", async () => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    assert.deepEqual(await session.packets(), ["2"]);
    assert.deepEqual(await session.packets(), ["1"]);
    await expectReason(sid, "ping timeout");
    await session.expectUnknown();
  });

  test("over polling, while it does not poll", async () => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    await expectReason(sid, "ping timeout");
    await session.expectUnknown();
  });

  // checklist: 70
  test("after it was upgraded while a ping was outstanding", async (t) => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    assert.deepEqual(await session.packets(), ["2"]);
    const wire = await Wire.upgrade(session);
    t.after(() => wire.close());
    wire.send("2probe");
    assert.equal(await wire.next(), "3probe");
    wire.send("5");
    await wire.closed();
    await expectReason(sid, "ping timeout");
  });
});

describe("a connection that is cut", () => {
  const cut = ["transport error", "transport close"];

  test("over WebSocket, by a reset", async () => {
    const wire = await Wire.session(server.url);
    const sid = await wire.connect();
    wire.ws._socket.resetAndDestroy();
    await expectReason(sid, cut);
  });

  test("over WebSocket, by an end without a close frame", async () => {
    const wire = await Wire.session(server.url);
    const sid = await wire.connect();
    wire.ws._socket.destroy();
    await expectReason(sid, cut);
  });

  test("over polling, by an aborted poll", async () => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    const abort = new AbortController();
    const poll = session.poll({ signal: abort.signal });
    await session.send('42["join","a"]'); // answered: the poll before it is on its way
    abort.abort();
    await assert.rejects(poll);
    await expectReason(sid, cut, ["a"]);
    await session.expectUnknown();
  });

  test("after the upgrade", async () => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    const wire = await Wire.upgrade(session);
    wire.send("2probe", "5", '420["join","a"]');
    assert.equal(await wire.packet(), "3probe");
    assert.equal(await wire.packet(), '430[["a"]]');
    wire.ws.terminate();
    await expectReason(sid, cut, ["a"]);
  });
});

describe("a client that breaks the protocol", () => {
  for (const bad of ["4abc", "42{}", "40", "abc", '42/nowhere,["echo"]']) {
    // checklist: 98, 159
    test(`with ${bad}, on both of its namespaces`, async (t) => {
      const wire = await Wire.session(server.url);
      t.after(() => wire.close());
      const ids = [await wire.connect(), await wire.connect("/custom,")];
      wire.send(bad);
      await wire.closed();
      for (const sid of ids) await expectReason(sid, bad === "abc" ? "parse error" : "forced close");
    });
  }
});
