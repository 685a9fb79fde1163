import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_HELD, Sequence } from "../page/js/sequence.js";

const message = (seq) => ({ seq });
const seqs = (messages) => messages.map((each) => each.seq);

test("lets messages through in order, each once", () => {
  const sequence = new Sequence();
  sequence.start(4);
  assert.deepEqual(seqs(sequence.offer([message(5)])), [5]);
  assert.deepEqual(seqs(sequence.offer([message(5), message(4), message(1)])), []);
  assert.deepEqual(seqs(sequence.offer([message(7)])), [], "6 is missing");
  assert.equal(sequence.missing, 2);
  assert.deepEqual(seqs(sequence.offer([message(6)])), [6, 7]);
  assert.equal(sequence.missing, 0);
});

test("any shuffle with repeats comes out as 1, 2, 3, …", () => {
  let seed = 7;
  const random = (n) => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) >> 8) % n;
  for (let round = 0; round < 200; round++) {
    const sequence = new Sequence();
    const sent = Array.from({ length: 60 }, (_, i) => message(i + 1));
    const arriving = [...sent, ...sent.slice(10, 30)];
    for (let i = arriving.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [arriving[i], arriving[j]] = [arriving[j], arriving[i]];
    }
    const got = [];
    while (arriving.length > 0) got.push(...sequence.offer(arriving.splice(0, 1 + random(5))));
    assert.deepEqual(seqs(got), seqs(sent));
  }
});

test("what is known to exist counts as missing", () => {
  const sequence = new Sequence();
  sequence.start(10);
  sequence.expect(12);
  sequence.expect(11);
  assert.equal(sequence.missing, 2);
  sequence.start(20);
  assert.equal(sequence.missing, 0);
});

test("holds no more than its limit, and forgets only what can be fetched again", () => {
  const sequence = new Sequence();
  sequence.start(0);
  sequence.offer(Array.from({ length: MAX_HELD + 100 }, (_, i) => message(i + 2)));
  assert.equal(sequence.missing, MAX_HELD + 101);
  assert.equal(sequence.offer([message(1)]).length, MAX_HELD + 1);
  assert.equal(sequence.missing, 100);
});

test("a long run in order passes whole", () => {
  const sequence = new Sequence();
  const run = Array.from({ length: 5 * MAX_HELD }, (_, i) => message(i + 1));
  assert.equal(sequence.offer(run).length, run.length);
});

test("numbers that are none are ignored", () => {
  const sequence = new Sequence();
  assert.deepEqual(sequence.offer([{ seq: "1" }, { seq: NaN }, { seq: 1.5 }, {}]), []);
  assert.equal(sequence.missing, 0);
});

test("knows whether a list carries on", () => {
  const sequence = new Sequence();
  sequence.start(5);
  assert.equal(sequence.continues([message(6)]), true);
  assert.equal(sequence.continues([message(3), message(4)]), true);
  assert.equal(sequence.continues([message(7)]), false);
  assert.equal(sequence.continues([]), false);
});
