// Connection state recovery, with the official client.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { dial, inEveryMode, Peer, upgraded } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";

const { servers } = await serverForFile();
const server = { url: servers.recovery };

/** Cuts the client's connection as a network does, without a word to the server's Socket.IO. */
function cut(peer) {
  const gone = peer.gone();
  peer.manager.engine.close();
  return gone;
}

/** Connects again by the same manager and socket, of which the wrapper is a new one. */
async function comeBack(peer) {
  const again = new Peer(peer.manager, "/", peer.socket.auth);
  again.socket.connect();
  await again.connected();
  return again;
}

// checklist: 167, 169, 170, 171, 176
describe("a client that comes back", () => {
  inEveryMode(server, "has its id, rooms, data and what it missed", async (connect, t, { mode }) => {
    let peer = await connect({ auth: { mine: 1 } });
    const other = await connect();
    if (mode === "upgrading") await upgraded(peer);
    const id = peer.id;
    await peer.ask("join", "tea");
    await peer.ask("set-data", { kept: true });
    await peer.settle();
    peer.socket.emit("echo", "seen");
    await peer.next("echo");
    await cut(peer);
    for (let i = 0; i < 50; i++) {
      await other.ask("send", { via: "io", to: [["tea"], ["milk"], [id], []][i % 4], event: "news", args: [i] });
    }
    await other.ask("send", { via: "io", except: ["tea"], event: "news", args: ["not for tea"] });
    peer = await comeBack(peer);
    assert.equal(peer.socket.recovered, true);
    assert.equal(peer.id, id);
    assert.deepEqual(await peer.ask("rooms"), [["tea"]]);
    assert.deepEqual(await peer.ask("get-data"), [{ kept: true }]);
    const missed = peer.waiting("news").map(([i]) => i);
    assert.deepEqual(missed, Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 4 !== 1));
    const [welcome] = await peer.next("welcome");
    assert.deepEqual([welcome.recovered, welcome.auth.mine], [true, 1]);
  });

  inEveryMode(server, "has got nothing before it was cut off", async (connect, t, { mode, transports }) => {
    const other = await connect();
    let peer = dial(t, server.url, { transports });
    await peer.connected();
    const id = peer.id;
    if (mode === "upgrading") await upgraded(peer);
    await cut(peer);
    await other.ask("send", { via: "io", event: "news", args: [1] });
    peer = await comeBack(peer);
    assert.deepEqual([peer.socket.recovered, peer.id], [true, id]);
    assert.deepEqual((await peer.next("news"))[0], 1);
  });

  // checklist: 173
  inEveryMode(server, "had left is somebody new", async (connect) => {
    let peer = await connect();
    const id = peer.id;
    peer.socket.disconnect();
    peer = await comeBack(peer);
    assert.equal(peer.socket.recovered, false);
    assert.notEqual(peer.id, id);
  });
});
