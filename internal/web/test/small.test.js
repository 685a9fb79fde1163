import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Emitter } from "../page/js/emitter.js";
import { Identity } from "../page/js/identity.js";
import { People } from "../page/js/people.js";
import { strings } from "../page/js/strings.js";
import { lengthOf, pathOf, roomName, roomOf, trimmed } from "../page/js/text.js";
import { dayName, dayNumber, sameGroup } from "../page/js/time.js";
import { FORGET_AFTER, TELL_EVERY, TypingIn, TypingOut } from "../page/js/typing.js";

test("emitter: handlers in order, until taken off", () => {
  const emitter = new Emitter();
  const seen = [];
  const off = emitter.on("x", (n) => seen.push(`a${n}`));
  emitter.on("x", (n) => (off(), seen.push(`b${n}`)));
  emitter.emit("x", 1);
  emitter.emit("x", 2);
  emitter.emit("y", 3);
  assert.deepEqual(seen, ["a1", "b1", "b2"]);
});

test("text: length in characters, blank ends taken off, inner lines kept", () => {
  assert.equal(lengthOf("a😀é"), 3);
  assert.equal(trimmed("\n \n  indented\r\n\r\nend \n"), "  indented\n\nend");
  assert.equal(trimmed("  \n "), "");
});

test("text: rooms and addresses", () => {
  assert.equal(roomOf("/"), "lobby");
  assert.equal(roomOf("/r/tea"), "tea");
  assert.equal(roomOf("/r/%D1%87%D0%B0%D0%B9/"), "чай");
  assert.equal(roomOf("/r/%"), "lobby");
  for (const room of ["lobby", "tea", "чай", "a b", "50%"]) assert.equal(roomOf(pathOf(room)), room);
  assert.equal(roomName(" /r/Tea time "), "Tea-time");
});

test("time: days and groups", () => {
  const noon = new Date(2026, 4, 17, 12).getTime();
  const hour = 3_600_000;
  assert.equal(dayNumber(noon + 24 * hour) - dayNumber(noon), 1);
  assert.match(dayName(noon, noon), /today/i);
  assert.match(dayName(noon - 24 * hour, noon), /yesterday/i);
  assert.match(dayName(noon - 48 * hour, noon), /15/);
  const said = (person, at) => ({ person, nick: person, at });
  assert.equal(sameGroup(undefined, said("a", noon)), false);
  assert.equal(sameGroup(said("a", noon), said("a", noon + 1000)), true);
  assert.equal(sameGroup(said("a", noon), said("b", noon + 1000)), false);
  assert.equal(sameGroup(said("a", noon), said("a", noon + hour)), false);
  assert.equal(sameGroup(said("a", noon + 11.99 * hour), said("a", noon + 12.01 * hour)), false, "midnight between");
});

test("people: each once, yourself first", () => {
  const people = new People();
  people.replace([{ id: "1", nick: "Zoe" }, { id: "2", nick: "ann" }, { id: "3", nick: "Bo" }]);
  assert.equal(people.add({ id: "3", nick: "Bo" }), false);
  assert.equal(people.add({ id: "4", nick: "Cy" }), true);
  assert.deepEqual(people.sorted("1").map((person) => person.nick), ["Zoe", "ann", "Bo", "Cy"]);
  assert.equal(people.remove("4"), true);
  assert.equal(people.remove("4"), false);
  assert.equal(people.count, 3);
});

test("identity: a secret of enough chance, kept, renewed when asked", () => {
  const kept = new Map();
  const store = { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) };
  const identity = new Identity(store);
  assert.match(identity.secret, /^[0-9a-f]{48}$/);
  assert.equal(new Identity(store).secret, identity.secret);
  const before = identity.secret;
  assert.notEqual(identity.renew(), before);
  kept.set("secret", "short");
  assert.ok(identity.secret.length >= 16);
  assert.notEqual(new Identity(store).tab, identity.tab);
});

test("typing is told at most every three seconds, and its end once", () => {
  const told = [];
  let now = 0;
  const typing = new TypingOut((on) => told.push(on), () => now);
  for (; now < 2 * TELL_EVERY; now += 100) typing.changed(true);
  assert.deepEqual(told, [true, true]);
  typing.changed(false);
  typing.changed(false);
  assert.deepEqual(told, [true, true, false]);
  typing.changed(true);
  typing.reset();
  typing.stop();
  assert.deepEqual(told, [true, true, false, true], "sending tells it by itself");
});

test("who types is forgotten after a while", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let names;
    const typing = new TypingIn((list) => (names = list));
    typing.hear({ id: "1", nick: "Ann" }, true);
    mock.timers.tick(FORGET_AFTER - 1);
    typing.hear({ id: "1", nick: "Ann" }, true);
    typing.hear({ id: "2", nick: "Bo" }, true);
    assert.deepEqual(names, ["Ann", "Bo"]);
    typing.hear({ id: "2" }, false);
    mock.timers.tick(FORGET_AFTER - 1);
    assert.deepEqual(names, ["Ann"]);
    mock.timers.tick(1);
    assert.deepEqual(names, []);
  } finally {
    mock.timers.reset();
  }
});

test("strings: numbers and names", () => {
  assert.equal(strings.newMessages(1), "1 new message");
  assert.equal(strings.newMessages(1200), "1,200 new messages");
  assert.equal(strings.typing(["Ann"]), "Ann is typing");
  assert.equal(strings.typing(["Ann", "Bo"]), "Ann and Bo are typing");
  assert.equal(strings.typing(["A", "B", "C", "D"]), "Several people are typing");
});
