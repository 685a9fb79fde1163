// Who sits at this browser: a name, and a secret that proves it is the same
// person in every tab and after every reload. The secret is sent to the server
// of this page only, and is shown to nobody.

import { forBrowser } from "./storage.js";

/** n random bytes as text that is safe anywhere. */
export function randomText(n) {
  const bytes = crypto.getRandomValues(new Uint8Array(n));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

export class Identity {
  /** Another tab of the same browser with the same secret is the same person;
   *  `tab` tells them apart, and lives as long as this page does. */
  tab = randomText(8);
  #store;

  constructor(store = forBrowser) {
    this.#store = store;
  }

  get nick() {
    const nick = this.#store.get("nick");
    return typeof nick === "string" ? nick : "";
  }

  set nick(value) {
    this.#store.set("nick", value);
  }

  get secret() {
    const kept = this.#store.get("secret");
    if (typeof kept === "string" && kept.length >= 16) return kept;
    return this.renew();
  }

  /** Somebody else sits here now: a new secret, and with it a new person. */
  renew() {
    const secret = randomText(24);
    this.#store.set("secret", secret);
    return secret;
  }
}
