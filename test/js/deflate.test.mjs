// permessage-deflate with the official client, whose WebSocket in Node is `ws`.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { join, upgraded } from "./lib/peer.mjs";
import { serverForFile, startServer } from "./lib/server.mjs";

const server = await serverForFile("deflate");
const ways = { websocket: { transports: ["websocket"] }, upgrading: {} };
const options = { perMessageDeflate: { threshold: 1 } };
const socketOf = (peer) => peer.manager.engine.transport.ws;

// checklist: 63
describe("permessage-deflate", () => {
  for (const [way, transports] of Object.entries(ways)) {
    test(`carries every kind of message, ${way}`, async (t) => {
      const peer = await join(t, server.url, { ...options, ...transports });
      if (way === "upgrading") await upgraded(peer);
      assert.match(socketOf(peer).extensions, /permessage-deflate/);
      for (const values of [["x"], ["é".repeat(20_000)], [Buffer.alloc(50_000, 7)], [{ a: Buffer.from([1]), b: [Buffer.alloc(0)] }, "text"], []]) {
        assert.deepEqual(await peer.ask("echo", ...values), values);
      }
    });

    test(`keeps the order, ${way}`, async (t) => {
      const peer = await join(t, server.url, { ...options, ...transports });
      const numbers = Array.from({ length: 2_000 }, (_, i) => i);
      peer.socket.emit("burst", numbers.length, "mixed");
      for (const i of numbers) assert.equal((await peer.next("burst"))[0], i);
    });
  }

  test("is not agreed on where it is off", async (t) => {
    const plain = await startServer();
    t.after(() => plain.stop());
    const peer = await join(t, plain.url, { ...options, transports: ["websocket"] });
    assert.equal(socketOf(peer).extensions, "");
    assert.deepEqual(await peer.ask("echo", "x".repeat(10_000)), ["x".repeat(10_000)]);
  });
});
