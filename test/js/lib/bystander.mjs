// A client that has nothing to do with what the others are up to, and must not notice it.
import assert from "node:assert/strict";
import { after, afterEach } from "node:test";
import { join, MODES } from "./peer.mjs";

/**
 * Keeps one official client of every mode connected through all tests of the file. After each
 * test they must still be the same sockets, hear an echo, and have heard nothing else.
 */
export async function bystanders(server) {
  const context = { after };
  const peers = [];
  for (const mode of Object.values(MODES)) peers.push(await join(context, server.url, mode));
  for (const peer of peers) peer.log.length = 0; // the welcome
  const ids = peers.map(({ id }) => id);
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.settle())).catch(disturbed);
    assert.deepEqual(peers.map(({ id }) => id), ids, "a bystander was disconnected");
    for (const peer of peers) assert.deepEqual(peer.log.splice(0), []);
  });

  /** Tells what the server knows of a disturbance. */
  async function disturbed(err) {
    const judge = await join(context, server.url, MODES["WebSocket only"]);
    const known = await Promise.all(ids.map((sid) => judge.ask("reason-of", sid)));
    throw new Error(`a bystander was disturbed: ${err.message}; the server says ${JSON.stringify(known)}`);
  }

  return {
    /** Why a socket of this server has disconnected, once it has. */
    async reasonOf(sid) {
      const deadline = Date.now() + 8000;
      for (;;) {
        const [reason] = await peers[1].ask("reason-of", sid);
        if (reason) return reason;
        if (Date.now() > deadline) throw new Error(`the server does not say that ${sid} has disconnected`);
      }
    },
  };
}
