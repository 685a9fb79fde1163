import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox, STALE_AFTER } from "../page/js/outbox.js";

/** Storage as the browser has it: only JSON survives. */
class FakeStorage {
  #kept = new Map();
  get = (key) => (this.#kept.has(key) ? JSON.parse(this.#kept.get(key)) : undefined);
  set = (key, value) => void this.#kept.set(key, JSON.stringify(value));
}

function setUp(storage = new FakeStorage()) {
  const clock = { now: 1_000_000 };
  let n = 0;
  const outbox = new Outbox({ storage, now: () => clock.now, makeId: () => `id${++n}` });
  return { outbox, storage, clock };
}

const states = (outbox, room = "r") => outbox.items(room).map((item) => `${item.id} ${item.state}`);

test("a message's life: queued, pending, sent, gone", () => {
  const { outbox, storage } = setUp();
  const seen = [];
  outbox.on("change", (item) => seen.push(item.state));
  outbox.on("gone", () => seen.push("gone"));
  const { id } = outbox.add("r", "hello");
  outbox.sending(id);
  outbox.acked(id, { seq: 3, at: 5 });
  assert.deepEqual(storage.get("outbox"), [], "acknowledged: no longer kept");
  assert.equal(outbox.find(id).seq, 3);
  outbox.settle(id);
  assert.deepEqual(seen, ["queued", "pending", "sent", "gone"]);
});

test("a reload keeps what is not acknowledged, with its id", () => {
  const { outbox, storage } = setUp();
  const first = outbox.add("r", "one");
  outbox.add("r", "two");
  const third = outbox.add("r", "three");
  outbox.sending(first.id);
  outbox.fail(third.id, { code: "x", message: "why" });
  const after = setUp(storage).outbox;
  assert.deepEqual(states(after), ["id1 queued", "id2 queued", "id3 failed"]);
  assert.equal(after.items("r")[2].error.message, "why");
});

test("one at a time, oldest first, a failed one stands aside", () => {
  const { outbox } = setUp();
  const [a, b] = [outbox.add("r", "a"), outbox.add("r", "b")];
  outbox.add("other", "c");
  assert.equal(outbox.next("r").id, a.id);
  outbox.sending(a.id);
  assert.equal(outbox.next("r"), undefined, "a is under way");
  outbox.fail(a.id, { code: "x" });
  assert.equal(outbox.next("r").id, b.id);
});

test("a lost connection puts what is under way back in its place", () => {
  const { outbox } = setUp();
  const [a] = [outbox.add("r", "a"), outbox.add("r", "b")];
  outbox.sending(a.id);
  outbox.requeue();
  assert.deepEqual(states(outbox), ["id1 queued", "id2 queued"]);
  assert.equal(outbox.next("r").id, a.id);
});

test("what waited too long is asked about, not sent", () => {
  const { outbox, clock } = setUp();
  const old = outbox.add("r", "old");
  clock.now += STALE_AFTER + 1;
  outbox.add("r", "young");
  outbox.expire({ code: "stale" });
  assert.deepEqual(states(outbox), ["id1 failed", "id2 queued"]);
  outbox.retry(old.id);
  outbox.expire({ code: "stale" });
  assert.equal(outbox.find(old.id).state, "queued", "a retry counts as written now");
  assert.equal(outbox.find(old.id).error, undefined);
});

test("an answer for something that is gone changes nothing", () => {
  const { outbox } = setUp();
  const { id } = outbox.add("r", "a");
  outbox.settle(id);
  outbox.acked(id, { seq: 1, at: 1 });
  outbox.fail(id, {});
  assert.deepEqual(outbox.items("r"), []);
});

test("rooms with unsent messages, renaming, clearing", () => {
  const { outbox, storage } = setUp();
  outbox.add("Room", "a");
  outbox.add("b", "b");
  outbox.rename("Room", "room");
  assert.deepEqual(outbox.rooms(), ["room", "b"]);
  assert.equal(storage.get("outbox")[0].room, "room");
  outbox.clear();
  assert.deepEqual(outbox.rooms(), []);
});

test("storage with nonsense in it is no obstacle", () => {
  const storage = new FakeStorage();
  storage.set("outbox", [{ id: 1 }, null, "x", { id: "good", room: "r", text: "t", at: 0, state: "pending" }]);
  assert.deepEqual(states(setUp(storage).outbox), ["good queued"]);
});
