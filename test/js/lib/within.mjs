// Every wait of these tests goes through here: a wait that never ends says what it waited for.

/** The patience of a wait that has not asked for another, in ms. Far longer than a healthy server needs. */
export const PATIENCE = 8000;

/** Resolves or rejects as promise does, or rejects after ms, naming what was waited for. */
export function within(promise, what, ms = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${ms} ms waiting for ${what()}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A list that remembers what came before anybody asked, and ends once. */
export class Mailbox {
  #items = [];
  #takers = [];
  #end;

  put(item) {
    const taker = this.#takers.shift();
    if (taker) taker.resolve(item);
    else this.#items.push(item);
  }

  /** Nothing comes after end; takers that still wait are told why. */
  end(reason) {
    if (this.#end) return;
    this.#end = new Error(reason);
    for (const taker of this.#takers.splice(0)) taker.reject(this.#end);
  }

  take(what, ms) {
    if (this.#items.length) return Promise.resolve(this.#items.shift());
    if (this.#end) return Promise.reject(new Error(`${this.#end.message}, while waiting for ${what}`));
    let taker;
    const taken = new Promise((resolve, reject) => { taker = { resolve, reject }; });
    this.#takers.push(taker);
    return within(taken, () => what, ms).catch((err) => {
      this.#takers = this.#takers.filter((other) => other !== taker);
      throw err;
    });
  }

  /** What is there now, without waiting. */
  drain() {
    return this.#items.splice(0);
  }
}
