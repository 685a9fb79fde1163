// The connection to the server, and the truth about it.
//
//   connecting ──► connected ◄──► reconnecting (until) ──► …
//                      │               │ the browser has no network
//                      │               └──► offline
//                      ├──► restarting   the server said so before it went
//                      └──► closed       the server does not want us (message)
//
// When to try again is the official client's own affair (exponential, with
// jitter); this object tells what it does, and tries at once when there is
// reason to hope: the network is back, the page is shown again, somebody asks.

import { Emitter } from "./emitter.js";

/** Why a request has no result. code is the server's, or one of
 *  "offline" (no connection, or lost meanwhile) and "timeout". */
export class RequestError extends Error {
  constructor(code, message = "", data = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

const REQUEST_TIMEOUT = 10_000;
/** A page that was hidden this long may have slept: its connection is doubted. */
const SLEPT_AFTER = 20_000;
const PROBE_QUICK = 1500;
const PROBE = 4000;
/** Trying at once is not done more often than this, nor is a young try ended. */
const PROBE_PAUSE = 1000;
/** How long after the announced moment "restarting" is still believed. */
const RESTART_PATIENCE = 30_000;

export class Connection extends Emitter {
  #socket;
  #state = { name: "connecting" };
  #until; // when the next try begins; undefined while one is under way
  #refusal; // the server's words when it closed for good
  #restartingUntil = 0;
  #triedAt = 0;
  #again; // the timer of a try that was asked for too soon
  #hiddenAt = 0;
  #wasUp = false;

  /** io: the official client. Emits "state"(state) at every change, "up" when
   *  events can be sent, "down" when they no longer can, and the server's
   *  events under "server:" and their name. */
  constructor(io, path) {
    super();
    this.#socket = io({
      path: path.replace(/\/$/, ""),
      autoConnect: false,
      reconnectionDelay: 500,
      reconnectionDelayMax: 15_000,
      randomizationFactor: 0.5,
      timeout: 10_000,
    });
    this.#watchSocket();
    this.#watchBackoff();
    this.#watchBrowser();
  }

  get state() {
    return this.#state;
  }

  get connected() {
    return this.#socket.connected;
  }

  open() {
    this.#socket.connect();
    this.#update();
  }

  /** Resolves when there is a connection, or when none came within ms. */
  whenUp(ms) {
    if (this.connected) return Promise.resolve();
    return new Promise((resolve) => {
      const off = this.on("up", resolve);
      setTimeout(() => (off(), resolve()), ms);
    });
  }

  /** Sends an event and returns its result, or throws a RequestError. */
  async request(event, payload, timeout = REQUEST_TIMEOUT) {
    if (!this.connected) throw new RequestError("offline");
    let answer;
    try {
      answer = await this.#socket.timeout(timeout).emitWithAck(event, payload);
    } catch {
      throw new RequestError(this.connected ? "timeout" : "offline");
    }
    const error = answer?.error;
    if (typeof error === "string") throw new RequestError("internal", error);
    if (error) throw new RequestError(error.code ?? "internal", error.message, error);
    return answer ?? {};
  }

  /** Tries to connect at once; if connected, sees whether that is still true. */
  retryNow() {
    if (this.connected) return this.#probe(PROBE_QUICK);
    const now = Date.now();
    const wait = this.#triedAt + PROBE_PAUSE - now;
    if (wait > 0) {
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.connected || this.retryNow(), wait);
      return;
    }
    this.#triedAt = now;
    this.#refusal = undefined;
    this.#reopen();
  }

  /** The client's connect() does nothing while it waits for its next try; after
   *  a disconnect() it begins at once, and anew with the short delays. */
  #reopen() {
    this.#until = undefined;
    this.#socket.disconnect();
    this.#socket.connect();
    this.#update();
  }

  async #probe(timeout) {
    try {
      await this.request("rooms", {}, timeout);
    } catch (error) {
      if (error.code === "timeout") this.#reopen();
    }
  }

  #watchSocket() {
    const { io: manager } = this.#socket;
    this.#socket.on("connect", () => {
      this.#restartingUntil = 0;
      this.#refusal = undefined;
      this.#update();
      this.emit("up", { again: this.#wasUp });
      this.#wasUp = true;
    });
    this.#socket.on("disconnect", (reason) => {
      if (reason === "io server disconnect") this.#refusal = "";
      this.#update();
      this.emit("down");
    });
    this.#socket.on("connect_error", (error) => {
      // Not active: the server answered and said no; the client gives up.
      if (!this.#socket.active) this.#refusal = error.message;
      this.#update();
    });
    this.#socket.on("restarting", ({ in_ms: wait = 0 } = {}) => {
      this.#restartingUntil = Date.now() + wait + RESTART_PATIENCE;
      setTimeout(() => this.#update(), wait + RESTART_PATIENCE + 1);
      this.#update();
    });
    this.#socket.onAny((event, payload) => this.emit(`server:${event}`, payload ?? {}));
    manager.on("reconnect_attempt", () => {
      this.#until = undefined;
      this.#triedAt = Date.now();
      this.#update();
    });
  }

  /** The client does not tell how long it waits, so its back-off is asked where
   *  it is asked by the client itself. Should a later client keep it elsewhere,
   *  only the seconds are missing from the page. */
  #watchBackoff() {
    const { backoff } = this.#socket.io;
    if (typeof backoff?.duration !== "function") return;
    const duration = backoff.duration.bind(backoff);
    backoff.duration = () => {
      const wait = duration();
      this.#until = Date.now() + wait;
      queueMicrotask(() => this.#update());
      return wait;
    };
  }

  #watchBrowser() {
    const look = () => this.retryNow();
    addEventListener("online", look);
    addEventListener("offline", () => (this.connected ? this.#probe(PROBE) : this.#update()));
    addEventListener("pageshow", (event) => event.persisted && look());
    document.addEventListener("resume", look);
    navigator.connection?.addEventListener?.("change", look);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        this.#hiddenAt = Date.now();
      } else if (!this.connected) {
        this.retryNow();
      } else {
        this.#probe(Date.now() - this.#hiddenAt > SLEPT_AFTER ? PROBE_QUICK : PROBE);
      }
    });
  }

  #update() {
    const state = this.#compute();
    const same = ["name", "until", "message"].every((key) => state[key] === this.#state[key]);
    this.#state = state;
    if (!same) this.emit("state", state);
  }

  #compute() {
    if (this.#refusal !== undefined && !this.connected) return { name: "closed", message: this.#refusal };
    if (this.#restartingUntil > Date.now()) return { name: "restarting", until: this.#until };
    if (this.connected) return { name: "connected" };
    if (navigator.onLine === false) return { name: "offline" };
    if (!this.#wasUp && this.#until === undefined && this.#state.name === "connecting") return { name: "connecting" };
    return { name: "reconnecting", until: this.#until };
  }
}
