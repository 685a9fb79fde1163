// The log of one room: stored messages in their order, then those that are not
// stored yet. Messages come in bursts and are drawn once a frame.
//
// Three lists, one below the other: what was there on entry and what is loaded
// from above (not read aloud), what comes live (role="log"), what is unsent.

import { strings } from "../strings.js";
import { dayNumber, sameGroup } from "../time.js";
import { $, nextFrame } from "./dom.js";
import * as lines from "./lines.js";

/** So many messages are kept in the document; the oldest are let go of, and
 *  load again on scrolling up. Only the reader at the end is trimmed, up to the
 *  higher bound. */
const KEEP = 1500;
const KEEP_READING = 5000;
/** Trimmed in steps, not one for each that comes. */
const SLACK = 200;
/** A burst of more than this is not read aloud one by one. */
const LOUD = 6;

export class LogView {
  #scroller;
  #you = () => undefined;
  #act;
  #trimmed;
  #announce;
  #entries = []; // {message, $line, $before: [$day, $unread], breaks}
  #waiting = []; // to be drawn with the next frame
  #unsent = new Map(); // outbox id → {message, $line}
  #presence; // {$line, moves} while nothing came after it
  #unreadAfter; // the line "new" stands after this number
  #$past = $("#past");
  #$live = $("#live-lines");
  #$unsent = $("#unsent-lines");

  /** you() → this person or undefined; act(name, item) for an unsent message's
   *  buttons; trimmed(seq) when what stands before seq was let go of;
   *  announce(n) when so many came at once that they are only counted. */
  constructor({ scroller, you, act, trimmed, announce }) {
    this.#scroller = scroller;
    this.#you = you;
    this.#act = act;
    this.#trimmed = trimmed;
    this.#announce = announce;
  }

  /** The number of the first message shown, 0 when there is none. */
  get first() {
    return this.#entries[0]?.message.seq ?? 0;
  }

  get isEmpty() {
    return this.#entries.length === 0 && this.#waiting.length === 0 && this.#unsent.size === 0;
  }

  /** Empties the log and shows these. */
  reset(messages, { unreadAfter, missing } = {}) {
    this.#entries = [];
    this.#waiting = [];
    this.#presence = undefined;
    this.#unreadAfter = unreadAfter;
    this.#$past.empty();
    this.#$live.empty();
    if (missing) this.#$past.append(lines.noticeLine(strings.missing, "missing"));
    for (const message of messages) this.#append(message, this.#$past);
    this.#regroupUnsent();
    this.#scroller.toEnd();
    this.showUnread();
  }

  /** Moves to the line "new", if there is one and it is out of view. */
  showUnread() {
    const line = $("#log .unread")[0];
    if (line) this.#scroller.show(line);
  }

  /** Messages that come next, in order. */
  add(messages) {
    if (this.#waiting.length === 0) nextFrame(() => this.#draw());
    this.#waiting.push(...messages);
  }

  #draw() {
    const messages = this.#waiting.splice(0);
    if (messages.length === 0) return;
    this.#quietly(messages.length > LOUD && messages.length, () =>
      this.#scroller.below(() => {
        for (const message of messages) {
          const { $line } = this.#append(message, this.#$live);
          $line.toggleClass("new-here", !$line.hasClass("own")); // own ones were there already
        }
        this.#presence = undefined;
        this.#regroupUnsent();
      }),
    );
    this.#trim();
  }

  /** Draws without having each line read aloud, if there are many. */
  #quietly(many, draw) {
    if (!many) return draw();
    const $log = $("#live");
    const kept = $log.attr("aria-live");
    $log.attr("aria-live", "off");
    draw();
    if (kept !== "off") {
      setTimeout(() => $log.attr("aria-live", kept), 500);
      this.#announce(many);
    }
  }

  #append(message, $list) {
    const entry = { message, $line: this.#lineFor(message), breaks: Boolean(this.#presence) };
    const before = this.#entries.at(-1);
    this.#entries.push(entry);
    $list.append(entry.$line);
    this.#arrange(entry, before);
    return entry;
  }

  /** An own message that was shown while it was unsent keeps its line. */
  #lineFor(message) {
    const own = message.person === this.#you()?.id;
    const unsent = own && this.#unsent.get(message.id);
    if (!unsent || unsent.message.text !== message.text) {
      if (unsent) this.drop(message.id);
      return lines.messageLine(message, { own });
    }
    this.#unsent.delete(message.id);
    unsent.$line.find(".fate, .waiting").remove();
    lines.markStored(unsent.$line, message);
    return unsent.$line;
  }

  /** Sets what depends on the entry before: the group, the day, the line "new". */
  #arrange(entry, before) {
    for (const $line of entry.$before ?? []) $line.remove();
    const { message } = entry;
    const newDay = !before || dayNumber(before.message.at) !== dayNumber(message.at);
    const isNew = this.#unreadAfter !== undefined && message.seq > this.#unreadAfter;
    const firstNew = isNew && (before ? before.message.seq <= this.#unreadAfter : message.seq === this.#unreadAfter + 1);
    entry.$before = [newDay && lines.dayLine(message.at), firstNew && lines.unreadLine()].filter(Boolean);
    entry.$line.before(...entry.$before);
    lines.setFirst(entry.$line, entry.breaks || entry.$before.length > 0 || !sameGroup(before?.message, message));
  }

  /** Older messages, ascending, before all that is shown. */
  prepend(messages) {
    if (messages.length === 0) return;
    this.#scroller.above(() => {
      const added = messages.map((message) => ({ message, $line: lines.messageLine(message, { own: message.person === this.#you()?.id }) }));
      this.#$past.find(".notice-line").remove();
      this.#$past.prepend(added.map((entry) => entry.$line[0]));
      this.#entries.unshift(...added);
      added.forEach((entry, i) => this.#arrange(entry, added[i - 1]));
      const next = this.#entries[added.length];
      if (next) this.#arrange(next, added.at(-1));
    });
  }

  #trim() {
    const keep = this.#scroller.atEnd ? KEEP : KEEP_READING;
    if (this.#entries.length <= keep + SLACK) return;
    const gone = this.#entries.splice(0, this.#entries.length - keep);
    this.#scroller.above(() => {
      for (const entry of gone) {
        for (const $line of entry.$before) $line.remove();
        entry.$line.remove();
      }
      this.#$past.children(".presence, .notice-line").remove();
      this.#arrange(this.#entries[0], undefined);
    });
    this.#trimmed(this.#entries[0].message.seq);
  }

  /** Puts the line "new" after this number; undefined takes it away. */
  markUnread(after) {
    if (this.#unreadAfter === after) return;
    this.#unreadAfter = after;
    this.#scroller.below(() => {
      const touched = this.#entries.filter((entry, i) => {
        const before = this.#entries[i - 1];
        const has = entry.$before.some(($line) => $line.hasClass("unread"));
        return has || (after !== undefined && entry.message.seq === after + 1 && (before || i === 0));
      });
      for (const entry of touched) this.#arrange(entry, this.#entries[this.#entries.indexOf(entry) - 1]);
    });
  }

  /** Shows an outbox item in its state. */
  unsent(item) {
    const known = this.#unsent.get(item.id);
    if (!known && item.state === "sent") return;
    const you = this.#you();
    const message = { id: item.id, person: you?.id ?? "", nick: you?.nick ?? "", text: item.text, at: item.at, quote: item.quote };
    const entry = known ?? { message, $line: lines.messageLine(message, { own: true }) };
    this.#scroller.below(() => {
      if (!known) {
        this.#unsent.set(item.id, entry);
        this.#$unsent.append(entry.$line.addClass("new-here"));
      }
      lines.markFate(entry.$line, item, (name) => this.#act(name, item));
      this.#regroupUnsent();
    });
  }

  /** An outbox item is gone, and not by becoming a stored message. */
  drop(id) {
    this.#unsent.get(id)?.$line.remove();
    if (this.#unsent.delete(id)) this.#regroupUnsent();
  }

  /** All outbox items of another room, or before one's name is known, go. */
  dropAll() {
    this.#unsent.clear();
    this.#$unsent.empty();
  }

  #regroupUnsent() {
    let before = this.#presence ? undefined : this.#entries.at(-1)?.message;
    for (const { message, $line } of this.#unsent.values()) {
      lines.setFirst($line, !sameGroup(before, message));
      before = message;
    }
  }

  /** Somebody came or went: kind "joined" or "left". */
  presence(kind, person) {
    this.#draw();
    this.#scroller.below(() => {
      if (!this.#presence) {
        this.#presence = { $line: lines.presenceLine(), moves: new Map() };
        this.#$live.append(this.#presence.$line);
      }
      const { moves, $line } = this.#presence;
      moves.set(person.id, { nick: person.nick, kind }); // the last news of each is told
      lines.fillPresence($line, moves);
      this.#regroupUnsent();
    });
  }

  /** Up and down: moves the focus through the messages. Returns whether it did. */
  walk(key) {
    const all = $("#log .message").toArray();
    const at = all.indexOf(document.activeElement?.closest?.(".message"));
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    const to = { Home: all[0], End: all.at(-1) }[key] ?? (at < 0 ? all.at(-1) : all[at + step]);
    to?.focus();
    to?.scrollIntoView({ block: "nearest" });
    return Boolean(to);
  }
}
