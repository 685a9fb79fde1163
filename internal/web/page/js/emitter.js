// A small event source: what the page's objects tell each other goes through
// it, so that none of them knows who listens.

export class Emitter {
  #handlers = new Map();

  /** Calls fn at each event of this name; returns the function that ends it. */
  on(name, fn) {
    const list = this.#handlers.get(name) ?? [];
    this.#handlers.set(name, [...list, fn]);
    return () => this.off(name, fn);
  }

  off(name, fn) {
    const list = this.#handlers.get(name) ?? [];
    this.#handlers.set(name, list.filter((each) => each !== fn));
  }

  /** Handlers run at once, in the order in which they were added. */
  emit(name, ...args) {
    for (const fn of this.#handlers.get(name) ?? []) fn(...args);
  }
}
