// What one person wants to see of the live posts of a room: own words, and
// authors that are not to be seen. It never changes what others see.

import { Haystack, joinWords, parsePhrase, splitWords } from "./phrase.js";

/** More own words than this are not kept. */
export const MOST_WORDS = 30;

const LONG_ID = 20;

export const authorKey = (post) => `${post.source}:${post.author?.id ?? ""}`;

/** How an author is called; a source may know no more than a long id at first. */
export function authorName({ name, handle, id = "" } = {}) {
  return name || handle || (id.length > LONG_ID ? `${id.slice(0, LONG_ID)}…` : id);
}

export class PersonalFilter {
  #phrases = []; // parsed
  #muted = new Map(); // author key → the name that was shown
  #names = new Map(); // author key → name, of those that were muted for a room
  #store;
  #room = "";

  /** store: the browser's storage. Muted authors hold in all rooms, words in one. */
  constructor(store) {
    this.#store = store;
    const kept = store.get("feed.muted");
    for (const entry of Array.isArray(kept) ? kept : []) {
      if (typeof entry?.key === "string") this.#muted.set(entry.key, String(entry.name ?? entry.key));
    }
  }

  /** Begins with a room; words that its address names take the place of those
   *  that are kept. */
  open(room, line) {
    this.#room = room;
    const kept = this.#store.get(`feed.words.${room}`);
    this.#set(line ? splitWords(line) : Array.isArray(kept) ? kept : []);
    if (line) this.#save();
  }

  #set(words) {
    const parsed = words.filter((word) => typeof word === "string").map(parsePhrase).filter(Boolean);
    const byWritten = new Map(parsed.map((phrase) => [phrase.written, phrase]));
    this.#phrases = [...byWritten.values()].slice(0, MOST_WORDS);
  }

  #save() {
    this.#store.set(`feed.words.${this.#room}`, this.words);
  }

  get words() {
    return this.#phrases.map((phrase) => phrase.written);
  }

  /** The words as they stand in an address, "" when there are none. */
  get line() {
    return joinWords(this.words);
  }

  /** Those whose hits are marked. */
  get wanted() {
    return this.#phrases.filter((phrase) => !phrase.exclude && !phrase.lang);
  }

  add(word) {
    this.#set([...this.words, word]);
    this.#save();
  }

  remove(word) {
    this.#set(this.words.filter((each) => each !== word));
    this.#save();
  }

  /** [{key, name}] */
  get muted() {
    return [...this.#muted].map(([key, name]) => ({ key, name }));
  }

  /** How an author is called, for lists of keys. */
  name(key, name) {
    this.#names.set(key, name);
  }

  nameOf(key) {
    return this.#names.get(key) ?? this.#muted.get(key) ?? key;
  }

  mute(key, name) {
    this.#muted.set(key, name);
    this.#store.set("feed.muted", this.muted);
  }

  unmute(key) {
    this.#muted.delete(key);
    this.#store.set("feed.muted", this.muted);
  }

  passes(post) {
    if (this.#muted.has(authorKey(post))) return false;
    return this.#phrases.length === 0 || this.#fits(post);
  }

  #fits(post) {
    const hay = new Haystack([post.text, post.warning ?? "", ...(post.tags ?? []).map((tag) => `#${tag}`)].join("\n"));
    if (this.#phrases.some((phrase) => phrase.exclude && hay.hasUnwanted(phrase))) return false;
    const { wanted } = this;
    if (wanted.length > 0 && !wanted.some((phrase) => hay.has(phrase))) return false;
    const langs = this.#phrases.map((phrase) => phrase.lang).filter(Boolean);
    // A post that names no language passes, as it does at the server.
    return langs.length === 0 || !post.langs?.length || post.langs.some((lang) => langs.includes(primary(lang)));
  }
}

export const primary = (lang) => String(lang).split("-")[0].toLowerCase();
