// Between the posts that come and the list that is read: how fast they are let
// through, and that none is while somebody reads.
//
//   offer ──► speed ──────────────► held? ──no──► show
//             live: at once           │
//             every: the newest of    └─yes─► waiting ──release──► show
//               each n seconds                       └──skip──► (gone)
//             digest: all, together

import { authorKey } from "./feed-filter.js";

/** So many wait at most; the oldest are let go of, and counted. */
export const MOST_WAITING = 200;

export const postKey = (post) => `${post.source} ${post.id}`;

/** Whether a retraction means a post: {source, id}, {source, author_id}, or {source}
 *  for all that came from there. */
export function means(ref, { source, id, author_id }) {
  if (ref.source !== source) return false;
  if (ref.id) return ref.id === id;
  return !ref.author_id || ref.author_id === author_id;
}

export const refOf = ({ source, id, author }) => ({ source, id, author_id: author?.id });

export class Gate {
  #show;
  #changed;
  #reasons = new Set(); // why nothing is shown just now
  #waiting = []; // past the speed, held
  #passing = []; // before the speed
  #over = 0; // waited, and were let go of
  #slowed = 0; // were not the newest of their seconds
  #speed = { kind: "live", seconds: 0 };
  #timer;
  #lastAuthor;

  /** show(posts, {digest}) is given posts in their order; changed() is called
   *  when waiting or held is another. */
  constructor({ show, changed = () => {} }) {
    this.#show = show;
    this.#changed = changed;
  }

  get held() {
    return this.#reasons.size > 0;
  }

  isHeldBy(reason) {
    return this.#reasons.has(reason);
  }

  get waiting() {
    return this.#waiting.length + this.#over;
  }

  /** How many were left out because of the speed that was chosen. */
  get slowed() {
    return this.#slowed;
  }

  /** {kind: "live"} | {kind: "every" | "digest", seconds} */
  setSpeed(speed) {
    this.#speed = speed;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pass(this.#passing.splice(0));
  }

  offer(post) {
    if (this.#replace(post)) return;
    if (this.#speed.kind === "live") return this.#pass([post]);
    if (this.#speed.kind === "every") this.#choose(post);
    else this.#passing.push(post);
    if (this.#passing.length > MOST_WAITING) this.#slowed += this.#passing.splice(0, 1).length;
    if (this.#timer !== undefined) return;
    if (this.#speed.kind === "every") this.#turn();
    else this.#timer = setTimeout(() => this.#turn(), this.#speed.seconds * 1000);
  }

  /** One of each turn: the newest, but not one author twice while there is another. */
  #choose(post) {
    const [chosen] = this.#passing;
    if (!chosen) return void this.#passing.push(post);
    this.#slowed++;
    const loud = authorKey(post) === this.#lastAuthor && authorKey(chosen) !== this.#lastAuthor;
    if (!loud) this.#passing = [post];
  }

  #turn() {
    this.#timer = undefined;
    const posts = this.#passing.splice(0);
    if (posts.length === 0) return;
    const { kind, seconds } = this.#speed;
    if (kind === "every") this.#timer = setTimeout(() => this.#turn(), seconds * 1000);
    this.#pass(posts, kind === "digest");
  }

  #pass(posts, digest = false) {
    if (posts.length === 0) return;
    this.#lastAuthor = authorKey(posts.at(-1));
    if (!this.held) return this.#show(posts, { digest });
    this.#waiting.push(...posts);
    this.#over += this.#waiting.splice(0, this.#waiting.length - MOST_WAITING).length;
    this.#changed();
  }

  /** Holds for a reason, or no longer. What waited is shown when no reason is left. */
  hold(reason, on) {
    if (this.#reasons.has(reason) === on) return;
    if (on) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (this.held) this.#changed();
    else this.release();
  }

  /** Shows what waits, although it may be held. */
  release() {
    const posts = this.#waiting.splice(0);
    this.#over = 0;
    if (posts.length > 0) this.#show(posts, { digest: false });
    this.#changed();
  }

  /** Lets go of what waits. */
  skip() {
    this.#waiting = [];
    this.#over = 0;
    this.#changed();
  }

  /** A revision of one that waits takes its place. */
  #replace(post) {
    for (const list of [this.#waiting, this.#passing]) {
      const at = list.findIndex((each) => postKey(each) === postKey(post));
      if (at < 0) continue;
      list[at] = post;
      return true;
    }
    return false;
  }

  /** Nothing that which(post) is true for is shown any more. */
  forget(which) {
    this.#passing = this.#passing.filter((post) => !which(post));
    this.#waiting = this.#waiting.filter((post) => !which(post));
    this.#changed();
  }

  /** All that was offered is of another room or another connection. */
  clear() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#passing = [];
    this.#slowed = 0;
    this.#lastAuthor = undefined;
    this.skip();
  }
}
