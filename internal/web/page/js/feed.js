// The live posts of one room as the server tells them: followed while the panel
// is open, and only then. What comes while an answer is awaited is kept and
// applied after it, as in room.js.

import { Emitter } from "./emitter.js";
import { Missed } from "./feed-missed.js";

const RETRIES = 3;
const RETRY_AFTER = 1500;
const PASSING = ["timeout", "unavailable", "slow_down"];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Events:
 *  "phase"           see `phase`
 *  "reset"(posts)    show these instead of all before, oldest first
 *  "post"(post)      new, or a revision of one with the same source and id
 *  "gone"(ref)       deleted: what is meant (see feed-gate.js) must not be seen any more
 *  "hidden"(ref)     it does not belong here any more; copies may stay
 *  "words"(by)       words, langs, muted, rate or may changed; by: whoever did it, if another
 *  "meta"            how much came and was shown
 *  "sources"         how the sources do */
export class Feed extends Emitter {
  /** "off" → "asking" → "on"; "lost": the connection is, "failed": see error,
   *  "none": this server has no live posts. */
  phase = "off";
  error;
  words = [];
  langs = [];
  muted = [];
  rate = 1;
  may = false;
  limits = { words: 50, phrase: 60 };
  sources = [];
  meta = undefined;
  /** source → when it was last heard of; the server tells of its sources only
   *  when one does something else than before */
  heard = new Map();

  #missed = new Missed();

  #connection;
  #room = ""; // what is followed, or shall be
  #turn = 0; // counts questions; only the last one's answer counts
  #fresh = true; // nothing of this room was shown on this connection
  #early;
  #asOf; // while what came early is applied: posts that the answer had counted

  constructor(connection) {
    super();
    this.#connection = connection;
    const hear = (event, apply) =>
      connection.on(`server:${event}`, (payload) => {
        if (this.#isOn && (payload.room === undefined || payload.room === this.#room)) this.#soon(() => apply(payload));
      });
    hear("post", (post) => {
      this.heard.set(post.source, Date.now());
      this.#missed.post(post);
      this.emit("post", post);
    });
    const lose = (what) => (ref) => {
      this.#missed.forget(ref);
      this.emit(what, ref);
    };
    hear("post_gone", lose("gone"));
    hear("post_hide", lose("hidden"));
    hear("feed_words", (wish) => {
      if (wish.by === "") this.#missed.begin({ shown: 0 }); // the room was removed, and its numbers with it
      this.#takeWish(wish, wish.by);
    });
    hear("feed_meta", (meta) => this.#takeMeta(meta));
    hear("feed_sources", ({ sources }) => this.#takeSources(sources));
    connection.on("down", () => this.#lost());
  }

  get room() {
    return this.#room;
  }

  /** How many posts were not sent here because this connection is slow. */
  get missed() {
    return this.#missed.count;
  }

  get #isOn() {
    return this.phase === "on" || this.phase === "asking";
  }

  #soon(apply) {
    if (this.#early) this.#early.push(apply);
    else apply();
  }

  /** Follows a room. Following the same one again only asks what may be done. */
  async follow(room) {
    if (room !== this.#room) this.#fresh = true;
    const before = this.#room;
    this.#room = room;
    const turn = ++this.#turn;
    if (before && before !== room && this.#isOn) this.#leave(before);
    if (!this.#connection.connected) return this.#setPhase("lost");
    this.#early = [];
    if (this.phase !== "on" || this.#fresh) this.#setPhase("asking");
    for (let tries = 0; turn === this.#turn; tries++) {
      try {
        const answer = await this.#connection.request("feed", { room });
        if (turn === this.#turn) this.#begin(answer);
        return;
      } catch (error) {
        if (turn !== this.#turn || error.code === "offline") return;
        if (!PASSING.includes(error.code) || tries >= RETRIES) return this.#fail(error);
        await pause(error.data?.retry_ms ?? RETRY_AFTER * (tries + 1));
      }
    }
  }

  #begin(answer) {
    if (answer.on === false) return this.#end("none");
    this.#room = answer.room ?? this.#room;
    if (this.#fresh) this.meta = undefined; // the numbers of another room
    this.limits = { ...this.limits, ...answer.limits };
    this.#takeWish(answer);
    this.#takeSources(answer.sources);
    if (this.#fresh) this.#missed.begin(answer.meta, answer.posts);
    if (answer.meta) this.#takeMeta(answer.meta);
    this.#asOf = answer.meta?.seen;
    this.#setPhase("on");
    if (this.#fresh) this.emit("reset", answer.posts ?? []);
    this.#fresh = false;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const apply of early) apply();
    this.#asOf = undefined;
  }

  #fail(error) {
    this.error = error;
    this.#fresh = true; // what comes meanwhile is not heard
    this.#end(error.code === "unknown_event" ? "none" : "failed");
  }

  #end(phase) {
    this.#early = undefined;
    this.#setPhase(phase);
  }

  /** Nothing is wanted any more: from now on the server sends nothing. */
  unfollow() {
    const room = this.#room;
    const was = this.#isOn || this.phase === "failed";
    this.#turn++;
    this.#room = "";
    this.#fresh = true;
    this.#end("off");
    if (was && room) this.#leave(room);
  }

  #leave(room) {
    if (this.#connection.connected) this.#connection.request("feed", { room, follow: false }).catch(() => {}); // the connection's end does it too
  }

  #lost() {
    this.#fresh = true;
    if (this.phase === "off" || this.phase === "none") return;
    this.#turn++;
    this.#end("lost");
  }

  #setPhase(phase) {
    if (this.phase === phase) return;
    this.phase = phase;
    this.emit("phase");
  }

  #takeWish(wish, by) {
    for (const key of ["words", "langs", "muted"]) if (Array.isArray(wish[key])) this[key] = wish[key];
    if (Number.isFinite(wish.rate)) this.rate = wish.rate;
    if (typeof wish.may === "boolean") this.may = wish.may;
    this.emit("words", by);
  }

  #takeMeta(meta) {
    if (meta.seen < this.#asOf) return; // it is older than the answer that it has met
    this.#missed.meta(meta);
    // More was read: if it can only have come from one source, it lives.
    const live = this.sources.filter((source) => source.state?.phase === "live");
    if (live.length === 1 && meta.seen > (this.meta?.seen ?? Infinity)) this.heard.set(live[0].name, Date.now());
    this.meta = meta;
    this.emit("meta");
  }

  #takeSources(sources) {
    this.sources = Array.isArray(sources) ? sources : [];
    this.emit("sources");
  }

  /** Changes what the room tracks, for everybody: {words, langs, muted, rate}, any
   *  of them. What others change at the same time stays. Throws a RequestError with
   *  the server's reason. */
  async change(wish) {
    const room = this.#room;
    const lists = ["words", "langs", "muted"].filter((key) => wish[key]);
    const from = Object.fromEntries(lists.map((key) => [key, this[key]]));
    const answer = await this.#connection.request("feed_set", { room, ...wish, from });
    if (room === this.#room && this.phase === "on") this.#takeWish(answer);
  }

  /** How many posts a second a word would match, as far as was measured. */
  async measure(word) {
    const answer = await this.#connection.request("feed_try", { room: this.#room, word });
    return Number(answer.per_second) || 0;
  }
}
