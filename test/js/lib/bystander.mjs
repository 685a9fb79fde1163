// Clients that have nothing to do with what the others are up to, and must not notice it.
import { after, afterEach } from "node:test";
import { Worker } from "node:worker_threads";
import { PATIENCE, within } from "./within.mjs";

/**
 * Keeps one official client of every mode connected through all tests of the file. After each
 * test they must still be the same sockets, hear an echo, and have heard nothing else.
 */
export async function bystanders(server) {
  const worker = new Worker(new URL("bystander-worker.mjs", import.meta.url), { workerData: { url: server.url } });
  after(() => worker.terminate());
  const ask = calls(worker);
  await ask("join");
  afterEach(() => ask("check"));

  return {
    /** Why a socket of this server has disconnected, once it has. */
    async reasonOf(sid) {
      const deadline = Date.now() + PATIENCE;
      for (;;) {
        const reason = await ask("reasonOf", sid);
        if (reason) return reason;
        if (Date.now() > deadline) throw new Error(`the server does not say that ${sid} has disconnected`);
      }
    },
  };
}

/** A function that has the worker do a duty. The first answer, of number 0, comes when it is ready. */
function calls(worker) {
  const open = new Map();
  let serials = 0;
  worker.on("message", ({ serial, result, error }) => {
    const { resolve, reject } = open.get(serial);
    open.delete(serial);
    if (error) reject(new Error(error));
    else resolve(result);
  });
  worker.on("error", (err) => {
    for (const { reject } of open.values()) reject(err);
  });
  return (duty, ...args) => {
    const serial = serials++;
    const done = new Promise((resolve, reject) => open.set(serial, { resolve, reject }));
    if (serial > 0) worker.postMessage({ serial, duty, args });
    return within(done, () => `the bystanders' ${duty}`, 4 * PATIENCE);
  };
}
