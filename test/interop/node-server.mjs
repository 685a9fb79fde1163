// Node's own Socket.IO server with the events of ../conformance that the Go client's tests use, and the same
// line when it listens. SIGTERM ends it.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Server } from "socket.io";

const OPTIONS = {
  pingInterval: 1000,
  pingTimeout: 2000,
  maxHttpBufferSize: 100_000,
  connectTimeout: 1500,
  upgradeTimeout: 1000,
  serveClient: false,
};

const FACES = {
  main: {},
  recovery: { connectionStateRecovery: { maxDisconnectionDuration: 10_000, skipMiddlewares: true } },
  deflate: { perMessageDeflate: { threshold: 1 } },
  msgpack: { parser: createRequire(import.meta.url)("socket.io-msgpack-parser") },
};

/** Replaces every binary value by its length and the sum of its bytes. */
function describe(value) {
  if (Buffer.isBuffer(value)) return { bin: value.length, sum: value.reduce((a, b) => a + b, 0) % 65536 };
  if (Array.isArray(value)) return value.map(describe);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, describe(v)]));
  return value;
}

const counting = (n) => Buffer.from(Array.from({ length: n }, (_, i) => i & 255));

/** The acknowledgement function among the arguments, or one that does nothing. */
const ackOf = (args) => (typeof args.at(-1) === "function" ? args.at(-1) : () => {});

/** Why sockets have gone. */
const departures = new Map();

function greet(socket) {
  socket.on("disconnecting", (reason) => departures.set(socket.id, { reason, rooms: [...socket.rooms].sort() }));
  socket.on("echo", (...args) => {
    if (typeof args.at(-1) === "function") args.at(-1)(...args.slice(0, -1));
    else socket.emit("echo", ...args);
  });
  const { id: sid, nsp, handshake, recovered } = socket;
  socket.emit("welcome", { sid, nsp: nsp.name, auth: handshake.auth, recovered });
}

function connected(socket) {
  greet(socket);
  asking(socket);
  binary(socket);
  rooms(socket);
  itself(socket);
}

function asking(socket) {
  socket.on("ack-never", () => {});
  socket.on("ack-late", (ms, value, ack) => setTimeout(() => ack(value), ms));
  socket.on("ack-twice", (value, ack) => { ack(value); ack("again"); });
  socket.on("please", (value, ms) => {
    socket.timeout(ms).emit("please-ack", value, (err, ...args) => {
      socket.emit("ack-result", { timedOut: Boolean(err), args: err ? [] : args.map(describe) });
    });
  });
}

function binary(socket) {
  socket.on("describe", (...args) => ackOf(args)(...args.slice(0, -1).map(describe)));
  socket.on("give", (n) => socket.emit("bin", counting(n)));
  socket.on("give-mixed", () => {
    socket.emit("mixed", { a: Buffer.from([1, 2, 3]), list: [Buffer.from([4]), 7, { c: Buffer.alloc(0) }], s: "x" }, Buffer.from([255]));
  });
  socket.on("burst", (n, kind) => {
    for (let i = 0; i < n; i++) {
      if (kind === "binary" || (kind === "mixed" && i % 2)) socket.emit("burst", i, Buffer.from([i & 255]));
      else socket.emit("burst", i);
    }
    socket.emit("burst-done", n);
  });
}

function rooms(socket) {
  const list = () => [...socket.rooms].filter((room) => room !== socket.id).sort();
  socket.on("join", (room, ack) => { socket.join(room); ack(list()); });
  socket.on("leave", (room, ack) => { socket.leave(room); ack(list()); });
  socket.on("send", ({ via, to = [], except = [], event, args = [] }, ack) => {
    let target = via === "socket" ? socket.broadcast : socket.nsp.to(to);
    if (via === "socket") target = target.to(to);
    target.except(except).emit(event, ...args);
    ack();
  });
}

function itself(socket) {
  let collected = [];
  socket.on("collect", (...args) => { collected.push(args[0]); ackOf(args)(); });
  socket.on("collected", (ack) => { ack(collected); collected = []; });
  socket.on("bye", (hard) => socket.disconnect(Boolean(hard)));
  socket.on("volatile", (value) => socket.volatile.emit("volatile", value));
  socket.on("transport", (ack) => ack(socket.conn.transport.name));
  socket.on("extensions", (ack) => ack(socket.conn.transport.socket.extensions));
  socket.on("handshake", (ack) => {
    const { query, auth, headers, url } = socket.handshake;
    ack({ query, auth, headers, url });
  });
  socket.on("reason-of", (sid, ack) => ack(departures.get(sid) ?? null));
  socket.on("set-data", (value, ack) => { socket.data.kept = value; ack(); });
  socket.on("get-data", (ack) => ack(socket.data.kept ?? null));
}

function refusal(message, data) {
  const err = new Error(message);
  if (data !== undefined) err.data = data;
  return err;
}

async function serve(options) {
  const http = createServer((_, res) => res.writeHead(404).end());
  const io = new Server(http, { ...OPTIONS, ...options });
  io.use((socket, next) => next(socket.handshake.auth.deny ? refusal("denied") : undefined));
  io.of("/admin").use((socket, next) => next(socket.handshake.auth.token === "secret" ? undefined : refusal("not authorized", { code: 401 })));
  io.of("/slow").use((socket, next) => setTimeout(next, 200));
  for (const name of ["/", "/custom", "/admin", "/slow"]) io.of(name).on("connection", connected);
  io.of(/^\/dyn-[a-z0-9]+$/).on("connection", greet);
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { io, url: `http://127.0.0.1:${http.address().port}` };
}

const servers = {};
for (const [name, options] of Object.entries(FACES)) servers[name] = await serve(options);
process.on("SIGTERM", () => {
  for (const { io } of Object.values(servers)) io.close();
  setTimeout(() => process.exit(0), 500).unref();
});
console.log("CONFORMANCE_READY " + JSON.stringify(Object.fromEntries(Object.entries(servers).map(([name, { url }]) => [name, url]))));
