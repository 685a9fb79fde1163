// Socket.IO, protocol 5, as the official protocol suite has it: the same lines, told in our own way.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Manager } from "socket.io-client";
import { Peer } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { Polling, SEPARATOR, Wire } from "./lib/wire.mjs";

const server = await serverForFile("socket-suite");

async function wired(t) {
  const wire = await Wire.session(server.url);
  t.after(() => wire.close());
  return wire;
}

/** A session that has joined the main namespace and has taken its greeting. */
async function joined(t) {
  const wire = await wired(t);
  wire.send("40");
  assert.match(await wire.packet(), /^40\{"sid":"[A-Za-z0-9_-]{20}"\}$/);
  assert.equal(await wire.packet(), '42["auth",{}]');
  return wire;
}

describe("connect", () => {
  const doors = [
    ["the main namespace", "40", "40", '42["auth",{}]'],
    ["the main namespace with a payload", '40{"token":"123"}', "40", '42["auth",{"token":"123"}]'],
    ["a custom namespace", "40/custom,", "40/custom,", '42/custom,["auth",{}]'],
    ["a custom namespace without a comma", "40/custom", "40/custom,", '42/custom,["auth",{}]'],
    ["a custom namespace with a payload", '40/custom,{"token":"abc"}', "40/custom,", '42/custom,["auth",{"token":"abc"}]'],
  ];
  for (const [what, connect, answer, greeting] of doors) {
    test(`lets into ${what}`, async (t) => {
      const wire = await wired(t);
      wire.send(connect);
      const packet = await wire.packet();
      assert.ok(packet.startsWith(answer), packet);
      const payload = JSON.parse(packet.slice(answer.length));
      assert.deepEqual(Object.keys(payload), ["sid"]);
      assert.notEqual(payload.sid, wire.handshake.sid);
      assert.equal(await wire.packet(), greeting);
    });
  }

  test("refuses an unknown namespace to the letter, and the connection stays", async (t) => {
    const wire = await wired(t);
    wire.send("40/random");
    assert.equal(await wire.packet(), '44/random,{"message":"Invalid namespace"}');
    wire.send("40");
    assert.match(await wire.packet(), /^40\{/);
  });

  test("gives each namespace an id of its own", async (t) => {
    const wire = await wired(t);
    wire.send("40", "40/custom,");
    const text = [];
    for (let i = 0; i < 4; i++) text.push(await wire.packet());
    const ids = text.filter((packet) => packet.startsWith("40")).map((packet) => packet.match(/"sid":"(.+)"/)[1]);
    assert.equal(new Set([...ids, wire.handshake.sid]).size, 3);
  });

  for (const bad of ["4abc", '40"x"', "40[]", "40null", "40{", "40custom,"]) {
    test(`closes upon ${bad}`, async (t) => {
      const wire = await wired(t);
      wire.send(bad);
      await wire.closed(400); // sooner than the heartbeat's 500 ms
      assert.deepEqual(wire.mail.drain().filter((packet) => packet !== "2"), []);
    });
  }

  test("closes a connection that joins nothing", async (t) => {
    const wire = await wired(t);
    await wire.closed(2000);
  });
});

describe("disconnect", () => {
  test("leaves the connection open", async (t) => {
    const wire = await joined(t);
    wire.send("41");
    assert.equal(await wire.next("a ping"), "2");
  });

  test("from one namespace leaves the other alone", async (t) => {
    const wire = await joined(t);
    wire.send("40/custom");
    assert.match(await wire.packet(), /^40\/custom,\{"sid":/);
    assert.equal(await wire.packet(), '42/custom,["auth",{}]');
    wire.send("41/custom", '42["message","message to main namespace"]');
    assert.equal(await wire.packet(), '42["message-back","message to main namespace"]');
  });

  test("and connect again gives a new id", async (t) => {
    const wire = await wired(t);
    wire.send("40");
    const first = await wire.packet();
    await wire.packet();
    wire.send("41", "40");
    const second = await wire.packet();
    assert.match(second, /^40\{"sid":/);
    assert.notEqual(second, first);
  });
});

describe("events, to the letter", () => {
  const plain = [
    ['42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    ['42["message"]', '42["message-back"]'],
    ['42["message",9007199254740993,1.50,1e3,-0.0]', '42["message-back",9007199254740993,1.50,1e3,-0.0]'],
    ['42["message","é\\u00e9 👍 <&>"]', /^42\["message-back","(é|\\u00e9)(é|\\u00e9) 👍 <&>"\]$/],
    ['42["message",{"_placeholder":true,"num":0}]', '42["message-back",{"_placeholder":true,"num":0}]'],
    ['42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
    ['420["message-with-ack"]', "430[]"],
  ];
  for (const [sent, expected] of plain) {
    test(`${sent} is answered`, async (t) => {
      const wire = await joined(t);
      wire.send(sent);
      const got = await wire.packet();
      if (expected instanceof RegExp) assert.match(got, expected);
      else assert.equal(got, expected);
    });
  }

  const two = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
  const parts = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
  const binary = [
    [`452-["message",${two}]`, `452-["message-back",${two}]`],
    [`452-789["message-with-ack",${two}]`, `462-789[${two}]`],
  ];
  for (const [sent, expected] of binary) {
    test(`${sent} is answered over WebSocket`, async (t) => {
      const wire = await joined(t);
      wire.send(sent, ...parts);
      assert.equal(await wire.packet(), expected);
      for (const part of parts) assert.deepEqual(await wire.packet(), part);
    });

    test(`${sent} is answered over polling`, async () => {
      const session = await Polling.open(server.url);
      await session.send("40");
      await session.until((packet) => packet.startsWith("42"));
      await session.send([`4${sent.slice(1)}`, "bAQID", "bBAUG"].join(SEPARATOR));
      const packets = await session.until((packet) => packet === "bBAUG");
      assert.deepEqual(packets, [expected, "bAQID", "bBAUG"]);
    });
  }

  for (const bad of ["4abc", "42{}", '42abc["message-with-ack",1]', "4", "42[]", "42[", "43{}", "49[]", '42[true]', '42[{}]']) {
    test(`closes upon ${bad}`, async (t) => {
      const wire = await joined(t);
      wire.send(bad);
      await wire.closed(400);
    });
  }
});

describe("the official client", () => {
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`is greeted with what it brought and hears itself, over ${transports.join(", then ")}`, async (t) => {
      const manager = new Manager(server.url, { transports, reconnection: false });
      const peer = new Peer(manager, "/", { token: "123" });
      t.after(() => peer.close());
      assert.deepEqual(await peer.next("auth"), [{ token: "123" }]);
      peer.socket.emit("message", 1, "2", { 3: [true, Buffer.from([1, 2, 3])] });
      assert.deepEqual(await peer.next("message-back"), [1, "2", { 3: [true, Buffer.from([1, 2, 3])] }]);
      assert.deepEqual(await peer.ask("message-with-ack", "x", null), ["x", null]);
    });
  }
});
