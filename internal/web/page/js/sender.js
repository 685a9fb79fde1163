// Sends what the outbox holds for a room, one after the other, so that the
// order in which it was written is the order in which it is read.

import { strings } from "./strings.js";

/** Answers after which the same message may well be taken later. */
const TRY_AGAIN = { timeout: 1000, unavailable: 2000 };
const TRIES = 3;

export class Sender {
  #connection;
  #outbox;
  #room;
  #busy = false;
  #tries = new Map(); // id → how often an answer was awaited in vain
  #timer;
  #notBefore = 0;
  #off = [];

  #slow;

  /** slow(ms) is called when the server asks to slow down for so long. */
  constructor({ connection, outbox, room, slow = () => {} }) {
    this.#slow = slow;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#room = room;
    this.#off.push(
      connection.on("down", () => outbox.requeue()),
      room.on("mode", () => this.#entered()),
      outbox.on("change", (item) => item.state === "queued" && this.pump()),
    );
    outbox.requeue();
  }

  close() {
    clearTimeout(this.#timer);
    for (const off of this.#off.splice(0)) off();
  }

  #entered() {
    if (!this.#room.ready) return;
    this.#notBefore = 0;
    this.#outbox.expire({ code: "stale", message: strings.stale });
    this.pump();
  }

  /** Sends all that may be sent now. Safe to call at any time. */
  async pump() {
    // What adds to the outbox finishes first, so that it can be seen as queued.
    await Promise.resolve();
    if (this.#busy) return;
    this.#busy = true;
    for (let item = this.#next(); item; item = this.#next()) {
      if (!(await this.#send(item))) break;
    }
    this.#busy = false;
  }

  #next() {
    const ready = this.#connection.connected && this.#room.ready && this.#off.length > 0;
    return ready && Date.now() >= this.#notBefore ? this.#outbox.next(this.#room.name) : undefined;
  }

  /** Returns whether the next one may follow at once. */
  async #send(item) {
    const { id, room, text, quote } = item;
    const payload = quote ? { room, id, text, quote: { source: quote.source, id: quote.id } } : { room, id, text };
    this.#outbox.sending(id);
    try {
      const receipt = await this.#connection.request("say", payload);
      this.#tries.delete(id);
      this.#outbox.acked(id, receipt);
      if (receipt.seq <= this.#room.last) this.#outbox.settle(id);
      else this.#room.expect(receipt.seq);
      return true;
    } catch (error) {
      return this.#failed(id, error);
    }
  }

  #failed(id, error) {
    if (!this.#outbox.find(id)) return true; // it came by as an event: stored
    if (error.code === "offline") return this.#later(undefined);
    if (error.code === "not_here") {
      this.#room.resume();
      return this.#later(undefined);
    }
    if (error.code === "slow_down") {
      const wait = error.data.retry_ms ?? 1000;
      this.#slow(wait);
      return this.#later(wait);
    }
    if (error.code === "post_gone") return this.#withoutPost(id);
    const tries = (this.#tries.get(id) ?? 0) + 1;
    this.#tries.set(id, tries);
    if (TRY_AGAIN[error.code] && tries < TRIES) return this.#later(TRY_AGAIN[error.code] * tries);
    this.#tries.delete(id);
    this.#outbox.fail(id, { code: error.code, message: error.message || strings.sayErrors[error.code] || "" });
    return true;
  }

  /** What was to be said about a post is worth nothing less without it, but it is
   *  for its author to say so. */
  #withoutPost(id) {
    this.#outbox.unquote(id);
    this.#outbox.fail(id, { code: "post_gone", message: strings.sayErrors.post_gone });
    return true;
  }

  /** Waits, with the message back in its place in the queue: for so long, or
   *  until the room is entered again. */
  #later(wait) {
    clearTimeout(this.#timer);
    this.#notBefore = wait === undefined ? Infinity : Date.now() + wait;
    this.#outbox.requeue();
    if (wait !== undefined) this.#timer = setTimeout(() => this.pump(), wait + 1);
    return false;
  }
}
