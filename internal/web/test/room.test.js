// Room and Sender against a server that lives in this file: what they show and
// store when events are lost, late, doubled or early, and connections break.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RequestError } from "../page/js/connection.js";
import { Emitter } from "../page/js/emitter.js";
import { Outbox } from "../page/js/outbox.js";
import { Room } from "../page/js/room.js";
import { Sender } from "../page/js/sender.js";

/** Lets promises and timers run until nothing is left to do. */
async function settle(ms = 20_000) {
  for (let passed = 0; passed < ms; passed += 100) {
    for (let i = 0; i < 20; i++) await Promise.resolve();
    mock.timers.tick(100);
  }
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

class FakeServer extends Emitter {
  connected = true;
  messages = [];
  people = [];
  rev = 1;
  asked = [];
  /** event → function that may answer, throw, or return undefined to go on. */
  hooks = {};

  async request(event, payload) {
    if (!this.connected) throw new RequestError("offline");
    this.asked.push(event);
    await Promise.resolve();
    const answer = this.hooks[event]?.(payload) ?? this[`on_${event}`](payload);
    await Promise.resolve();
    if (!this.connected) throw new RequestError("offline");
    return structuredClone(answer);
  }

  on_watch() {
    const messages = this.messages.slice(-50);
    return {
      room: "r", title: "R", rev: this.rev, people: this.people, messages,
      last: this.messages.length, more: this.messages.length > 50, limits: { nick: 24, text: 2000 },
    };
  }

  on_enter({ nick }) {
    return { ...this.on_watch(), you: { id: "me", nick } };
  }

  on_since({ after }) {
    const messages = this.messages.filter((message) => message.seq > after);
    return { messages: messages.slice(0, 200), last: this.messages.length, more: messages.length > 200 };
  }

  on_older({ before }) {
    const messages = this.messages.filter((message) => message.seq < before);
    return { messages: messages.slice(-50), last: this.messages.length, more: messages.length > 50 };
  }

  on_say({ id, text }) {
    const known = this.messages.find((message) => message.id === id);
    const { seq, at } = known ?? this.store(text, { id, person: "me" });
    return { seq, at, id };
  }

  on_leave() {
    return {};
  }

  on_typing() {
    return {};
  }

  /** Stores a message and tells it, unless told: false. */
  store(text, { id = text, person = "other", told = true } = {}) {
    const seq = this.messages.length + 1;
    const message = { room: "r", seq, id, person, nick: person, text, at: seq };
    this.messages.push(message);
    if (told) this.tell(message);
    return message;
  }

  tell(message) {
    if (this.connected) this.emit("server:message", structuredClone(message));
  }

  cut() {
    this.connected = false;
    this.emit("down");
  }

  restore() {
    this.connected = true;
    this.emit("up", { again: true });
  }
}

/** A room opened by somebody called "Me", and what it shows. */
async function open(server, { nick = "Me" } = {}) {
  const identity = { nick, secret: "s".repeat(32), tab: "t" };
  const room = new Room({ connection: server, identity, name: "r" });
  const view = { shown: [], resets: 0, missing: false, log: [] };
  room.on("reset", ({ messages, missing }) => {
    view.shown = [...messages];
    view.resets++;
    view.missing ||= missing;
  });
  room.on("messages", (list) => view.shown.push(...list));
  room.on("older", (list) => view.shown.unshift(...list));
  for (const event of ["joined", "left", "refused", "typing"]) room.on(event, (what) => view.log.push([event, what.id ?? what.code]));
  room.open();
  await settle(200);
  return { room, view, identity };
}

function assertGapFree(shown) {
  shown.forEach((message, i) => i > 0 && assert.equal(message.seq, shown[i - 1].seq + 1));
}

const texts = (view) => view.shown.map((message) => message.text);

function virtual(name, run) {
  test(name, async () => {
    mock.timers.enable({ apis: ["setTimeout", "Date"] });
    try {
      await run();
    } finally {
      mock.timers.reset();
    }
  });
}

virtual("holds what comes too early until the gap is fetched", async () => {
  const server = new FakeServer();
  server.store("1");
  const { view } = await open(server);
  server.store("2", { told: false });
  server.store("3");
  assert.deepEqual(texts(view), ["1"]);
  await settle(200);
  assert.deepEqual(texts(view), ["1", "2", "3"]);
  assert.equal(server.asked.filter((event) => event === "since").length, 1);
});

virtual("after a reconnect everything missed is there, in order, once", async () => {
  const server = new FakeServer();
  server.store("first");
  const { view } = await open(server);
  server.cut();
  for (let i = 0; i < 330; i++) server.store(`m${i}`);
  server.restore();
  server.store("live");
  await settle(500);
  assertGapFree(view.shown);
  assert.equal(view.shown.length, 332);
  assert.equal(view.resets, 1, "no reload was needed");
});

virtual("far behind, the newest page is shown, and is not called missing", async () => {
  const server = new FakeServer();
  server.store("first");
  const { view } = await open(server);
  server.cut();
  for (let i = 0; i < 2000; i++) server.store(`m${i}`);
  server.restore();
  await settle(500);
  assert.equal(view.resets, 2);
  assert.equal(view.missing, false);
  assert.equal(view.shown.at(-1).seq, 2001);
  assertGapFree(view.shown);
});

virtual("what cannot be had is said, and the history reloaded", async () => {
  const server = new FakeServer();
  server.store("1");
  const { view } = await open(server);
  server.store("2", { told: false });
  server.hooks.since = () => ({ messages: [], last: 3, more: false, missing: 1 });
  server.store("3");
  await settle();
  assert.equal(view.missing, true);
  assertGapFree(view.shown);
  server.store("4");
  assert.equal(view.shown.at(-1).text, "4");
});

virtual("a history that was replaced is shown anew", async () => {
  const server = new FakeServer();
  for (let i = 0; i < 9; i++) server.store(`old ${i}`);
  const { view } = await open(server);
  server.cut();
  server.messages = [];
  server.store("new");
  server.restore();
  await settle(200);
  assert.deepEqual(texts(view), ["new"]);
  assert.equal(view.missing, true);
});

virtual("a server that cannot answer is asked again", async () => {
  const server = new FakeServer();
  server.store("1");
  const { view } = await open(server);
  let failures = 2;
  server.hooks.since = () => {
    if (failures-- > 0) throw new RequestError("unavailable");
  };
  server.store("2", { told: false });
  server.store("3");
  await settle();
  assert.deepEqual(texts(view), ["1", "2", "3"]);
  assert.equal(view.resets, 1);
});

virtual("events that overtake the snapshot are applied after it", async () => {
  const server = new FakeServer();
  server.people = [{ id: "a", nick: "A" }, { id: "b", nick: "B" }];
  server.rev = 5;
  server.hooks.enter = () => {
    server.emit("server:left", { room: "r", person: { id: "b", nick: "B" }, rev: 5 }); // before b came back
    server.emit("server:left", { room: "r", person: { id: "a", nick: "A" }, rev: 6 });
    server.emit("server:message", { room: "r", seq: 1, id: "x", person: "a", text: "early" });
  };
  server.store("early", { id: "x", told: false });
  const { room, view } = await open(server);
  assert.deepEqual(view.log, [["left", "a"]]);
  assert.equal(room.people.count, 1);
  assert.deepEqual(texts(view), ["early"]);
});

virtual("who was here before the connection was lost comes back without a word, once and in time", async () => {
  const server = new FakeServer();
  server.people = [{ id: "a", nick: "A" }, { id: "b", nick: "B" }, { id: "c", nick: "C" }];
  const { room, view } = await open(server);
  const tell = (kind, id) => server.emit(`server:${kind}`, { room: "r", person: { id, nick: id }, rev: ++server.rev });
  server.cut();
  server.people = [{ id: "c", nick: "C" }]; // back before us
  server.restore();
  await settle(100);
  tell("joined", "a");
  tell("joined", "new");
  assert.deepEqual(view.log, [["joined", "new"]]);
  assert.equal(room.people.count, 3);
  for (const id of ["a", "c"]) {
    tell("left", id);
    tell("joined", id);
  }
  await settle(60_000);
  tell("joined", "b");
  assert.deepEqual(view.log.slice(1), [["left", "a"], ["joined", "a"], ["left", "c"], ["joined", "c"], ["joined", "b"]]);
});

virtual("other rooms' events are not this room's", async () => {
  const server = new FakeServer();
  const { view } = await open(server);
  server.emit("server:message", { room: "other", seq: 1, id: "x", text: "no" });
  assert.deepEqual(texts(view), []);
});

virtual("a name that is taken leaves one looking on", async () => {
  const server = new FakeServer();
  server.hooks.enter = () => {
    throw new RequestError("nick_taken", "", { suggestion: "Me2" });
  };
  const { room, view } = await open(server);
  assert.equal(room.mode, "watching");
  assert.deepEqual(view.log, [["refused", "nick_taken"]]);
  server.hooks.enter = undefined;
  await Promise.all([room.enter("Me2"), settle(200)]);
  assert.equal(room.mode, "entered");
  assert.equal(room.you.nick, "Me2");
});

virtual("a name refused before the room was seen does not hide the room", async () => {
  const server = new FakeServer();
  server.store("here");
  server.hooks.enter = () => {
    throw new RequestError("nick_taken");
  };
  const fresh = new Room({ connection: server, identity: { nick: "", secret: "s".repeat(32), tab: "t" }, name: "r" });
  const shown = [];
  fresh.on("reset", ({ messages }) => shown.push(...messages));
  fresh.open(); // looks
  await Promise.all([assert.rejects(fresh.enter("Me"), { code: "nick_taken" }), settle(200)]);
  assert.equal(shown.length, 1);
  assert.equal(fresh.mode, "watching");
});

virtual("older messages come before, until there are none", async () => {
  const server = new FakeServer();
  for (let i = 0; i < 120; i++) server.store(`m${i}`);
  const { room, view } = await open(server);
  assert.equal(await room.older(), true);
  assert.equal(await room.older(), false);
  assert.equal(await room.older(), false);
  assert.equal(view.shown.length, 120);
  assertGapFree(view.shown);
});

function sending(server, room) {
  const kept = new Map();
  const storage = { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
  let n = 0;
  const outbox = new Outbox({ storage, makeId: () => `mine${++n}` });
  room.on("messages", (list) => list.forEach((message) => message.person === "me" && outbox.settle(message.id)));
  const slowed = [];
  const sender = new Sender({ connection: server, outbox, room, slow: (ms) => slowed.push(ms) });
  return { outbox, sender, slowed };
}

virtual("what is written offline is sent on return, in order, once", async () => {
  const server = new FakeServer();
  const { room, view } = await open(server);
  const { outbox } = sending(server, room);
  server.cut();
  outbox.add("r", "a");
  outbox.add("r", "b");
  await settle(500);
  assert.deepEqual(outbox.items("r").map((item) => item.state), ["queued", "queued"]);
  server.restore();
  await settle(500);
  assert.deepEqual(texts(view), ["a", "b"]);
  assert.deepEqual(outbox.items("r"), []);
});

virtual("a lost acknowledgement doubles nothing", async () => {
  const server = new FakeServer();
  const { room, view } = await open(server);
  const { outbox } = sending(server, room);
  server.hooks.say = (payload) => {
    server.connected = false; // stored, but neither answer nor event come through
    server.on_say(payload);
    server.hooks.say = undefined;
    server.emit("down");
    throw new RequestError("offline");
  };
  outbox.add("r", "once");
  await settle(300);
  server.restore();
  await settle(500);
  assert.deepEqual(server.messages.map((message) => message.text), ["once"]);
  assert.deepEqual(texts(view), ["once"]);
  assert.deepEqual(outbox.items("r"), []);
});

virtual("slow_down waits and sends; a refusal fails and stands aside", async () => {
  const server = new FakeServer();
  const { room } = await open(server);
  const { outbox, slowed } = sending(server, room);
  let times = 2;
  server.hooks.say = ({ text }) => {
    if (text === "bad") throw new RequestError("not_allowed", "No.");
    if (times-- > 0) throw new RequestError("slow_down", "Slow down.", { retry_ms: 3000 });
  };
  outbox.add("r", "good");
  outbox.add("r", "bad");
  outbox.add("r", "after");
  await settle(2500);
  assert.equal(server.messages.length, 0);
  await settle();
  assert.deepEqual(server.messages.map((message) => message.text), ["good", "after"]);
  assert.deepEqual(slowed, [3000, 3000]);
  assert.deepEqual(outbox.items("r").map((item) => [item.text, item.state, item.error.message]), [["bad", "failed", "No."]]);
  assert.ok(server.asked.filter((event) => event === "say").length <= 5, "no hammering");
});

virtual("a server that forgot who one is gets told again", async () => {
  const server = new FakeServer();
  const { room, view } = await open(server);
  const { outbox } = sending(server, room);
  let times = 1;
  server.hooks.say = () => {
    if (times-- > 0) throw new RequestError("not_here", "");
  };
  outbox.add("r", "hello");
  await settle(500);
  assert.deepEqual(texts(view), ["hello"]);
  assert.equal(server.asked.filter((event) => event === "enter").length, 2);
});

virtual("an answer that never comes is tried a few times, then told", async () => {
  const server = new FakeServer();
  const { room } = await open(server);
  const { outbox } = sending(server, room);
  server.hooks.say = () => {
    throw new RequestError("timeout");
  };
  outbox.add("r", "hello");
  await settle();
  assert.equal(outbox.items("r")[0].state, "failed");
  assert.ok(outbox.items("r")[0].error.message);
  server.hooks.say = undefined;
  outbox.retry("mine1");
  await settle(500);
  assert.equal(server.messages.length, 1);
});

virtual("whatever the network does, the room is one gap-free sequence", async () => {
  let seed = 11;
  const random = (n) => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8) % n;
  for (let round = 0; round < 15; round++) {
    const server = new FakeServer();
    for (let i = 0; i < random(5); i++) server.store(`before ${i}`);
    const { room, view } = await open(server);
    const { outbox } = sending(server, room);
    const mine = [];
    for (let step = 0; step < 60; step++) {
      const dice = random(10);
      if (dice < 4) server.store(`s${step}`, { told: random(3) > 0 });
      else if (dice < 6) server.messages.length > 0 && server.tell(server.messages[random(server.messages.length)]);
      else if (dice < 8) mine.push(outbox.add("r", `mine ${step}`).text);
      else if (server.connected) server.cut();
      else server.restore();
      if (random(3) === 0) await settle(100);
    }
    if (!server.connected) server.restore();
    server.store("the end");
    await settle();
    assertGapFree(view.shown);
    assert.equal(view.shown.at(-1).seq, server.messages.length);
    assert.deepEqual(texts(view).filter((text) => text.startsWith("mine")), mine);
    assert.equal(view.missing, false);
  }
});

virtual("what arrives after one has left is told to nobody", async () => {
  const server = new FakeServer();
  for (let i = 0; i < 120; i++) server.store(`m${i}`);
  const { room, view } = await open(server);
  const older = room.older();
  room.close();
  await Promise.all([older, settle(200)]);
  server.store("later");
  assert.equal(view.shown.length, 50);
  assert.ok(server.asked.includes("leave"));
});
