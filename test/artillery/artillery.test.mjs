// A minute of load by Artillery's own core and Socket.IO engine: everybody arrives, is answered every time, and goes.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { serverForFile } from "../js/lib/server.mjs";
import { within } from "../js/lib/within.mjs";

const { runner } = createRequire(import.meta.url)("@artilleryio/int-core").runner;
const server = await serverForFile("load");

const SECONDS = 60;
const USERS = 100; // in each mode
const ROUNDS = 20;
const EMITS = 3 + ROUNDS; // by each of them

const scenario = {
  engine: "socketio",
  flow: [
    { emit: ["join", "load"], acknowledge: {} },
    {
      loop: [
        { emit: ["echo", "round {{ $loopCount }}"], acknowledge: { data: "round" } },
        { think: 0.2 },
      ],
      count: ROUNDS,
    },
    { emit: ["send", { via: "socket", to: ["load"], event: "news", args: ["bye"] }], acknowledge: {} },
    { namespace: "/custom", emit: ["echo", { last: [1, "two"] }], acknowledge: { data: { last: [1, "two"] } } },
  ],
};

/** Runs the scenario and returns what Artillery has counted. */
async function load(socketio) {
  const script = {
    config: { target: server.url, phases: [{ duration: SECONDS, arrivalCount: USERS }], socketio },
    scenarios: [scenario],
  };
  const run = await runner(script, null, {});
  const done = new Promise((resolve) => run.on("done", resolve));
  run.run();
  try {
    return await within(done, () => "the end of the load", SECONDS * 2000);
  } finally {
    await run.stop();
  }
}

describe("a minute of Artillery", { concurrency: true }, () => {
  for (const [mode, options] of Object.entries({
    "polling only": { transports: ["polling"] },
    "WebSocket only": { transports: ["websocket"] },
    upgrading: { transports: ["polling", "websocket"] },
  })) {
    test(mode, async () => {
      const { counters, histograms } = await load(options);
      const errors = Object.keys(counters).filter((name) => name.startsWith("errors."));
      assert.deepEqual(
        {
          created: counters["vusers.created"],
          completed: counters["vusers.completed"],
          failed: counters["vusers.failed"],
          emitted: counters["socketio.emit"],
          answered: histograms["socketio.response_time"].count,
          errors,
        },
        { created: USERS, completed: USERS, failed: 0, emitted: USERS * EMITS, answered: USERS * EMITS, errors: [] },
      );
    });
  }
});

test("nobody is left", async () => {
  let stats;
  const gone = (async () => {
    do stats = await server.stats();
    while (stats.clients > 0 && (await new Promise((resolve) => setTimeout(resolve, 50, true))));
  })();
  await within(gone, () => `the clients' end, of whom ${stats?.clients} are there`);
  assert.deepEqual([stats.sockets, stats.rooms], [0, 0]);
});
