// The list of posts, the newest at its top. Who is at the top sees them come;
// who has scrolled down keeps what is read in its place, whatever comes or goes.

import { means, postKey, refOf } from "../feed-gate.js";
import { strings } from "../strings.js";
import { clockTime } from "../time.js";
import { $, el } from "./dom.js";
import { postCard } from "./feed-card.js";

/** So many cards are kept, and as many that the own filter hides. */
export const KEEP = 200;
/** So near to the top counts as the top. */
const NEAR = 24;

export class FeedList {
  #box;
  #$list;
  #entries = []; // {post, $card, edited}, the newest first
  #look; // what cards are made with
  #passes;
  #moved;
  #atTop = true;

  /** look: {title, phrases(), act} for the cards; passes(post): whether one's own
   *  filter lets it through; moved(atTop) when the reader reaches or leaves the top. */
  constructor($list, { look, passes, moved }) {
    this.#$list = $list;
    this.#box = $list[0];
    this.#look = look;
    this.#passes = passes;
    this.#moved = moved;
    this.#box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    $list.on("focusin", ({ target }) => this.#enter($(target).closest(".post")[0]));
  }

  get isEmpty() {
    return !this.#entries.some(({ $card }) => $card.attr("hidden") === undefined);
  }

  /** Whether there are posts, if only such as the own filter hides. */
  get hasHidden() {
    return this.#entries.length > 0 && this.isEmpty;
  }

  #scrolled() {
    const atTop = this.#box.scrollTop <= NEAR;
    if (atTop === this.#atTop) return;
    this.#atTop = atTop;
    this.#moved(atTop);
  }

  toTop() {
    this.#box.scrollTop = 0;
    this.#scrolled();
  }

  /** Shows these instead of all, oldest first. */
  reset(posts) {
    this.#entries = [];
    this.#$list.empty();
    this.add(posts, { fresh: false });
    this.toTop();
  }

  has(post) {
    return this.#entries.some((entry) => postKey(entry.post) === postKey(post));
  }

  find(post) {
    return this.#entries.find((entry) => postKey(entry.post) === postKey(post));
  }

  /** Posts that come next, oldest first. */
  add(posts, { fresh = true, digest = false } = {}) {
    this.#keepPlace(() => {
      if (this.#atTop) this.#$list.children(".gone").remove();
      for (const post of posts) {
        const $card = this.#card(post).toggleClass("new-here", fresh);
        this.#entries.unshift({ post, $card });
        this.#$list.prepend($card);
      }
      if (digest && posts.length > 0) this.#entries[0].$card.prepend(digestHead(posts));
      this.#trim();
    });
  }

  /** The oldest go; those that nobody sees take no place from those that are read. */
  #trim() {
    const left = { seen: KEEP, hidden: KEEP };
    this.#entries = this.#entries.filter(({ $card }) => {
      if (left[$card.attr("hidden") === undefined ? "seen" : "hidden"]-- > 0) return true;
      $card.remove();
      return false;
    });
  }

  #card(post, edited = false) {
    const { title, phrases, act } = this.#look;
    const $card = postCard(post, { title, act, edited, phrases: phrases(post) });
    return $card.attr("hidden", this.#passes(post) ? null : "");
  }

  /** A revision takes the place of what is shown; it may only tell who wrote it. */
  replace(post) {
    const entry = this.find(post);
    if (!entry) return;
    entry.edited ||= post.text !== entry.post.text || post.warning !== entry.post.warning;
    const $card = this.#card(post, entry.edited);
    const hadFocus = entry.$card[0].contains(document.activeElement);
    this.#keepPlace(() => entry.$card.replaceWith($card));
    Object.assign(entry, { post, $card });
    if (hadFocus) $card.trigger("focus");
  }

  /** What a retraction names is gone at once. Its place stays until the list
   *  moves anyway, so that nobody's click lands on another post. */
  retract(ref, why) {
    const gone = this.#entries.filter(({ post }) => means(ref, refOf(post)));
    this.#entries = this.#entries.filter((entry) => !gone.includes(entry));
    for (const { $card } of gone) vanish($card, why);
  }

  /** The own filter is another: what is there is hidden or shown by it. */
  refilter() {
    this.#keepPlace(() => {
      for (const entry of this.#entries) {
        const $card = this.#card(entry.post, entry.edited);
        entry.$card.replaceWith($card);
        entry.$card = $card;
      }
    });
  }

  /** What is read stays where it is, unless it is the newest. */
  #keepPlace(change) {
    const below = this.#box.scrollHeight - this.#box.scrollTop;
    change();
    if (!this.#atTop) this.#box.scrollTop = this.#box.scrollHeight - below;
  }

  /** Arrow keys go from card to card; Tab goes into the one that has the focus. */
  walk(key) {
    const cards = this.#entries.map(({ $card }) => $card).filter(($card) => $card.attr("hidden") === undefined);
    const at = cards.findIndex(($card) => $card[0].contains(document.activeElement));
    const to = { ArrowDown: cards[at + 1], ArrowUp: cards[Math.max(0, at - 1)], Home: cards[0], End: cards.at(-1) }[key];
    to?.trigger("focus");
    to?.[0].scrollIntoView({ block: "nearest" });
    return Boolean(to);
  }

  #enter(card) {
    if (!card || card.dataset.entered !== undefined) return;
    this.#$list.children("[data-entered]").attr("data-entered", null).find("a, button").attr("tabindex", "-1");
    $(card).attr("data-entered", "").find("a, button").attr("tabindex", null);
  }
}

function vanish($card, why) {
  const { height } = $card[0].getBoundingClientRect();
  const hadFocus = $card[0].contains(document.activeElement);
  if ($card.attr("hidden") !== undefined) return $card.remove();
  const $gone = el("div.gone", { "data-testid": "post-gone", tabindex: "-1" }, el("p", {}, why));
  $gone.css("height", `${height}px`);
  $card.replaceWith($gone);
  if (hadFocus) $gone.trigger("focus");
}

function digestHead(posts) {
  const at = (post) => clockTime(Date.parse(post.received_at) || Date.now());
  return el("p.digest", { "data-testid": "digest" }, strings.feedDigest(posts.length, at(posts[0]), at(posts.at(-1))));
}
