// "Ann is typing": what is told to others, and what is known of them.

/** Told at most this often. */
export const TELL_EVERY = 3000;
/** Somebody who has not told it again for this long has stopped. The server
 *  says so as well (limits.typing_ms); this is for when that is lost. */
export const FORGET_AFTER = 7000;

/** Tells the others that one types here. tell(on) sends it. */
export class TypingOut {
  #tell;
  #now;
  #toldAt = -Infinity;
  #on = false;

  constructor(tell, now = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
  }

  /** The text was changed; is there any? */
  changed(hasText) {
    if (!hasText) return this.stop();
    if (this.#now() - this.#toldAt < TELL_EVERY) return;
    this.#toldAt = this.#now();
    this.#on = true;
    this.#tell(true);
  }

  /** The text was emptied. */
  stop() {
    if (this.#on) this.#tell(false);
    this.reset();
  }

  /** The text was sent, which tells it as well; or the connection is another. */
  reset() {
    this.#on = false;
    this.#toldAt = -Infinity;
  }
}

/** Who types just now. changed(names) is called at every change. */
export class TypingIn {
  #changed;
  #people = new Map(); // id → {nick, timer}

  constructor(changed) {
    this.#changed = changed;
  }

  hear(person, on) {
    clearTimeout(this.#people.get(person.id)?.timer);
    if (on) {
      const timer = setTimeout(() => this.hear(person, false), FORGET_AFTER);
      this.#people.set(person.id, { nick: person.nick, timer });
    } else if (!this.#people.delete(person.id)) {
      return;
    }
    this.#changed([...this.#people.values()].map((each) => each.nick));
  }

  clear() {
    for (const { timer } of this.#people.values()) clearTimeout(timer);
    this.#people.clear();
    this.#changed([]);
  }
}
