// The gate, one's own filter, and the numbers.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { MOST_WORDS, PersonalFilter } from "../page/js/feed-filter.js";
import { Gate, means, MOST_WAITING } from "../page/js/feed-gate.js";
import { History, perSecond, rateOf, sourceOf } from "../page/js/feed-rate.js";

const post = (id, author = id, more = {}) => ({ source: "s", id: String(id), author: { id: String(author), name: `N${author}` }, text: "", ...more });
const ids = (posts) => posts.map(({ id }) => id).join();

function open() {
  const shown = [];
  const gate = new Gate({ show: (posts, how) => shown.push(how.digest ? `[${ids(posts)}]` : ids(posts)) });
  return { gate, shown };
}

function virtual(name, run) {
  test(name, () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      run();
    } finally {
      mock.timers.reset();
    }
  });
}

test("gate: held for several reasons, what waits is shown in order", () => {
  const { gate, shown } = open();
  gate.offer(post(1));
  gate.hold("pause", true);
  gate.hold("hover", true);
  gate.offer(post(2));
  gate.offer(post(3));
  gate.hold("hover", false);
  assert.deepEqual([shown, gate.waiting], [["1"], 2]);
  gate.hold("pause", false);
  assert.deepEqual([shown, gate.waiting], [["1", "2,3"], 0]);
});

test("gate: what waits is skipped, replaced, forgotten, and bounded", () => {
  const { gate, shown } = open();
  gate.hold("pause", true);
  for (let i = 0; i < MOST_WAITING + 42; i++) gate.offer(post(i));
  assert.equal(gate.waiting, MOST_WAITING + 42);
  gate.skip();
  assert.equal(gate.waiting, 0);
  gate.offer(post(1));
  gate.offer(post(2));
  gate.offer(post(1, 1, { rev: "b" }));
  assert.equal(gate.waiting, 2);
  gate.forget(({ id }) => id === "2");
  gate.release();
  assert.deepEqual(shown, ["1"]);
});

virtual("gate: at most one in so many seconds, the newest, fair to authors", () => {
  const { gate, shown } = open();
  gate.setSpeed({ kind: "every", seconds: 5 });
  gate.offer(post(1, "loud"));
  gate.offer(post(2, "quiet"));
  gate.offer(post(3, "loud"));
  assert.deepEqual(shown, ["1"]);
  mock.timers.tick(5000);
  assert.deepEqual([shown, gate.slowed], [["1", "2"], 1]);
  gate.offer(post(4));
  gate.offer(post(5));
  mock.timers.tick(5000);
  assert.deepEqual(shown, ["1", "2", "5"]);
  mock.timers.tick(5000);
  gate.offer(post(6));
  assert.deepEqual(shown, ["1", "2", "5", "6"], "after a quiet turn at once");
});

virtual("gate: a digest; live again, nothing is kept back", () => {
  const { gate, shown } = open();
  gate.setSpeed({ kind: "digest", seconds: 30 });
  gate.offer(post(1));
  gate.offer(post(2));
  mock.timers.tick(29_999);
  assert.deepEqual(shown, []);
  mock.timers.tick(1);
  gate.offer(post(3));
  gate.setSpeed({ kind: "live" });
  assert.deepEqual(shown, ["[1,2]", "3"]);
});

test("retractions: a post, an author, a whole source", () => {
  const it = { source: "s", id: "1", author_id: "a" };
  assert.ok(means({ source: "s", id: "1" }, it) && means({ source: "s", author_id: "a" }, it) && means({ source: "s" }, it));
  assert.ok(!means({ source: "s", id: "2" }, it) && !means({ source: "s", author_id: "b" }, it) && !means({ source: "t", id: "1" }, it));
});

function store() {
  const kept = new Map();
  return { kept, get: (key) => kept.get(key), set: (key, value) => void kept.set(key, structuredClone(value)) };
}

test("filter: own words, exclusions, languages, muted authors", () => {
  const filter = new PersonalFilter(store());
  filter.open("tea", "");
  assert.ok(filter.passes(post(1)));
  filter.add("go");
  filter.add("#rust");
  filter.add("-spam");
  const passes = (text, more) => filter.passes(post(1, "a", { text, ...more }));
  assert.deepEqual([passes("Go!"), passes("hi"), passes("go spam"), passes("x", { tags: ["Rust"] })], [true, false, false, true]);
  filter.add("lang:en");
  assert.deepEqual([passes("go", { langs: ["en-GB"] }), passes("go", { langs: ["de"] }), passes("go")], [true, false, true]);
  filter.mute("s:a", "Ann");
  assert.equal(passes("go"), false);
  assert.deepEqual(filter.muted, [{ key: "s:a", name: "Ann" }]);
  filter.unmute("s:a");
  assert.equal(passes("go"), true);
});

test("filter: kept for each room; the address has the last word", () => {
  const kept = store();
  const filter = new PersonalFilter(kept);
  filter.open("tea", 'go,"right now"');
  assert.equal(filter.line, 'go,"right now"');
  filter.open("coffee", "");
  assert.deepEqual(filter.words, []);
  filter.open("tea", "");
  assert.deepEqual(filter.words, ["go", '"right now"']);
  filter.remove("go");
  assert.deepEqual(new PersonalFilter(kept).words, []);
  kept.set("feed.words.tea", [7, null, "ok", ...Array.from({ length: 99 }, (_, i) => `word${i}`)]);
  filter.open("tea", "");
  assert.equal(filter.words.length, MOST_WORDS);
  assert.equal(filter.words[0], "ok");
});

test("numbers as they are read", () => {
  for (const [n, text] of [[0, "0"], [0.04, "<0.1"], [0.4, "0.4"], [5, "5"], [5.23, "5.2"], [9.96, "10"], [62.7, "63"], [1234, "1,234"], [NaN, "0"]]) assert.equal(perSecond(n), text);
  const meta = { seen: 100, matched: 10, shown: 4, skipped: { rate: 6 }, per_second: { seen: 20, matched: 2, shown: 0.8 }, busiest: "go" };
  const { skipped, ...rest } = rateOf(meta, [{ skipped: { dup: 3, nomatch: 5 } }, { skipped: { dup: 1 } }]);
  assert.deepEqual(rest, { seen: 20, matched: 2, shown: 0.8, busiest: "go" });
  assert.deepEqual(Object.fromEntries(skipped), { nomatch: 90, rate: 6, dup: 4 });
  assert.equal(rateOf(undefined).matched, 0);
});

test("the last minutes", () => {
  const history = new History();
  const { span } = history;
  for (let i = 1; i <= 100; i++) history.add({ per_second: { matched: i, shown: 1 } });
  const [at, matched] = history.columns();
  assert.deepEqual([at.at(-1), matched.at(-1), history.peak, at.length], [0, 100, 100, 60]);
  assert.equal(-at[0], history.span);
  history.clear();
  assert.deepEqual([history.span, history.columns()], [span, [[], [], []]]);
});

test("a source's state, whatever is missing", () => {
  assert.deepEqual(sourceOf({ name: "x" }), { name: "x", title: "x", phase: "idle", reason: "", lag: 0, until: undefined, last: undefined });
  assert.deepEqual([400_000_000, 2_960_000_000, 10_000_000, -1].map((lag) => sourceOf({ lag }).lag), [0.4, 3, 0, 0]);
  const { until, last, phase } = sourceOf({ name: "x", state: { phase: "waiting", until: "2026-01-02T03:04:05Z" }, last_post: "0001-01-01T00:00:00Z" });
  assert.deepEqual([until, last, phase], [Date.UTC(2026, 0, 2, 3, 4, 5), undefined, "waiting"]);
});
