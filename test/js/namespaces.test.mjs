// Namespaces of the conformance server: who may join, dynamic ones, and the counts of the stats page.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { alsoJoin, dial, inEveryMode, MODES, Peer } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { Polling, request, SEPARATOR, Wire } from "./lib/wire.mjs";
import { within } from "./lib/within.mjs";

const server = await serverForFile();

function refusalOf(t, options) {
  return dial(t, server.url, options).refused();
}

/** Why a socket has disconnected. Its hooks run by themselves: another socket may be answered before. */
async function reasonOf(peer, sid) {
  for (;;) {
    const [reason] = await peer.ask("reason-of", sid);
    if (reason) return reason;
  }
}

describe("who may join", () => {
  for (const [mode, transports] of Object.entries(MODES)) {
    // checklist: 90
    test(`/ refuses whoever brings deny (${mode})`, async (t) => {
      const err = await refusalOf(t, { ...transports, auth: { deny: true } });
      assert.equal(err.message, "denied");
      assert.equal(err.data, undefined);
    });

    // checklist: 90
    test(`/admin refuses without the token, with data (${mode})`, async (t) => {
      for (const auth of [undefined, {}, { token: "guess" }, { token: ["secret"] }]) {
        const err = await refusalOf(t, { ...transports, nsp: "/admin", auth });
        assert.equal(err.message, "not authorized");
        assert.deepEqual(err.data, { code: 401 });
      }
    });

    test(`an unknown namespace is invalid (${mode})`, async (t) => {
      for (const nsp of ["/unknown", "/custom/", "/Custom", "/dyn-", "/dyn-UPPER", "/dyn-a/b", "/xdyn-a", "/dyn-é"]) {
        const err = await refusalOf(t, { ...transports, nsp });
        assert.equal(err.message, "Invalid namespace");
        assert.equal(err.data, undefined);
      }
    });
  }

  inEveryMode(server, "a falsy deny passes", async (connect) => {
    for (const deny of [false, 0, "", null]) assert.deepEqual((await connect({ auth: { deny } })).welcome.auth, { deny });
  });

  for (const [nsp, auth] of [["/custom", {}], ["/admin", { token: "secret" }], ["/slow", {}], ["/dyn-a1", {}]]) {
    inEveryMode(server, `${nsp} lets in`, async (connect) => {
      const peer = await connect({ nsp, auth });
      assert.deepEqual(peer.welcome, { sid: peer.id, nsp, auth, recovered: false });
      assert.deepEqual(await peer.ask("echo", "here", Buffer.from([1])), ["here", Buffer.from([1])]);
      peer.socket.emit("echo", "plain");
      assert.deepEqual(await peer.next("echo"), ["plain"]);
    });
  }

  inEveryMode(server, "the events of / work in the others as well", async (connect) => {
    for (const nsp of ["/custom", "/slow"]) {
      const peer = await connect({ nsp });
      assert.deepEqual(await peer.ask("join", "r"), [["r"]]);
      assert.deepEqual(await peer.ask("describe", Buffer.from([2])), [{ bin: 1, sum: 2 }]);
      peer.socket.emit("give-mixed");
      await peer.next("mixed");
      peer.socket.emit("blocked");
      assert.deepEqual(await peer.next("mw-error"), ["blocked event"]);
    }
  });

  inEveryMode(server, "a refusal leaves the connection's other namespaces alone", async (connect) => {
    const peer = await connect();
    const admin = new Peer(peer.manager, "/admin", {});
    assert.equal((await admin.refused()).message, "not authorized");
    await peer.settle();
    admin.socket.auth = { token: "secret" };
    admin.socket.connect();
    await admin.connected();
    await admin.settle();
  });

  // checklist: 88
  inEveryMode(server, "several share a connection, each with its own id and order", async (connect) => {
    const peer = await connect();
    const others = [];
    for (const nsp of ["/custom", "/slow", "/dyn-x"]) others.push(await alsoJoin(peer, nsp));
    const all = [peer, ...others];
    assert.equal(new Set(all.map(({ id }) => id)).size, 4);
    for (let i = 0; i < 100; i++) for (const one of all) one.socket.emit("echo", one.socket.nsp, i);
    for (const one of all) {
      for (let i = 0; i < 100; i++) assert.deepEqual(await one.next("echo"), [one.socket.nsp, i]);
    }
  });

  // checklist: 100
  inEveryMode(server, "left and joined again is a new socket", async (connect) => {
    const peer = await connect();
    const custom = await alsoJoin(peer, "/custom");
    const { id } = custom;
    custom.socket.disconnect();
    const again = new Promise((resolve) => custom.socket.once("connect", resolve));
    custom.socket.connect();
    await within(again, () => "CONNECT again");
    assert.notEqual(custom.id, id);
    assert.deepEqual(await within(reasonOf(peer, id), () => `why ${id} has gone`), { reason: "client namespace disconnect", rooms: [] });
  });
});

describe("a middleware that emits", () => {
  for (const [mode, transports] of Object.entries(MODES)) {
    // checklist: 101
    test(`what it emits comes before the answer, and is delivered once the client is connected (${mode})`, async (t) => {
      const peer = dial(t, server.url, { ...transports, nsp: "/early" });
      const order = [];
      peer.socket.on("connect", () => order.push("connect"));
      peer.socket.onAny((event) => order.push(`${event}, ${peer.socket.connected}`));
      await peer.connected();
      await peer.next("welcome");
      assert.deepEqual(order, ["early, true", "connect", "welcome, true"]); // the client's own order
      assert.deepEqual(await peer.next("early"), ["before"]);
    });
  }

  // checklist: 101
  test("on the wire", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    wire.send("40/early,");
    assert.equal(await wire.packet(), '42/early,["early","before"]');
    assert.match(await wire.packet(), /^40\/early,\{"sid"/);
  });
});

describe("the time to join", () => {
  test("a slow middleware holds the answer, not the connection", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    wire.send("40/slow,", "40/custom,");
    assert.match(await wire.packet(), /^40\/custom,/);
    assert.match(await wire.packet(), /^42\/custom,\["welcome"/);
    assert.match(await wire.packet(), /^40\/slow,/);
  });

  // checklist: 92
  test("nothing joined: closed after connectTimeout, over WebSocket", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    const began = Date.now();
    assert.equal(await wire.next("a ping"), "2");
    wire.send("3");
    await wire.closed();
    const took = Date.now() - began;
    assert.ok(took > 1200 && took < 2900, `closed after ${took} ms`);
  });

  // checklist: 92
  test("nothing joined: closed after connectTimeout, over polling", async () => {
    const session = await Polling.open(server.url);
    assert.deepEqual(await session.packets(), ["2"]);
    await session.send("3");
    const packets = await session.packets();
    assert.ok(["1", "6", `6${SEPARATOR}1`].includes(packets.join(SEPARATOR)), packets.join());
    assert.equal((await session.poll()).status, 400);
  });

  for (const [what, connect] of [["refused", '40/admin,{"token":"x"}'], ["invalid", "40/nowhere,"]]) {
    // checklist: 92
    test(`a namespace that was ${what} does not stop the clock`, async (t) => {
      const wire = await Wire.session(server.url);
      t.after(() => wire.close());
      wire.send(connect);
      assert.match(await wire.packet(), /^44\//);
      assert.equal(await wire.next("a ping"), "2");
      wire.send("3");
      await wire.closed(2500);
    });
  }

  // checklist: 94
  test("after the last namespace was left the connection stays", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await wire.connect();
    wire.send("41");
    for (let pings = 0; pings < 2; pings++) {
      assert.equal(await wire.next("a ping"), "2");
      wire.send("3");
    }
    await wire.connect();
  });
});

describe("stats", () => {
  test("begin with the four namespaces and nobody", async () => {
    const stats = await settled({ clients: 0, sockets: 0, namespaces: 4, rooms: 0 });
    assert.ok(stats.rss > 1e6);
  });

  test("is JSON, and every other path is a 404", async () => {
    const { status, headers } = await request(`${server.url}/conformance/stats`);
    assert.equal(status, 200);
    assert.match(headers["content-type"], /^application\/json/);
    for (const path of ["/", "/conformance", "/conformance/stats/x", "/socket.i", "/index.html"]) {
      assert.equal((await request(server.url + path)).status, 404, path);
    }
    for (const path of ["/socket.io/socket.io.js", "/socket.io/socket.io.min.js"]) {
      assert.notEqual((await request(server.url + path)).status, 200, path);
    }
  });

  inEveryMode(server, "count sessions, sockets, namespaces and the rooms of /", async (connect) => {
    await settled({ clients: 0, sockets: 0, namespaces: 4, rooms: 0 });
    const peer = await connect();
    await settled({ clients: 1, sockets: 1, namespaces: 4, rooms: 1 });
    await peer.ask("join", "a");
    const custom = await alsoJoin(peer, "/custom");
    await custom.ask("join", "not counted");
    await settled({ clients: 1, sockets: 2, namespaces: 4, rooms: 2 });
    const dynamic = await alsoJoin(peer, "/dyn-one");
    const second = await connect({ nsp: "/dyn-one" });
    await settled({ clients: 2, sockets: 4, namespaces: 5, rooms: 2 });
    dynamic.socket.disconnect();
    await settled({ clients: 2, sockets: 3, namespaces: 5, rooms: 2 });
    second.close();
    await settled({ clients: 1, sockets: 2, namespaces: 4, rooms: 2 });
    await peer.ask("leave", "a");
    await settled({ clients: 1, sockets: 2, namespaces: 4, rooms: 1 });
    peer.close();
    await settled({ clients: 0, sockets: 0, namespaces: 4, rooms: 0 });
  });

  test("an engine session without a socket is a client", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await settled({ clients: 1, sockets: 0, namespaces: 4, rooms: 0 });
    wire.ws.close();
    await settled({ clients: 0, sockets: 0, namespaces: 4, rooms: 0 });
  });

  test("a dynamic namespace that many join and leave at once comes and goes", async (t) => {
    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      for (let round = 0; round < 5; round++) {
        const peer = dial(t, server.url, { transports: ["websocket"], nsp: `/dyn-crowd${i % 2}` });
        await peer.connected();
        await peer.settle();
        peer.close();
      }
    }));
    await settled({ clients: 0, sockets: 0, namespaces: 4, rooms: 0 });
  });
});

/** Asks for the stats until they are as expected: a close on this side is news to the server. */
async function settled(expected) {
  const deadline = Date.now() + 5000;
  for (;;) {
    const { rss, ...counts } = await server.stats();
    try {
      assert.deepEqual(counts, expected);
      return { rss, ...counts };
    } catch (err) {
      if (Date.now() > deadline) throw err;
    }
  }
}
