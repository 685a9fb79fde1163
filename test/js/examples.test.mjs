// The examples analytics and whiteboard, with the official client.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Manager } from "socket.io-client";
import { MODES, Peer } from "./lib/peer.mjs";
import { binary, Program } from "./lib/program.mjs";
import { request } from "./lib/wire.mjs";

const libs = fileURLToPath(new URL("../../internal/web/libs", import.meta.url));
const client = fileURLToPath(new URL("../node_modules/socket.io-client/dist", import.meta.url));

async function serve(variable, pkg, ...args) {
  const program = new Program(binary(variable, pkg), [...args, "-port", "0"]);
  after(() => program.stop());
  const [, port] = await program.line(/^Your server is up and running on Port (\d+)\. Good job!$/m);
  return `http://localhost:${port}`;
}

function connector(url) {
  return (t, transports) => {
    const peer = new Peer(new Manager(url, { ...transports, reconnection: false }), "/");
    t.after(() => peer.close());
    return peer;
  };
}

const analytics = await serve("ANALYTICS_BIN", "./examples/analytics", "-libs", libs);
describe("analytics", () => {
  const connect = connector(analytics);
  for (const [mode, transports] of Object.entries(MODES)) {
    test(`what one does all see within a second (${mode})`, async (t) => {
      const [one, other] = [connect(t, transports), connect(t, transports)];
      const [[, { clicks }]] = await Promise.all([one.next("history"), other.next("history")]);
      assert.deepEqual(await one.ask("track", "click"), [clicks + 1]);
      assert.deepEqual(await one.ask("track", "crash"), [{ error: "that is not counted" }]);
      for (;;) {
        const [second, totals] = await other.next("second");
        assert.equal(second.online, 2);
        if (totals.clicks === clicks + 1) {
          assert.equal(second.events, 1);
          break;
        }
      }
    });
  }

  test("other programs count by a request, other pages do not", async (t) => {
    const peer = connect(t, MODES["WebSocket only"]);
    const [, { signups }] = await peer.next("history");
    const post = (kind, headers) => request(`${analytics}/track?kind=${kind}`, { method: "POST", headers });
    assert.equal((await post("signup")).status, 204);
    assert.equal((await post("crash")).status, 400);
    assert.equal((await post("signup", { "sec-fetch-site": "cross-site" })).status, 403);
    const [, totals] = await peer.next("second");
    assert.equal(totals.signups, signups + 1);
  });
});

const whiteboard = await serve("WHITEBOARD_BIN", "./examples/whiteboard", "-client", client);
describe("whiteboard", () => {
  const connect = connector(whiteboard);
  for (const [mode, transports] of Object.entries(MODES)) {
    test(`what one draws all see, who comes later too (${mode})`, async (t) => {
      const [one, other] = [connect(t, transports), connect(t, transports)];
      await Promise.all([one.next("board"), other.next("board")]);
      one.socket.emit("wipe");
      assert.deepEqual(await other.next("board"), [[]]);
      const piece = { colour: 2, width: 9, points: [0, 0, 1600, 1000] };
      one.socket.emit("draw", piece);
      assert.deepEqual(await one.next("draw"), [piece, 0]);
      assert.deepEqual(await other.next("draw"), [piece, 0]);
      assert.deepEqual(await other.ask("draw", { ...piece, points: [-1, 0] }), [{ error: "that cannot be drawn" }]);
      assert.deepEqual(await connect(t, transports).next("board"), [[piece]]);
    });
  }

  test("a pen is seen by the others, until its owner leaves", async (t) => {
    const [one, other] = [connect(t, MODES["WebSocket only"]), connect(t, MODES["WebSocket only"])];
    await Promise.all([one.connected(), other.connected()]);
    await other.next("people");
    one.socket.emit("pen", 3, 4);
    assert.deepEqual(await other.next("pen"), [one.id, 3, 4]);
    const { id } = one;
    one.close();
    let left;
    do [left] = await other.next("left"); while (left !== id); // who drew before may leave late
  });
});
