// What is sent with a quote, and what becomes of it when the post is gone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../page/js/connection.js";
import { Emitter } from "../page/js/emitter.js";
import { Outbox } from "../page/js/outbox.js";
import { Sender } from "../page/js/sender.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));

function stage() {
  const connection = Object.assign(new Emitter(), { connected: true, said: [], error: undefined });
  connection.request = async (_, payload) => {
    connection.said.push(payload);
    if (connection.error) throw connection.error;
    return { seq: connection.said.length, at: 1, id: payload.id };
  };
  const room = Object.assign(new Emitter(), { name: "r", ready: true, last: 99, expect() {}, resume() {} });
  let n = 0;
  const outbox = new Outbox({ storage: { get: () => undefined, set() {} }, makeId: () => `m${++n}` });
  const sender = new Sender({ connection, outbox, room });
  return { connection, outbox, sender };
}

const quote = { source: "replay", id: "7", author: "Ann", text: "what was said" };

test("a quote goes by its name: the server knows the rest", async () => {
  const { connection, outbox, sender } = stage();
  outbox.add("r", "look", quote);
  outbox.add("r", "no quote");
  await settle();
  assert.deepEqual(connection.said, [
    { room: "r", id: "m1", text: "look", quote: { source: "replay", id: "7" } },
    { room: "r", id: "m2", text: "no quote" },
  ]);
  sender.close();
});

test("the post is gone: the text is sent without it, if its author wants", async () => {
  const { connection, outbox, sender } = stage();
  connection.error = new RequestError("post_gone");
  outbox.add("r", "look", quote);
  await settle();
  assert.equal(outbox.find("m1").state, "failed");
  assert.match(outbox.find("m1").error.message, /removed/);
  connection.error = undefined;
  outbox.retry("m1");
  await settle();
  assert.deepEqual(connection.said.at(-1), { room: "r", id: "m1", text: "look" });
  sender.close();
});

test("the post is gone and there was no text: nothing is left to be sent", async () => {
  const { connection, outbox, sender } = stage();
  connection.error = new RequestError("post_gone");
  outbox.add("r", "", quote);
  await settle();
  outbox.retry("m1");
  assert.equal(outbox.find("m1"), undefined);
  sender.close();
});
