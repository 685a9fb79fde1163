// Engine.IO and Socket.IO by hand, for what the official client hides.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { WebSocket } from "ws";
import { Mailbox, within } from "./within.mjs";

/** The byte between the packets of a payload. */
export const SEPARATOR = "\x1e";

/** One HTTP request. Every one has a connection of its own unless an agent is given. */
export function request(url, { method = "GET", headers = {}, body, agent, signal } = {}) {
  const answered = new Promise((resolve, reject) => {
    const req = http.request(url, { method, headers, agent: agent ?? false, signal }, (res) => {
      const chunks = [];
      res.on("data", (chunk) => chunks.push(chunk));
      res.on("error", reject);
      res.on("end", () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: res.statusCode, headers: res.headers, bytes, text: bytes.toString() });
      });
    });
    req.on("error", reject);
    req.end(body);
  });
  return within(answered, () => `the answer to ${method} ${url}`);
}

/** The address of an engine of the server, with a query. */
export function engineURL(base, query, path = "/socket.io/") {
  return `${base}${path}?${new URLSearchParams(query)}`;
}

/** A long-polling session, request by request. */
export class Polling {
  /** Opens a session; fields of the handshake are fields of the session. */
  static async open(base, { path, headers } = {}) {
    const url = engineURL(base, { EIO: "4", transport: "polling" }, path);
    const { status, text } = await request(url, { headers });
    assert.equal(status, 200, text);
    assert.equal(text[0], "0");
    return Object.assign(new Polling(), { base, path }, JSON.parse(text.slice(1)));
  }

  get url() {
    return engineURL(this.base, { EIO: "4", transport: "polling", sid: this.sid }, this.path);
  }

  poll(options) {
    return request(this.url, options);
  }

  post(body, options) {
    return request(this.url, { method: "POST", body, ...options });
  }

  /** Posts and expects "ok". */
  async send(body) {
    const { status, text } = await this.post(body);
    assert.equal(status, 200);
    assert.equal(text, "ok");
  }

  /** The packets of one poll, as text. */
  async packets() {
    const { status, text } = await this.poll();
    assert.equal(status, 200, text);
    return text.split(SEPARATOR);
  }

  /** Polls until a packet passes the test, answering pings; returns all packets but the pings. */
  async until(wanted) {
    const seen = [];
    for (;;) {
      for (const packet of await this.packets()) {
        if (packet === "2") await this.send("3");
        else seen.push(packet);
        if (wanted(packet)) return seen;
      }
    }
  }

  /** Joins a namespace of Socket.IO and returns the id there. */
  async connect(nsp = "") {
    await this.send(`40${nsp}`);
    const packets = await this.until((packet) => packet.includes("welcome"));
    const answer = packets.find((packet) => packet.startsWith("40"));
    return JSON.parse(answer.slice(answer.indexOf("{"))).sid;
  }

  /** Asserts that the server has forgotten the session. */
  async expectUnknown() {
    const { status, text } = await this.poll();
    assert.equal(status, 400);
    assert.deepEqual(JSON.parse(text), { code: 1, message: "Session ID unknown" });
  }
}

/** A WebSocket whose messages wait in a mailbox. */
export class Wire {
  static async open(url, options) {
    const wire = new Wire(url, options);
    await wire.opened;
    return wire;
  }

  /** A session that begins with WebSocket; fields of the handshake are in wire.handshake. */
  static async session(base, { path, ...options } = {}) {
    const url = engineURL(base, { EIO: "4", transport: "websocket" }, path).replace("http", "ws");
    const wire = await Wire.open(url, options);
    const open = await wire.next("the handshake");
    assert.equal(open[0], "0");
    wire.handshake = JSON.parse(open.slice(1));
    return wire;
  }

  /** The candidate of an upgrade. */
  static upgrade(polling, options) {
    const url = engineURL(polling.base, { EIO: "4", transport: "websocket", sid: polling.sid }, polling.path);
    return Wire.open(url.replace("http", "ws"), options);
  }

  constructor(url, options) {
    this.mail = new Mailbox();
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.ws.on("message", (data, binary) => this.mail.put(binary ? data : data.toString()));
    this.opened = within(new Promise((resolve, reject) => {
      this.ws.once("open", resolve);
      this.ws.once("error", reject);
    }), () => `the WebSocket handshake with ${url}`);
    const closed = new Promise((resolve) => {
      this.ws.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    closed.then(({ code }) => this.mail.end(`the WebSocket closed (${code})`));
    this.ws.on("error", () => {}); // told by opened and closed
    this.closing = closed;
  }

  send(...messages) {
    for (const message of messages) this.ws.send(message);
  }

  /** The next message: a string, or a Buffer when it is binary. */
  next(what = "a message", ms) {
    return this.mail.take(what, ms);
  }

  /** The next message that is no ping; pings are answered. */
  async packet(what) {
    for (;;) {
      const data = await this.next(what);
      if (data !== "2") return data;
      this.send("3");
    }
  }

  /** Joins a namespace of Socket.IO, takes the welcome and returns the id there. */
  async connect(nsp = "") {
    this.send(`40${nsp}`);
    const answer = await this.packet("CONNECT's answer");
    assert.ok(answer.startsWith("40"), answer);
    const welcome = await this.packet("the welcome");
    assert.match(welcome, /welcome/);
    return JSON.parse(answer.slice(answer.indexOf("{"))).sid;
  }

  /** Waits for the close and returns {code, reason}. */
  closed(ms) {
    return within(this.closing, () => "the close of the WebSocket", ms);
  }

  close() {
    this.ws.terminate();
  }
}

/** A bare TCP connection. */
export class Bare {
  static async open(base) {
    const { hostname, port } = new URL(base);
    const bare = new Bare();
    bare.received = Buffer.alloc(0);
    bare.watchers = new Set();
    bare.socket = net.connect({ host: hostname, port: Number(port) });
    bare.socket.on("data", (chunk) => {
      bare.received = Buffer.concat([bare.received, chunk]);
      for (const watcher of bare.watchers) watcher();
    });
    bare.socket.on("error", () => {}); // a cut is what many tests are about
    bare.ended = new Promise((resolve) => bare.socket.once("close", resolve));
    const up = new Promise((resolve, reject) => {
      bare.socket.once("connect", resolve);
      bare.socket.once("error", reject);
    });
    await within(up, () => "the TCP connection");
    return bare;
  }

  /** A WebSocket session up to and with the server's open packet. */
  static async session(base, query = { EIO: "4", transport: "websocket" }) {
    const bare = await Bare.open(base);
    bare.write(upgradeRequest(engineURL("", query)));
    await bare.read(query.sid ? /101 Switching Protocols[^]*\r\n\r\n/ : /"maxPayload":\d+\}/);
    return bare;
  }

  write(data) {
    this.socket.write(data);
  }

  /** Waits until what has been received, as latin1 text, matches. */
  async read(pattern) {
    let watcher;
    const found = new Promise((resolve) => {
      watcher = () => {
        const match = this.received.toString("latin1").match(pattern);
        if (match) resolve(match);
      };
      this.watchers.add(watcher);
      watcher();
    });
    try {
      return await within(found, () => `${pattern} in ${JSON.stringify(this.received.toString("latin1"))}`);
    } finally {
      this.watchers.delete(watcher);
    }
  }

  /** Waits until the server has closed the connection, and returns all that it has sent. */
  async closed(ms) {
    await within(this.ended, () => `the server's close after ${JSON.stringify(this.received.toString("latin1"))}`, ms);
    return this.received;
  }

  /** Cuts the connection with a RST. */
  reset() {
    this.socket.resetAndDestroy();
  }
}

/** The text of a WebSocket handshake request. */
export function upgradeRequest(target, extra = "") {
  return `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
    + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`;
}

export const OP = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** One frame of a client. announced lets the header lie about the length. */
export function frame(op, payload = "", { fin = true, masked = true, rsv = 0, announced } = {}) {
  const body = Buffer.from(payload);
  const length = announced ?? body.length;
  const header = [(fin ? 0x80 : 0) | (rsv << 4) | op];
  const mask = masked ? 0x80 : 0;
  if (length < 126) header.push(mask | length);
  else if (length < 65536) header.push(mask | 126, length >> 8, length & 255);
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt(length));
    header.push(mask | 127, ...wide);
  }
  if (!masked) return Buffer.concat([Buffer.from(header), body]);
  const key = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  return Buffer.concat([Buffer.from(header), key, body.map((byte, i) => byte ^ key[i & 3])]);
}

/** The code of the first close frame in what a server has sent after its handshake, if any. */
export function closeCode(received) {
  let at = received.indexOf("\r\n\r\n") + 4;
  while (at + 2 <= received.length) {
    const op = received[at] & 15;
    let length = received[at + 1] & 127;
    let start = at + 2;
    if (length === 126) { length = received.readUInt16BE(start); start += 2; }
    else if (length === 127) { length = Number(received.readBigUInt64BE(start)); start += 8; }
    if (op === OP.close) return length >= 2 ? received.readUInt16BE(start) : 1005;
    at = start + length;
  }
  return undefined;
}
