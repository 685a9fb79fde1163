// What this person wrote and the server has not acknowledged. An item's life:
//
//   queued ──sending──► pending ──acked──► sent ──settle──► (gone)
//     ▲                    │  └──fail──► failed ──retry──► queued
//     └──── connection lost┘                └──discard──► (gone)
//
// Every item has an id made here, and keeps it through every retry: the server
// stores an id once, so sending again is always safe. Items that are not
// acknowledged are kept in the tab's session storage and survive a reload.

import { Emitter } from "./emitter.js";

/** Queued longer than this, a message is not sent by itself any more: the
 *  person is asked, because the talk has moved on. */
export const STALE_AFTER = 30 * 60 * 1000;

const KEY = "outbox";

export class Outbox extends Emitter {
  #items = [];
  #storage;
  #now;
  #makeId;

  /** storage: {get(key), set(key, value)} as in storage.js. Emits "change"(item)
   *  for every change of an item, "gone"(item) when it is no longer here. */
  constructor({ storage, now = Date.now, makeId }) {
    super();
    this.#storage = storage;
    this.#now = now;
    this.#makeId = makeId;
    const kept = storage.get(KEY);
    for (const item of Array.isArray(kept) ? kept : []) {
      if (typeof item?.id !== "string" || typeof item?.text !== "string") continue;
      // A reload in the middle of sending: whether it arrived is not known.
      this.#items.push({ ...item, state: item.state === "failed" ? "failed" : "queued" });
    }
  }

  /** The items of a room, oldest first. Not to be changed. */
  items(room) {
    return this.#items.filter((item) => item.room === room);
  }

  /** Names of the rooms with something unacknowledged. */
  rooms() {
    return [...new Set(this.#items.filter((item) => item.state !== "sent").map((item) => item.room))];
  }

  find(id) {
    return this.#items.find((item) => item.id === id);
  }

  /** quote: {source, id, author, handle, text, url, at} of a post, if one is brought along. */
  add(room, text, quote) {
    const item = { id: this.#makeId(), room, text, at: this.#now(), state: "queued" };
    if (quote) item.quote = quote;
    this.#items.push(item);
    this.#changed(item);
    return item;
  }

  /** The item that is to be sent next in this room: the oldest queued one, or
   *  nothing while another is under way, so that the order is kept. */
  next(room) {
    const items = this.items(room);
    if (items.some((item) => item.state === "pending")) return undefined;
    return items.find((item) => item.state === "queued");
  }

  sending(id) {
    this.#set(id, "pending");
  }

  acked(id, { seq, at }) {
    this.#set(id, "sent", { seq, at });
  }

  /** error: {code, message}, in words for the person. */
  fail(id, error) {
    this.#set(id, "failed", { error });
  }

  /** The post that it quotes is gone: what is sent again is the text alone. */
  unquote(id) {
    delete this.find(id)?.quote;
  }

  /** Sends a failed item again, as if it were written now. */
  retry(id) {
    const item = this.find(id);
    if (item?.text === "" && !item.quote) return this.discard(id); // it was all quote
    this.#set(id, "queued", { at: this.#now() });
  }

  discard(id) {
    this.#remove((item) => item.id === id);
  }

  /** The message stands in the room's history: nothing is left to be done. */
  settle(id) {
    this.discard(id);
  }

  /** The server calls this room by another name. */
  rename(from, to) {
    for (const item of this.items(from)) item.room = to;
    this.#save();
  }

  /** Everything unsent goes: somebody else sits here now. */
  clear() {
    this.#remove(() => true);
  }

  /** The connection is lost: what was under way waits again. */
  requeue() {
    for (const item of this.#items.filter((each) => each.state === "pending")) this.#set(item.id, "queued");
  }

  /** Turns what waited too long into a question. Called when sending could go on. */
  expire(error) {
    const limit = this.#now() - STALE_AFTER;
    const old = this.#items.filter((item) => item.state === "queued" && item.at < limit);
    for (const item of old) this.fail(item.id, error);
  }

  #set(id, state, more = {}) {
    const item = this.find(id);
    if (!item) return;
    delete item.error;
    Object.assign(item, more, { state });
    this.#changed(item);
  }

  #remove(which) {
    const gone = this.#items.filter(which);
    this.#items = this.#items.filter((item) => !which(item));
    this.#save();
    for (const item of gone) this.emit("gone", item);
  }

  #changed(item) {
    this.#save();
    this.emit("change", item);
  }

  #save() {
    this.#storage.set(KEY, this.#items.filter((item) => item.state !== "sent"));
  }
}
