// The thread in which the bystanders live: what a test does to its own thread, they must not feel.
import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { join, MODES } from "./peer.mjs";

const { url } = workerData;
const context = { after() {} }; // the thread's end closes the connections
let peers;
let ids;

/** Joins anew, as at the beginning. */
async function settleIn() {
  peers?.forEach((peer) => peer.close());
  peers = await Promise.all(Object.values(MODES).map((mode) => join(context, url, mode)));
  for (const peer of peers) peer.log.length = 0; // the welcome
  ids = peers.map(({ id }) => id);
}

const duties = {
  async check() {
    try {
      await Promise.all(peers.map((peer) => peer.settle()));
      assert.deepEqual(peers.map(({ id }) => id), ids, "a bystander was connected anew");
      for (const peer of peers) assert.deepEqual(peer.log.splice(0), [], "a bystander heard something");
    } catch (err) {
      const told = await whatServerKnows();
      await settleIn(); // one disturbance is one failure
      throw new Error(`a bystander was disturbed: ${err.message}; the server says ${told}`);
    }
  },

  async reasonOf(sid) {
    const [reason] = await peers[1].ask("reason-of", sid);
    return reason;
  },
};

async function whatServerKnows() {
  const judge = await join(context, url, MODES["WebSocket only"]);
  const known = await Promise.all(ids.map((sid) => judge.ask("reason-of", sid)));
  judge.close();
  return JSON.stringify(known);
}

parentPort.on("message", async ({ serial, duty, args }) => {
  try {
    parentPort.postMessage({ serial, result: await duties[duty](...args) });
  } catch (err) {
    parentPort.postMessage({ serial, error: err.message });
  }
});

await settleIn();
parentPort.postMessage({ serial: 0 });
