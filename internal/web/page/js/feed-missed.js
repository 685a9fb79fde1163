// How many posts this connection was not sent because it was slow: the server
// counts what it has shown to the room, the page what has come. Posts come before
// the numbers that count them, or not at all.

import { means, postKey, refOf } from "./feed-gate.js";

/** So many posts are remembered, so that their revisions are not taken for new
 *  ones. The server revises no older ones. */
const MOST_KNOWN = 500;

export class Missed {
  #base; // what the server had shown when counting began; undefined: not yet
  #came = 0; // new ones since then
  #known = new Map(); // post key → ref, the oldest first
  #count = 0;

  /** How many, since the room is followed on this connection. */
  get count() {
    return this.#count;
  }

  /** Begins anew, with what the server tells of a room that is followed from now on. */
  begin({ shown } = {}, posts = []) {
    this.#base = shown;
    this.#came = 0;
    this.#count = 0;
    this.#known.clear();
    for (const post of posts) this.#know(post);
  }

  #know(post) {
    this.#known.set(postKey(post), refOf(post));
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value);
  }

  post(post) {
    if (!this.#known.has(postKey(post))) this.#came++;
    this.#know(post);
  }

  /** What is gone or hidden may be shown anew, and is counted then. */
  forget(ref) {
    for (const [key, known] of this.#known) if (means(ref, known)) this.#known.delete(key);
  }

  meta({ shown }) {
    if (!Number.isFinite(shown)) return;
    if (this.#base === undefined || shown < this.#base) {
      this.#base = shown; // it counts from now, or anew
      this.#came = 0;
    }
    this.#count = Math.max(this.#count, shown - this.#base - this.#came);
  }
}
