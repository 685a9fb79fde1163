// The panel of live posts: open or not, for which room, and what becomes of a
// post that comes. Closed, nothing is followed and nothing is sent here. On a
// narrow screen it is a drawer that may be put aside while it stays on; what
// comes then is counted on its button.

import { authorKey, authorName, PersonalFilter } from "../feed-filter.js";
import { Gate, means, refOf } from "../feed-gate.js";
import { parsePhrase } from "../phrase.js";
import { forBrowser } from "../storage.js";
import { formatNumber, strings } from "../strings.js";
import { LOBBY } from "../text.js";
import { $, el, isTyping } from "./dom.js";
import { actButton } from "./feed-card.js";
import { FeedHold } from "./feed-hold.js";
import { FeedList } from "./feed-list.js";
import { FeedSettings } from "./feed-settings.js";
import { FeedStatus } from "./feed-status.js";
import { FeedWords } from "./feed-words.js";
import { AWAY, isHttps, quoteOf } from "./quote.js";
import { say } from "./status.js";

const isWide = () => matchMedia("(min-width: 70rem)").matches;

export class FeedPanel {
  #feed;
  #panels;
  #quote;
  #filter = new PersonalFilter(forBrowser);
  #gate;
  #hold;
  #list;
  #status;
  #words;
  #settings;
  #room = "";
  #inside = false;
  #open = false;
  #none = false; // this server has no live posts
  #hidden = 0; // by the own filter
  #aside = 0; // came while the drawer was put aside
  #phrases; // of the room's words, by how they are written

  /** feed: the model; panels: the drawers; quote(quote) puts one into the composer. */
  constructor({ feed, panels, quote }) {
    this.#feed = feed;
    this.#panels = panels;
    this.#quote = quote;
    this.#gate = new Gate({ show: (posts, how) => this.#show(posts, how), changed: () => this.#hold?.show() });
    this.#status = new FeedStatus({ feed, own: () => ({ own: this.#hidden, speed: this.#gate.slowed, missed: feed.missed }) });
    const look = { title: (name) => this.#status.titleOf(name), phrases: (post) => this.#phrasesOf(post), act: (...args) => this.#act(...args) };
    this.#list = new FeedList($("#feed-list"), { look, passes: (post) => this.#filter.passes(post), moved: (atTop) => this.#gate.hold("scroll", !atTop) });
    this.#hold = new FeedHold({ gate: this.#gate, toTop: () => this.#list.toTop() });
    const filtered = () => this.#filtered();
    this.#words = new FeedWords({ feed, filter: this.#filter, filtered, isLobby: () => this.#room === LOBBY, isInside: () => this.#inside });
    this.#settings = new FeedSettings({ feed, filter: this.#filter, filtered, speed: (speed) => this.#gate.setSpeed(speed) });
    this.#hear();
  }

  #hear() {
    const feed = this.#feed;
    feed.on("phase", () => this.#showPhase());
    feed.on("reset", (posts) => this.#reset(posts));
    feed.on("post", (post) => this.#take(post));
    feed.on("gone", (ref) => this.#retract(ref, strings.postGone));
    feed.on("hidden", (ref) => this.#retract(ref, strings.postHidden));
    feed.on("words", (by) => {
      this.#phrases = undefined;
      this.#words.show();
      this.#settings.show();
      this.#showNote();
      const who = typeof by === "object" ? by?.nick : by;
      if (who) say(strings.feedChanged(who));
    });
    $("#open-feed").on("click", () => this.#turnOn());
    $("#feed-close").on("click", () => this.turnOff());
    $("#feed-again").on("click", () => this.#feed.follow(this.#room));
  }

  // Open or not.

  /** A room is opened: its layout comes before its posts. Words in the address open
   *  the panel, since they are what was meant to be seen. */
  enter(room) {
    const line = new URLSearchParams(location.search).get("words") ?? "";
    this.#room = room;
    this.#inside = false;
    this.#filter.open(room, line);
    this.#open = false; // what is open is another room's
    const kept = forBrowser.get(`feed.open.${room}`);
    const wanted = line !== "" || (isWide() && (kept ?? room === LOBBY));
    this.#setOpen(wanted && !this.#none);
    this.#feed.unfollow();
    this.#reset([]);
    this.#words.show();
    this.#showPhase();
  }

  /** The server knows the room on this connection; it may have another name, and
   *  whoever is inside may do more. */
  ready(room, inside) {
    this.#room = room;
    this.#inside = inside;
    if (this.#open) this.#feed.follow(room);
  }

  #turnOn() {
    if (isWide()) this.#remember(true);
    this.#setOpen(true);
    this.#panels.open("feed");
    if (isWide()) $("#feed-list").trigger("focus");
    if (this.#feed.phase === "off" || this.#feed.phase === "failed") this.#feed.follow(this.#room);
    this.#setAside(0);
  }

  turnOff() {
    if (isWide()) this.#remember(false);
    this.#panels.close();
    this.#setOpen(false);
    this.#feed.unfollow();
    this.#reset([]);
    $("#open-feed").trigger("focus");
  }

  #remember(open) {
    forBrowser.set(`feed.open.${this.#room}`, open);
  }

  #setOpen(open) {
    if (open && !this.#open) this.#status.open();
    if (!open) this.#status.close();
    this.#open = open;
    $("#app").attr("data-feed", open ? "on" : this.#none ? "none" : "off");
    $("#open-feed").attr("aria-expanded", String(open && isWide()));
    this.#setAside(0);
    this.#showLink();
  }

  get #isAside() {
    return this.#open && !isWide() && !$("#panel-feed").hasClass("open");
  }

  #setAside(n) {
    this.#aside = n;
    $("#open-feed").attr("aria-label", strings.feedOpen(n)).find(".count").text(n > 0 ? formatNumber(n) : "");
  }

  /** The address names the own words, so that a link shares the view. */
  #showLink() {
    const words = this.#open ? this.#filter.line : "";
    const url = new URL(location.href);
    if (words) url.searchParams.set("words", words);
    else url.searchParams.delete("words");
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }

  // Posts.

  #reset(posts) {
    this.#gate.clear();
    this.#hidden = 0;
    this.#list.reset(posts);
    this.#showNote();
  }

  #take(post) {
    if (this.#list.has(post)) return this.#list.replace(post);
    if (this.#filter.passes(post)) return this.#gate.offer(post);
    this.#hidden++;
    this.#list.add([post]); // hidden; it shows when the filter is another
    this.#showNote();
  }

  #show(posts, { digest }) {
    this.#list.add(posts, { digest });
    this.#settings.aloud(posts);
    if (this.#isAside) this.#setAside(this.#aside + posts.length);
    this.#showNote();
  }

  /** What a retraction names goes; why: what stands in its place for a moment. */
  #retract(ref, why) {
    this.#gate.forget((post) => means(ref, refOf(post)));
    this.#list.retract(ref, why);
    this.#showNote();
  }

  #filtered() {
    this.#gate.forget((post) => !this.#filter.passes(post));
    this.#list.refilter();
    this.#words.show();
    this.#showNote();
    this.#showLink();
  }

  /** What is marked in a post: the words by which it came, and one's own. */
  #phrasesOf(post) {
    this.#phrases ??= new Map(this.#feed.words.map((word) => [word, parsePhrase(word)]));
    const matched = (post.matched ?? []).map((word) => this.#phrases.get(word) ?? parsePhrase(word));
    return [...matched, ...this.#filter.wanted].filter(Boolean);
  }

  // What a card's buttons do.

  #act(name, post, $acts) {
    if (name === "quote") return this.#toComposer(post);
    const { author, tags = [], url } = post;
    const who = authorName(author);
    const buttons = [
      actButton("post-mute", strings.postMute, () => {
        this.#filter.mute(authorKey(post), who);
        say(strings.muted(who));
        this.#settings.show();
        this.#filtered();
      }),
      this.#feed.may && actButton("post-mute-room", strings.postMuteRoom, () => this.#muteForAll(post, who)),
      actButton("post-hide", strings.postHide, () => this.#words.hideWith(tags.length > 0 ? `#${tags[0]}` : "")),
      url && navigator.clipboard && actButton("post-copy", strings.postCopy, () => navigator.clipboard.writeText(url).then(() => say(strings.shared), () => {})),
    ];
    if (isHttps(url)) buttons.push(el("a.button.small", { href: url, ...AWAY, "data-testid": "post-report" }, strings.postReport(new URL(url).hostname)));
    $acts.append(buttons.filter(Boolean));
  }

  #toComposer(post) {
    this.#panels.close();
    this.#quote(quoteOf(post));
  }

  async #muteForAll(post, who) {
    this.#filter.name(authorKey(post), who);
    try {
      await this.#feed.change({ muted: [...new Set([...this.#feed.muted, authorKey(post)])] });
      this.#retract({ source: post.source, author_id: post.author.id }, strings.postHidden);
      say(strings.muted(who));
    } catch (error) {
      say(error.message || strings.feedFailed);
    }
  }

  // What stands where there are no posts.

  #showPhase() {
    const { phase } = this.#feed;
    $("#panel-feed").attr("data-phase", phase);
    if (phase === "none") {
      this.#none = true;
      this.#panels.close();
      this.#setOpen(false);
    }
    this.#showNote();
  }

  #showNote() {
    const { phase, error, words, may } = this.#feed;
    let text = strings.feedNote[phase];
    if (phase === "failed" && error?.message) text += ` ${error.message}`;
    if (phase === "on" && this.#list.isEmpty) {
      if (words.length === 0) text = may ? strings.feedWordlessMay : strings.feedWordless;
      else text = this.#list.hasHidden ? strings.feedFiltered : strings.feedQuiet;
    }
    if ($("#feed-note").text() !== text) $("#feed-note").text(text);
    $("#feed-again").attr("hidden", phase === "failed" ? null : "");
  }

  /** Keys within the panel. Returns whether there was something to do. */
  key(event) {
    const { key, target } = event;
    if (!target.closest?.("#panel-feed")) return false;
    if (key === "Escape") return this.#words.cancel();
    if (isTyping(target) || event.ctrlKey || event.metaKey || event.altKey) return false;
    const inControl = target.closest("a, button, input, select, summary");
    if (key === " " && !inControl) return this.#hold.toggle(), true;
    if (!target.closest("#feed-list")) return false;
    return ["ArrowUp", "ArrowDown", "Home", "End"].includes(key) && this.#list.walk(key);
  }
}
