// Who is in the room. The server merges a person's tabs; so does this list, by
// the person's id.

export class People {
  #byId = new Map();

  replace(people) {
    this.#byId = new Map(people.map((person) => [person.id, person]));
  }

  /** Returns whether the person was not here before. */
  add(person) {
    const isNew = !this.#byId.has(person.id);
    this.#byId.set(person.id, person);
    return isNew;
  }

  /** Returns whether the person was here. */
  remove(id) {
    return this.#byId.delete(id);
  }

  ids() {
    return this.#byId.keys();
  }

  get(id) {
    return this.#byId.get(id);
  }

  get count() {
    return this.#byId.size;
  }

  /** Yourself first, then by name. */
  sorted(youId) {
    const order = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
    return [...this.#byId.values()].sort(
      (a, b) => (b.id === youId) - (a.id === youId) || order.compare(a.nick, b.nick),
    );
  }
}
