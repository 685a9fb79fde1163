// What breaks the protocol ends the connection that did it, and nobody else's.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bystanders } from "./lib/bystander.mjs";
import { serverForFile } from "./lib/server.mjs";
import { Polling, SEPARATOR, Wire } from "./lib/wire.mjs";

const server = await serverForFile();
await bystanders(server);

const slot = (num) => `{"_placeholder":true,"num":${num}}`;
const slots = (n) => Array.from({ length: n }, (_, i) => slot(i)).join();
const byte = Buffer.from([7]);

/** What a connection that has joined / says last: the name of the offence, and the messages. */
const OFFENCES = [
  ["an unknown packet type of Engine.IO", "x"],
  ["an empty packet of Engine.IO", ""],
  ["a number that is no packet type of Engine.IO", "8"],
  ["a ping from the client", "2"],
  ["an unknown packet type of Socket.IO", "4abc"],
  ["a number that is no packet type of Socket.IO", "47[]"],
  ["an empty packet of Socket.IO", "4"],
  ["an event that is no list", "42{}"],
  ["an event that is text", '42"echo"'],
  ["an event that is broken JSON", '42["echo",'],
  ["an event with more behind its list", '42["echo"]x'],
  ["an event without a name", "42[]"],
  ["an event named by an object", "42[{}]"],
  ["an event named by null", "42[null]"],
  ["an event named by true", "42[true]"],
  ["an event with an id that is no number", '42abc["echo"]'],
  ["an acknowledgement that is no list", "430{}"],
  ["an acknowledgement without a payload that is JSON", "430["],
  ["a DISCONNECT with a payload", "41[]"],
  ["a second CONNECT", "40"],
  ["a second CONNECT with a payload", "40{}"],
  ["a CONNECT whose payload is a list", "40/custom,[]"],
  ["a CONNECT whose payload is text", '40/custom,"x"'],
  ["a CONNECT whose payload is null", "40/custom,null"],
  ["a CONNECT whose payload is broken", "40/custom,{"],
  ["a CONNECT_ERROR", '44{"message":"x"}'],
  ["an event for a namespace that was not joined", '42/custom,["echo"]'],
  ["an event for a namespace that does not exist", '42/nowhere,["echo"]'],
  ["an acknowledgement for a namespace that was not joined", "43/custom,0[]"],
  ["a DISCONNECT for a namespace that was not joined", "41/custom,"],
  ["an event for a namespace that was left", "40/custom,", "41/custom,", '42/custom,["echo"]'],
  ...["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].map(
    (name) => [`the reserved event ${name}`, `42["${name}"]`],
  ),
  ["attachments without a count", `45["echo",${slot(0)}]`, byte],
  ["a negative count of attachments", `45-1-["echo",${slot(0)}]`, byte],
  ["a count of attachments with a fraction", `451.5-["echo",${slot(0)}]`, byte],
  ["a count of attachments that is no number", `45x-["echo",${slot(0)}]`, byte],
  ["a count of attachments without its dash", `451["echo",${slot(0)}]`, byte],
  ["a million attachments", `451000000-["echo",${slot(0)}]`, byte],
  ["more attachments than any number holds", `45${"9".repeat(400)}-["echo",${slot(0)}]`, byte],
  ["eleven attachments", `4511-["echo",${slots(11)}]`, ...Array(11).fill(byte)],
  ["a placeholder behind the last attachment", `451-["echo",${slot(1)}]`, byte],
  ["a placeholder before the first attachment", `451-["echo",${slot(-1)}]`, byte],
  ["a placeholder that is text", `451-["echo",${slot('"0"')}]`, byte],
  ["a placeholder that is no number", `451-["echo",${slot("null")}]`, byte],
  ["an event while attachments are due", `452-["echo",${slots(2)}]`, byte, '42["echo"]'],
  ["a CONNECT while attachments are due", `451-["echo",${slot(0)}]`, "40/custom,", byte],
  ["a binary when none is due", byte],
  ["more binaries than were announced", `451-["collect",${slot(0)}]`, byte, byte],
  ["a binary acknowledgement that is no list", "461-0{}", byte],
];

/** The last message as one over polling says it. */
const asText = (message) => (Buffer.isBuffer(message) ? `b${message.toString("base64")}` : message);

describe("over WebSocket", () => {
  for (const [what, ...messages] of OFFENCES) {
    // checklist: 91, 95, 98, 99, 109, 110, 113, 114, 115, 118, 119
    test(what, async (t) => {
      const wire = await Wire.session(server.url);
      t.after(() => wire.close());
      await wire.connect();
      wire.send(...messages);
      await wire.closed(900); // sooner than the first ping
    });
  }

  // checklist: 97
  test("an event before CONNECT", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    wire.send('42["echo"]');
    await wire.closed(900);
  });

  // checklist: 97
  test("an event while a slow CONNECT is under way", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    wire.send("40/slow,", '42/slow,["echo"]');
    await wire.closed(900);
  });

  // checklist: 96
  test("two CONNECTs at once never make two sockets", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    wire.send("40/slow,", "40/slow,");
    const ids = new Set();
    try {
      for (let packet = ""; packet !== "43/slow,1[]";) {
        packet = await wire.packet();
        if (packet.startsWith("40/slow,")) ids.add(packet);
        if (packet.startsWith("42/slow,") && ids.size === 1) wire.send('42/slow,1["echo"]');
      }
    } catch (err) {
      assert.match(err.message, /WebSocket closed/);
    }
    assert.ok(ids.size <= 1, `${ids.size} sockets`);
  });
});

describe("over polling", () => {
  for (const [what, ...messages] of OFFENCES) {
    // checklist: 91, 95, 98, 99, 109, 110, 113, 114, 115, 118, 119
    test(what, async () => {
      const session = await Polling.open(server.url);
      await session.connect();
      await session.post(messages.map(asText).join(SEPARATOR)).catch(() => {});
      await ended(session);
    });
  }

  test("octets in the place of text", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    const headers = { "content-type": "application/octet-stream" };
    await session.post('42["echo"]', { headers }).catch(() => {});
    await ended(session);
  });

  test("what came before the offence is carried out", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    const polled = session.poll();
    await session.post(`42["echo","good"]${SEPARATOR}x`).catch(() => {});
    const { status, text } = await polled;
    if (status === 400) assert.match(text, /Session ID unknown/); // the post came first
    else assert.match(text, /^(42\["echo","good"\](\x1e1)?|1)$/);
    await ended(session);
  });
});

/** A session that is over: its polls end, the last with 400. */
async function ended(session) {
  for (let polls = 0; polls < 3; polls++) {
    const { status, text } = await session.poll();
    if (status === 400) return;
    assert.match(text, /(^|\x1e)[16]$|^4/, `a poll after the offence brought ${text}`);
  }
  assert.fail("the session goes on");
}

describe("what is odd and still allowed", () => {
  async function alive(t, ...messages) {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    await wire.connect();
    wire.send(...messages, '429["echo","alive"]');
    for (;;) {
      const packet = await wire.packet();
      if (packet === '439["alive"]') return;
    }
  }

  const oddities = [
    ["an acknowledgement that nobody waits for", "43123[]"],
    ["an acknowledgement without an id", "43[]"],
    ["an event named by a number", "42[5]"],
    ["an event that nobody handles", '42["unheard-of",1]'],
    ["an event named as a property of every object", '42["__proto__",{"__proto__":1}]'],
    ["an event named error", '42["error"]'],
    ["an event named connection", '42["connection"]'],
    ["an event named message", '42["message","x"]'],
    ["an id with leading zeros", '42007["echo"]'],
    ["a large id", '42987654321987654321["collect"]'],
    ["ten attachments", `4510-["collect",${slots(10)}]`, ...Array(10).fill(byte)],
    ["one attachment in two places", `451-["collect",${slot(0)},${slot(0)}]`, byte],
    ["attachments out of order", `452-["collect",${slot(1)},${slot(0)}]`, byte, byte],
    ["a pong between attachments", `452-["collect",${slots(2)}]`, byte, "3", byte],
    ["an unsolicited pong", "3"],
    ["a binary as base64 text", `451-["collect",${slot(0)}]`, "bBw=="],
    ["a count of no attachments", '450-["collect",1]'],
    ["white space in JSON", '42[ "collect" , 1 ]'],
    ["a packet of Engine.IO that only servers send", "0", "6"],
    ["an upgrade packet when there is nothing to upgrade", "5"],
  ];
  for (const [what, ...messages] of oddities) {
    // checklist: 117, 118, 120, 122
    test(what, (t) => alive(t, ...messages));
  }

  test("an id that no number holds is answered, or closes the connection", async (t) => {
    await alive(t, `42${"9".repeat(30)}["collect"]`).catch((err) => assert.match(err.message, /WebSocket closed/));
  });
});
