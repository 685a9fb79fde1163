// The browser's storage as JSON values, in one place and never throwing: where
// it is switched off or full, the page works on and only forgets.

const PREFIX = "rightnow.";

class Store {
  #area;
  #memory = new Map();

  constructor(open) {
    try {
      this.#area = open();
    } catch {
      this.#area = undefined;
    }
  }

  /** The value kept under key, or undefined. */
  get(key) {
    if (this.#memory.has(key)) return this.#memory.get(key);
    try {
      const text = this.#area?.getItem(PREFIX + key);
      return text == null ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  /** Keeps value; undefined, "" and an empty list take the key away. */
  set(key, value) {
    const empty = value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
    try {
      if (empty) this.#area.removeItem(PREFIX + key);
      else this.#area.setItem(PREFIX + key, JSON.stringify(value));
      this.#memory.delete(key);
    } catch {
      this.#memory.set(key, empty ? undefined : value);
    }
  }
}

/** Kept in this browser, all its tabs. */
export const forBrowser = new Store(() => globalThis.localStorage);
/** Kept in this tab, over a reload. */
export const forTab = new Store(() => globalThis.sessionStorage);
