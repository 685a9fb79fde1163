// The transports of the conformance server: heartbeat, the upgrade's clock, and what may happen on the way.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bystanders } from "./lib/bystander.mjs";
import { join, MODES, upgraded } from "./lib/peer.mjs";
import { serverForFile, startServer } from "./lib/server.mjs";
import { Polling, Wire } from "./lib/wire.mjs";
import { within } from "./lib/within.mjs";

const server = await serverForFile();
const others = await bystanders(server);

/** A session of polling that has joined /, and a candidate for its upgrade. */
async function candidate(t, options) {
  const session = await Polling.open(server.url);
  const sid = await session.connect();
  const wire = await Wire.upgrade(session, options);
  t.after(() => wire.close());
  return { session, sid, wire };
}

/** Asserts that a session of polling answers. */
async function goesOn(session) {
  await session.send('427["echo","on"]');
  await session.until((packet) => packet === '437["on"]');
}

describe("heartbeat", () => {
  for (const [mode, transports] of Object.entries(MODES)) {
    test(`the official client lives through three pings (${mode})`, async (t) => {
      const peer = await join(t, server.url, transports);
      if (mode === "upgrading") await upgraded(peer);
      for (let pings = 0; pings < 3; pings++) {
        await within(new Promise((resolve) => peer.manager.engine.once("ping", resolve)), () => "a ping");
      }
      assert.equal((await peer.ask("echo", "alive"))[0], "alive");
    });
  }

  // checklist: 66
  test("a ping comes one interval after the handshake, and after each pong", async (t) => {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    const times = [performance.now()];
    await wire.connect();
    for (let pings = 0; pings < 2; pings++) {
      assert.equal(await wire.next("a ping"), "2");
      times.push(performance.now());
      wire.send("3");
    }
    const gaps = [times[1] - times[0], times[2] - times[1]];
    for (const gap of gaps) assert.ok(gap > 900 && gap < 1900, `${gaps} ms`);
  });
});

// checklist: 71
describe("a server that stands still", () => {
  for (const [mode, transports] of Object.entries(MODES)) {
    test(`is given up by the official client (${mode})`, async (t) => {
      const still = await startServer();
      t.after(() => {
        still.program.child.kill("SIGCONT");
        return still.stop();
      });
      const peer = await join(t, still.url, transports);
      if (mode === "upgrading") await upgraded(peer);
      still.program.child.kill("SIGSTOP");
      assert.equal(await peer.gone(), "ping timeout");
    });
  }
});

describe("the upgrade", () => {
  // checklist: 77
  test("times out without a probe, and the session goes on", async (t) => {
    const { session, wire } = await candidate(t);
    await wire.closed(2500);
    await goesOn(session);
  });

  // checklist: 77
  test("times out behind a probe, and the session goes on and may try again", async (t) => {
    const { session, wire } = await candidate(t);
    wire.send("2probe");
    assert.equal(await wire.next(), "3probe");
    await wire.closed(2500);
    await goesOn(session);
    const second = await Wire.upgrade(session);
    t.after(() => second.close());
    second.send("2probe", "5", '428["echo","moved"]');
    assert.equal(await second.next(), "3probe");
    assert.equal(await second.packet(), '438["moved"]');
  });

  test("can be cut at every step, and the session goes on while it polls", async (t) => {
    const steps = [[], ["2probe"], ["2"]];
    for (const step of steps) {
      const { session, wire } = await candidate(t);
      wire.send(...step);
      if (step[0] === "2probe") assert.equal(await wire.next(), "3probe");
      wire.ws._socket.resetAndDestroy();
      await goesOn(session);
    }
  });

  test("that is cut right behind its completion ends the session", async (t) => {
    const { session, sid, wire } = await candidate(t);
    wire.send("2probe", "5", '428["echo"]');
    assert.equal(await wire.next(), "3probe");
    assert.equal(await wire.packet(), "438[]");
    wire.ws._socket.resetAndDestroy();
    assert.match((await others.reasonOf(sid)).reason, /^transport (close|error)$/);
    await session.expectUnknown();
  });

  test("takes a poll that is under way with it: noop, or close at its end", async (t) => {
    const { session, wire } = await candidate(t);
    const poll = session.poll();
    wire.send("2probe", "5");
    assert.equal(await wire.next(), "3probe");
    const { status, text } = await poll;
    if (status === 200) assert.match(text, /^[16]$/);
    else assert.equal(status, 400); // the poll came after the upgrade
    wire.send('428["echo"]');
    assert.equal(await wire.packet(), "438[]");
  });

  test("moves binary events whole, whichever transport they began on", async (t) => {
    const { session, wire } = await candidate(t);
    const slots = [0, 1, 2].map((num) => `{"_placeholder":true,"num":${num}}`).join();
    await session.send(`453-["echo",${slots}]\x1ebAA==\x1ebAQ==`); // the third part follows by WebSocket
    wire.send("2probe", "5", Buffer.from([2]));
    assert.equal(await wire.next(), "3probe");
    assert.equal(await wire.packet(), `453-["echo",${slots}]`);
    for (let i = 0; i < 3; i++) assert.deepEqual(await wire.packet(), Buffer.from([i]));
  });

  test("of a foreign or unknown session is refused", async () => {
    const nobody = Object.assign(new Polling(), { base: server.url, sid: "nobody" });
    await assert.rejects(Wire.upgrade(nobody), /400/);
  });
});

describe("many requests at once", () => {
  test("two polls end the session: one is released", async () => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    const answers = await Promise.all([session.poll(), session.poll()]);
    answers.sort((a, b) => a.status - b.status);
    assert.deepEqual([answers[0].status, answers[0].text], [200, "1"]);
    assert.ok([400, 500].includes(answers[1].status), `status ${answers[1].status}`);
    assert.equal((await others.reasonOf(sid)).reason, "transport error");
    await session.expectUnknown();
  });

  test("the client's close releases its poll", async () => {
    const session = await Polling.open(server.url);
    const sid = await session.connect();
    const poll = session.packets();
    await session.send("1");
    assert.deepEqual(await poll, ["6"]);
    assert.equal((await others.reasonOf(sid)).reason, "transport close");
    await session.expectUnknown();
  });

  // checklist: 22, 48
  test("a poll gets all that waits, in order", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    await session.send('42["burst",500,"mixed"]');
    const packets = await session.until((packet) => packet === '42["burst-done",500]');
    const expected = [];
    for (let i = 0; i < 500; i++) {
      if (i % 2) expected.push(`451-["burst",${i},{"_placeholder":true,"num":0}]`, `b${Buffer.from([i & 255]).toString("base64")}`);
      else expected.push(`42["burst",${i}]`);
    }
    assert.deepEqual(packets, [...expected, '42["burst-done",500]']);
  });
});
