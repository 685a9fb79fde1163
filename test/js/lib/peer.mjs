// The official client, wrapped so that no event is missed and every wait ends.
import { test } from "node:test";
import { Manager } from "socket.io-client";
import { Mailbox, within } from "./within.mjs";

/** The three ways of the official client to the server. */
export const MODES = {
  "polling only": { transports: ["polling"] },
  "WebSocket only": { transports: ["websocket"] },
  upgrading: { transports: ["polling", "websocket"] },
};

/** One namespace of one connection. What it receives waits in a mailbox for each event. */
export class Peer {
  #boxes = new Map();

  constructor(manager, nsp, auth) {
    this.manager = manager;
    this.log = []; // everything received, in order: [event, ...args]
    this.socket = manager.socket(nsp, { auth });
    this.socket.onAny((event, ...args) => {
      this.log.push([event, ...args]);
      this.#box(event).put(args);
    });
    this.disconnected = new Promise((resolve) => this.socket.once("disconnect", resolve));
    this.socket.on("disconnect", (reason, details) => {
      this.why = [reason, details?.description].filter(Boolean).join(": ");
      for (const box of this.#boxes.values()) box.end(`disconnected (${this.why})`);
    });
  }

  get id() {
    return this.socket.id;
  }

  #box(event) {
    if (!this.#boxes.has(event)) this.#boxes.set(event, new Mailbox());
    return this.#boxes.get(event);
  }

  connected() {
    const joined = new Promise((resolve, reject) => {
      if (this.socket.connected) resolve();
      this.socket.once("connect", resolve);
      this.socket.once("connect_error", reject);
      this.manager.once("close", (reason) => reject(new Error(`closed (${reason}), while waiting for CONNECT`)));
    });
    return within(joined, () => `CONNECT to ${this.socket.nsp}`);
  }

  /** The error with which the server refuses this socket. */
  refused() {
    const error = new Promise((resolve, reject) => {
      this.socket.once("connect_error", resolve);
      this.socket.once("connect", () => reject(new Error(`${this.socket.nsp} let us in`)));
    });
    return within(error, () => `the refusal of ${this.socket.nsp}`);
  }

  /** The arguments of the next event of that name, also of one that came before we asked. */
  next(event, ms) {
    return this.#box(event).take(`the event ${event}`, ms);
  }

  /** The events of that name received and not taken. */
  waiting(event) {
    return this.#box(event).drain();
  }

  /** Sends an event and returns all arguments of its acknowledgement. */
  ask(event, ...args) {
    const answer = new Promise((resolve) => this.socket.emit(event, ...args, (...got) => resolve(got)));
    const gone = this.disconnected.then(() => {
      throw new Error(`disconnected (${this.why}), while waiting for the acknowledgement of ${event}`);
    });
    return within(Promise.race([answer, gone]), () => `the acknowledgement of ${event}`);
  }

  /**
   * Returns when everything that the server sent us before now has arrived: one connection, one
   * order. The way to show that something has not come.
   */
  async settle() {
    await this.ask("echo", "fence");
  }

  gone() {
    return within(this.disconnected, () => `the disconnect of ${this.socket.nsp}`);
  }

  close() {
    this.manager._close();
  }
}

/** Connects to a namespace of the server at url; the test's end closes the connection. */
export function dial(t, url, options = {}) {
  const { nsp = "/", auth, ...rest } = options;
  const manager = new Manager(url, { reconnection: false, forceNew: true, ...rest });
  const peer = new Peer(manager, nsp, auth);
  t.after(() => peer.close());
  return peer;
}

/** dial, and wait for CONNECT's answer and the welcome. */
export async function join(t, url, options) {
  const peer = dial(t, url, options);
  await peer.connected();
  [peer.welcome] = await peer.next("welcome");
  return peer;
}

/** A second namespace over a peer's connection. */
export async function alsoJoin(peer, nsp, auth) {
  const other = new Peer(peer.manager, nsp, auth);
  await other.connected();
  [other.welcome] = await other.next("welcome");
  return other;
}

/** Resolves once the peer's connection has left polling for WebSocket. */
export function upgraded(peer) {
  const { engine } = peer.manager;
  const done = new Promise((resolve) => {
    if (engine.transport.name === "websocket") resolve();
    else engine.once("upgrade", resolve);
  });
  return within(done, () => "the upgrade to WebSocket");
}

/**
 * Registers a test in each mode. The body gets connect(options), which joins the server by that
 * mode; in the mode "upgrading" the traffic of the test crosses the upgrade.
 */
export function inEveryMode(server, name, body) {
  for (const [mode, transports] of Object.entries(MODES)) {
    test(`${name} (${mode})`, (t) => {
      const connect = (options) => join(t, server.url, { ...transports, ...options });
      return body(connect, t, { mode, ...transports });
    });
  }
}
