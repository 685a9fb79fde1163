// SIGTERM: the server ends in time, with status 0, and its clients see it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDoor } from "./lib/door.mjs";
import { alsoJoin, join, upgraded } from "./lib/peer.mjs";
import { startServer } from "./lib/server.mjs";
import { Bare, Polling, Wire } from "./lib/wire.mjs";

test("every client sees its connection close, and none a DISCONNECT", async (t) => {
  const server = await startServer();
  t.after(() => server.program.child.kill("SIGKILL"));
  const peers = [];
  for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    const peer = await join(t, server.url, { transports });
    peers.push(peer, await alsoJoin(peer, "/custom"));
  }
  await upgraded(peers[4]);
  const wire = await Wire.session(server.url);
  await wire.connect();
  const session = await Polling.open(server.url);
  await session.connect();
  const poll = session.poll();
  await session.send("3");

  await server.stop();

  for (const peer of peers) assert.match(await peer.gone(), /^transport (close|error)$/);
  assert.equal((await wire.closed()).code, 1005);
  assert.deepEqual(wire.mail.drain().filter((packet) => packet !== "2"), []);
  const { status, text } = await poll;
  assert.deepEqual([status, text.replace("6\x1e", "")], [200, "1"]);
});

test("clients that do not cooperate hold up nothing", async (t) => {
  const server = await startServer();
  t.after(() => server.program.child.kill("SIGKILL"));
  const half = await Bare.open(server.url);
  half.write("GET /socket.io/?EIO=4");
  const deaf = await Bare.session(server.url);
  deaf.socket.pause();
  const idle = await Polling.open(server.url);
  const body = await Bare.open(server.url);
  body.write(`POST ${idle.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n4`);
  await server.stop();
  for (const bare of [half, deaf, body]) bare.socket.destroy();
});

test("in the middle of traffic nothing breaks", async (t) => {
  const server = await startServer();
  t.after(() => server.program.child.kill("SIGKILL"));
  const peers = await Promise.all(Array.from({ length: 12 }, (_, i) => (
    join(t, server.url, { transports: i % 2 ? ["websocket"] : ["polling"] })
  )));
  for (const peer of peers) {
    peer.socket.emit("burst", 2000, "mixed");
    peer.socket.emit("send-seq", { via: "io", event: "seq" }, 200, 100);
  }
  await peers[0].next("burst");
  await server.stop();
  await Promise.all(peers.map((peer) => peer.gone()));
});

test("a client comes back to a server that comes back", async (t) => {
  const door = await openDoor(t);
  const first = await startServer();
  t.after(() => first.program.child.kill("SIGKILL"));
  door.to = first.port;
  const peer = await join(t, door.url, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 100 });
  const { id } = peer;
  const back = new Promise((resolve) => peer.manager.once("reconnect", resolve));
  await first.stop();
  await peer.gone();
  const second = await startServer();
  t.after(() => second.program.child.kill("SIGKILL"));
  door.to = second.port;
  await back;
  await peer.connected();
  assert.notEqual(peer.id, id);
  const echo = await new Promise((resolve) => peer.socket.emit("echo", "back", resolve));
  assert.equal(echo, "back");
  peer.close();
  await second.stop();
});
