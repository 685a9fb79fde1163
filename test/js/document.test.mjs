// The example document: its page's algorithm by itself, and many writers on one server with the official client.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Manager } from "socket.io-client";
import { apply, characters, diff, over, Replica } from "../../examples/document/public/replica.mjs";
import { openDoor } from "./lib/door.mjs";
import { MODES } from "./lib/peer.mjs";
import { binary, Program } from "./lib/program.mjs";
import { PATIENCE, within } from "./lib/within.mjs";

const STARTED = /^Your server is up and running on Port (\d+)\. Good job!$/m;
const executable = binary("DOCUMENT_BIN", "./examples/document");

/** Starts a server, and returns it with its port. */
async function start() {
  const client = fileURLToPath(new URL("../node_modules/socket.io-client/dist", import.meta.url));
  const program = new Program(executable, ["-client", client, "-port", "0"]);
  const [, port] = await program.line(STARTED);
  return { program, port: Number(port) };
}

const { program, port } = await start();
after(() => program.stop());

/** Numbers below n that are the same each time, by the generator of Lehmer. */
function dice(seed) {
  let state = seed;
  return (n) => {
    state = state * 48271 % 2147483647;
    return state % n;
  };
}

const LETTERS = ["a", "b", "c", "\n", "ä", "🌊"];
const some = (roll, most) => Array.from({ length: roll(most + 1) }, () => LETTERS[roll(LETTERS.length)]);

function anyChange(roll, text) {
  const at = roll(text.length + 1);
  return { at, del: roll(Math.min(4, text.length - at) + 1), ins: some(roll, 3) };
}

describe("changes", () => {
  test("diff finds what apply does", () => {
    const roll = dice(1);
    for (let i = 0; i < 20_000; i++) {
      const [before, after] = [some(roll, 8), some(roll, 8)];
      assert.deepEqual(apply(before, diff(before, after)), after);
    }
  });

  test("two changes of one text can be made in either order", () => {
    const roll = dice(2);
    for (let i = 0; i < 100_000; i++) {
      const text = some(roll, 8);
      const [a, b] = [anyChange(roll, text), anyChange(roll, text)];
      const one = apply(apply(text, a), over(b, a, false));
      const other = apply(apply(text, b), over(a, b, true));
      assert.deepEqual(one, other, JSON.stringify({ text, a, b }));
      for (const ch of [...a.ins, ...b.ins]) assert.ok(one.includes(ch), "an insertion is lost");
    }
  });

  test("characters are never cut in half", () => {
    const [wave, ghost] = ["🌊", "🌋"].map(characters); // both begin with the same half
    assert.deepEqual(diff(wave, ghost), { at: 0, del: 1, ins: ghost });
    assert.deepEqual(characters("a\ud83cb"), ["a", "\ufffd", "b"]);
  });
});

for (const made of [true, false]) {
  test(`a change whose acknowledgement was lost, before a long absence: made ${made}`, () => {
    const listeners = {}, asked = [];
    const socket = { connected: true, on: (event, f) => { listeners[event] = f; }, emit: (...args) => asked.push(args) };
    const replica = new Replica(socket);
    const answer = (what) => asked.shift().at(-1)(what);
    answer({ epoch: "e", version: 1, text: "sea", changes: [] });
    replica.edit(characters("the sea"));
    const [, version, { id, ...change }] = asked.shift();
    assert.deepEqual({ version, ...change }, { version: 1, at: 0, del: 0, ins: "the " });
    listeners.disconnect();
    replica.edit(characters("the sea!"));
    listeners.connect();
    assert.deepEqual(asked[0].slice(0, -1), ["open", "e", 1, id]);
    answer({ epoch: "e", version: 2000, text: made ? "the blue sea" : "blue sea", changes: [], made });
    assert.equal(replica.text.join(""), made ? "the blue sea!" : "blue the sea!");
    assert.equal(replica.pending.length, made ? 1 : 2);
    assert.deepEqual(asked.map(([event, version]) => [event, version]), [["edit", 2000]]);
  });
}

for (const first of ["ours", "another's", "another's with more"]) {
  test(`a server that was started again is given the text: ${first} is first`, () => {
    const listeners = {}, asked = [];
    const socket = { connected: true, on: (event, f) => { listeners[event] = f; }, emit: (...args) => asked.push(args) };
    const replica = new Replica(socket);
    const answer = (what) => asked.shift().at(-1)(what);
    const empty = { epoch: "f", version: 0, text: "", changes: [] };
    answer({ epoch: "e", version: 7, text: "sea", changes: [] });
    listeners.disconnect();
    replica.edit(characters("the sea"));
    listeners.connect();
    answer(empty);
    listeners.disconnect(); // before the server has got it
    listeners.connect();
    asked.shift();
    assert.deepEqual(asked[0].slice(0, -1), ["open", "e", 7, ""]);
    answer(empty);
    const [, version, { id, ...all }] = asked[0];
    assert.deepEqual({ version, ...all }, { version: 0, at: 0, del: 0, ins: "sea" });
    if (first === "ours") listeners.change(1, { id, ...all });
    else listeners.change(1, { id: "b-0", at: 0, del: 0, ins: first === "another's" ? "sea" : "seaside" });
    answer(first === "ours");
    assert.equal(replica.text.join(""), first === "another's with more" ? "the seaside" : "the sea");
    const [event, to, { at, del, ins }] = asked.shift();
    assert.deepEqual({ event, to, at, del, ins }, { event: "edit", to: 1, at: 0, del: 0, ins: "the " });
  });
}

class Writer {
  constructor(t, transports, url = `http://localhost:${port}`) {
    this.manager = new Manager(url, { ...transports, forceNew: true, reconnectionDelay: 20, randomizationFactor: 0 });
    t.after(() => this.manager._close());
    this.watchers = new Set();
    this.replica = new Replica(this.manager.socket("/"), { onState: () => this.watchers.forEach((watcher) => watcher()) });
  }

  get text() {
    return this.replica.text.join("");
  }

  edit(f) {
    this.replica.edit(characters(f(this.text)));
  }

  /** Waits until it has the document. */
  opened() {
    return this.until("the document", () => this.replica.opened);
  }

  /** Waits until a condition holds. */
  until(what, condition) {
    let watcher;
    const reached = new Promise((resolve) => {
      watcher = () => condition() && resolve();
      this.watchers.add(watcher);
      watcher();
    });
    return within(reached, () => `${what}; the text is ${JSON.stringify(this.text)}`, 2 * PATIENCE).finally(() => this.watchers.delete(watcher));
  }

  saved() {
    return this.until("all is saved", () => !this.replica.pending.length && this.replica.version > 0);
  }

  /** Cuts the connection, if there is one; the client comes back by itself. (It would not from one that is cut while it is being opened.) */
  cut() {
    if (this.replica.opened) this.manager.engine.close();
  }
}

/** Waits until all have the same version with nothing left to send, and checks that it is one text. */
async function converge(...writers) {
  await Promise.all(writers.map((writer) => writer.saved()));
  const newest = Math.max(...writers.map(({ replica }) => replica.version));
  await Promise.all(writers.map((writer) => writer.until(`version ${newest}`, () => writer.replica.version === newest)));
  for (const writer of writers) assert.equal(writer.text, writers[0].text);
  return writers[0].text;
}

for (const [mode, transports] of Object.entries(MODES)) {
  describe(mode, () => {
    test("who was away for a while has everybody's words, and everybody has his", async (t) => {
      const [ann, ben] = [new Writer(t, transports), new Writer(t, transports)];
      await Promise.all([ann.opened(), ben.opened()]);
      ann.edit(() => "The sea.");
      await converge(ann, ben);
      ben.replica.edit(characters("The sea is deep.")); // on its way when the network goes
      ben.manager.reconnection(false);
      ben.cut();
      ben.edit((text) => `Notes. ${text}`);
      ben.edit((text) => `${text} And wide.`);
      ann.edit((text) => text.replace("The sea", "The blue sea"));
      ann.edit((text) => `${text} 🌊`);
      await ann.saved();
      ben.manager.reconnection(true);
      ben.manager.connect();
      const text = await converge(ann, ben);
      for (const words of ["Notes. ", "The blue sea", " is deep", "And wide.", "🌊"]) assert.ok(text.includes(words), text);
    });

    test("many writers whose connections are cut converge", async (t) => {
      const roll = dice(3);
      const writers = Array.from({ length: 5 }, () => new Writer(t, transports));
      await Promise.all(writers.map((writer) => writer.opened()));
      for (let round = 0; round < 30; round++) {
        for (const writer of writers) {
          const change = anyChange(roll, writer.replica.text);
          writer.replica.edit(apply(writer.replica.text, change));
        }
        if (round % 5 === 4) writers[roll(writers.length)].cut();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await converge(...writers);
    });
  });
}

test("a restart leaves the text with those who have it", async (t) => {
  const door = await openDoor(t);
  const before = await start();
  t.after(() => before.program.stop());
  door.to = before.port;
  const [ann, ben] = [new Writer(t, MODES["WebSocket only"], door.url), new Writer(t, MODES["WebSocket only"], door.url)];
  await Promise.all([ann.opened(), ben.opened()]);
  ann.edit(() => "The sea.");
  await converge(ann, ben);
  await before.program.stop();
  await Promise.all([ann, ben].map((writer) => writer.until("the end", () => !writer.replica.opened)));
  ben.edit((text) => `${text} And wide.`);
  const again = await start();
  t.after(() => again.program.stop());
  door.to = again.port;
  await Promise.all([ann.opened(), ben.opened()]);
  assert.equal(await converge(ann, ben), "The sea. And wide.");
});

test("what the server refuses is taken back", async (t) => {
  const writer = new Writer(t, MODES["WebSocket only"]);
  await writer.opened();
  const before = writer.text;
  let why;
  writer.replica.told.onRefusal = (reason) => { why = reason; };
  writer.edit((text) => text + "x".repeat(50_001));
  await writer.until("the refusal", () => why);
  assert.equal(why, "the document is full");
  assert.equal(writer.text, before);
  assert.deepEqual(writer.replica.pending, []);
});
