// The order of one room's messages. The server numbers them 1, 2, 3, … without
// a gap; a Sequence lets them through in exactly this order, each once, however
// they arrive. It asks nobody: whoever feeds it reads `missing` and fetches.

/** How many messages that came too early are kept; beyond it only their
 *  numbers count, and they are fetched again when their turn comes. */
export const MAX_HELD = 500;

export class Sequence {
  #last = 0;
  #known = 0;
  #held = new Map();

  /** The number of the last message let through. */
  get last() {
    return this.#last;
  }

  /** The highest number known to exist, seen or not. */
  get known() {
    return this.#known;
  }

  /** Begins anew after message number `last`. */
  start(last) {
    this.#last = last;
    this.#known = last;
    this.#held.clear();
  }

  /** Takes messages in any order and returns those whose turn it is now. */
  offer(messages) {
    for (const message of messages) {
      const { seq } = message;
      if (!Number.isSafeInteger(seq) || seq <= this.#last) continue;
      this.expect(seq);
      if (this.#held.size < MAX_HELD || seq === this.#last + 1) this.#held.set(seq, message);
      // Draining at once keeps a long run in order from filling the buffer.
      if (seq === this.#last + 1) this.#due.push(...this.#drain());
    }
    return this.#due.splice(0);
  }

  #due = [];

  #drain() {
    const ready = [];
    for (let next = this.#held.get(this.#last + 1); next; next = this.#held.get(this.#last + 1)) {
      this.#last++;
      this.#held.delete(this.#last);
      ready.push(next);
    }
    return ready;
  }

  /** Notes that message number `seq` exists (an acknowledgement, a history's
   *  `last`), so that its absence counts as a gap. */
  expect(seq) {
    if (Number.isSafeInteger(seq) && seq > this.#known) this.#known = seq;
  }

  /** How many messages, from last+1 on, have still to come. Held ones count:
   *  they cannot be shown before what stands in front of them. */
  get missing() {
    return this.#known - this.#last;
  }

  /** Whether a list read from the server after `last` carries the room on from
   *  here. If it starts later, what lies between is gone for good. */
  continues(messages) {
    return messages.length > 0 && messages[0].seq <= this.#last + 1;
  }
}
