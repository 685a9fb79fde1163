// One visit to one room: the room, what is sent to it, who types there, and what
// of it is shown where. Made anew for each room; the views stay.

import { Room } from "./room.js";
import { Sender } from "./sender.js";
import { strings } from "./strings.js";
import { pathOf } from "./text.js";
import { TypingIn, TypingOut } from "./typing.js";
import { $, el } from "./view/dom.js";
import { isolate } from "./view/lines.js";
import { showMe, showPeople } from "./view/lists.js";
import { fillClock, say } from "./view/status.js";

/** Where there is no pointer that hovers, putting the focus in a field opens a
 *  keyboard over half of the page: it is left to the person. */
const canFocus = () => matchMedia("(hover: hover)").matches;

/** So many pages are loaded on entry to find the place where one stopped. */
const UNREAD_PAGES = 6;

export class Visit {
  room;
  #asked;
  #app;
  #sender;
  #typingIn = new TypingIn((names) => $("#typing").text(names.length > 0 ? strings.typing(names.map(isolate)) : ""));
  #typingOut;
  #more = false; // there are messages above the first one shown
  #loading = false;
  #shown = false; // the history is on the page
  #closed = false;
  #reaching; // the number after which it is new, while its place is looked for
  #away; // the last number before the connection was lost

  /** app: {connection, identity, outbox, log, scroller, composer, join, unread,
   *  rooms, panels, live}: what lives longer than a visit. */
  constructor(app, name) {
    this.#app = app;
    this.#asked = name;
    this.room = new Room({ connection: app.connection, identity: app.identity, name });
    this.#typingOut = new TypingOut((on) => this.room.tellTyping(on));
    this.#listen();
    this.#sender = new Sender({ ...app, room: this.room, slow: (ms) => this.#slowDown(ms) });
  }

  open() {
    const { log, composer, join, identity } = this.#app;
    log.reset([]);
    log.dropAll();
    $("#history-top, #blank").empty();
    join.hide();
    this.#showTitle();
    this.#showUnsent();
    // One can write at once, or say one's name, before there is a connection.
    composer.hide();
    if (identity.nick) this.#openComposer();
    else this.#askName();
    this.#app.live.enter(this.#asked);
    this.room.open();
  }

  close() {
    this.#closed = true;
    this.#sender.close();
    this.#typingIn.clear();
    this.room.close();
  }

  #listen() {
    const { room } = this;
    room.on("reset", (history) => this.#reset(history));
    room.on("messages", (list, { filled }) => this.#messages(list, filled));
    room.on("older", (list, more) => this.#older(list, more));
    room.on("people", () => this.#people());
    room.on("joined", (person) => this.#app.log.presence("joined", person));
    room.on("left", (person) => this.#left(person));
    room.on("typing", (person, on) => this.#typingIn.hear(person, on));
    room.on("mode", () => this.#mode());
    room.on("refused", (error) => this.#refused(error));
  }

  // History and messages.

  #reset({ messages, more, missing }) {
    const { unread, log } = this.#app;
    const read = unread.open(this.room.name, this.room.title);
    const isNew = read !== undefined && read < this.room.last;
    this.#shown = true;
    this.#more = more;
    this.#reaching = isNew ? read : undefined;
    log.reset(messages, { unreadAfter: isNew ? read : undefined, missing });
    for (const message of messages) this.#settle(message);
    this.#showUnsent();
    this.#showTop();
    this.#showBlank();
    if (isNew) unread.add(this.#ofOthers(messages).filter((message) => message.seq > read).length);
    this.#reachUnread(read);
  }

  /** More was missed than one page holds: the pages before are loaded until the
   *  line "new" can stand in its place, within reason. Nothing counts as seen
   *  before that. */
  async #reachUnread(read) {
    const { log } = this.#app;
    for (let pages = 0; this.#reaching !== undefined && pages < UNREAD_PAGES; pages++) {
      const before = log.first;
      if (before <= read + 1) break;
      await this.loadOlder();
      if (this.#closed) return;
      if (log.first === before) break;
    }
    if (this.#reaching !== undefined) log.showUnread();
    this.#reaching = undefined;
    this.looked();
  }

  #messages(list, filled) {
    const { log, unread, scroller } = this.#app;
    const others = this.#ofOthers(list).length;
    const unseen = document.hidden || !scroller.atEnd;
    if (others > 0 && unseen && unread.count === 0) log.markUnread(list[0].seq - 1);
    else if (others > 0 && filled && this.#away !== undefined) log.markUnread(this.#away);
    this.#away = undefined;
    log.add(list);
    if (unseen) unread.add(others);
    for (const message of list) {
      this.#settle(message);
      this.#typingIn.hear({ id: message.person }, false);
    }
    this.#showBlank();
    this.looked();
  }

  #ofOthers(list) {
    return list.filter((message) => message.person !== this.room.you?.id);
  }

  #settle(message) {
    if (message.person === this.room.you?.id) this.#app.outbox.settle(message.id);
  }

  #showUnsent() {
    for (const item of this.#app.outbox.items(this.room.name)) this.#app.log.unsent(item);
  }

  #older(list, more) {
    this.#more = more;
    const { unread } = this.#app;
    if (this.#reaching !== undefined) unread.add(this.#ofOthers(list).filter((message) => message.seq > this.#reaching).length);
    this.#app.log.prepend(list);
    this.#showTop();
  }

  /** The view let go of old messages; they can be loaded again. */
  trimmed(seq) {
    this.room.forgetBefore(seq);
    this.#more = true;
    this.#showTop();
  }

  async loadOlder() {
    if (this.#loading || !this.#more || !this.#shown) return;
    this.#loading = true;
    this.#showTop();
    let failed = false;
    try {
      await this.room.older();
    } catch {
      failed = true;
    }
    this.#loading = false;
    if (!this.#closed) this.#showTop(failed);
  }

  /** What stands above the first message. */
  #showTop(failed = false) {
    this.#app.scroller.above(() => {
      const $top = $("#history-top").empty();
      if (this.#loading) $top.append(el("p", {}, strings.olderBusy));
      else if (this.#more) $top.append(this.#olderButton(failed ? strings.olderFailed : strings.olderButton));
      else if (this.room.last > 0) $top.append(el("p.begin", {}, strings.beginning(isolate(this.room.title))));
    });
  }

  #olderButton(text) {
    return el("button.button.small", { type: "button", "data-testid": "older" }, text).on("click", () => this.loadOlder());
  }

  /** What is shown where there is no message at all. */
  #showBlank() {
    const { room } = this;
    const $blank = $("#blank");
    if (room.mode === "impossible") {
      const { code, message } = room.impossible;
      const what = strings.impossible[code] || strings.impossibleElse;
      const $leave = el("a.button", { href: "/", "data-room": "lobby" }, strings.toLobby);
      $blank.empty().append(
        el("div.empty", { "data-testid": "impossible" }, el("h2", {}, what), message && el("p", {}, message), $leave),
      );
    } else if (!this.#shown || !this.#app.log.isEmpty) {
      $blank.empty();
    } else if ($blank.children().length === 0) {
      const $big = el("div.big", { "data-clock": true, "aria-hidden": "true" });
      fillClock($big);
      $blank.append(
        el("div.empty", { "data-testid": "empty" }, $big, el("h2", {}, strings.emptyTitle), el("p", {}, strings.emptyText(isolate(room.title)))),
      );
    }
  }

  /** The reader may have seen something: called when the log moves or is shown. */
  looked() {
    const { scroller, unread } = this.#app;
    if (this.#reaching !== undefined) return;
    if (this.#shown && !document.hidden && scroller.atEnd) unread.seen(this.room.last);
    const show = this.#shown && !scroller.atEnd && (unread.count > 0 || scroller.farFromEnd);
    const $button = $("#new-messages").attr({ hidden: show ? null : "", "data-count": unread.count });
    $button.find("span").text(unread.count > 0 ? strings.newMessages(unread.count) : strings.toLatest);
    if (scroller.nearTop && !scroller.atEnd) this.loadOlder();
  }

  /** The connection is lost here. */
  lost() {
    this.#away = this.#shown ? this.room.last : undefined;
    this.#typingIn.clear();
    this.#typingOut.reset();
  }

  // People.

  #people() {
    showPeople(this.room.people, this.room.you?.id);
    showMe(this.room.you, () => this.changeName());
    this.#app.rooms.setCurrent(this.room.name, this.room.title, this.room.people.count);
  }

  #left(person) {
    this.#typingIn.hear(person, false);
    this.#app.log.presence("left", person);
  }

  // Being inside, or not yet.

  #mode() {
    const { room } = this;
    const { join, composer, outbox } = this.#app;
    $("#app").attr("data-mode", room.mode);
    if (room.name !== this.#asked) {
      outbox.rename(this.#asked, room.name);
      if (location.pathname !== pathOf(room.name)) history.replaceState(null, "", pathOf(room.name) + location.search);
    }
    this.#showTitle();
    if (room.mode !== "impossible") this.#app.live.ready(room.name, room.mode === "entered");
    if (room.mode === "entered") return this.#inside();
    composer.hide();
    if (room.mode === "watching") this.#askName();
    else join.hide();
    this.#showBlank();
  }

  #inside() {
    const { join, composer } = this.#app;
    const joining = join.isOpen && !join.changing;
    if (join.isOpen && join.changing) return;
    if (joining) join.hide();
    this.#openComposer();
    if (joining) composer.focus();
  }

  #openComposer() {
    const { room } = this;
    const { composer } = this.#app;
    const first = composer.isHidden;
    composer.open(room.name, room.title, room.limits.text, this.#asked);
    if (first && canFocus()) composer.focus();
  }

  #askName() {
    const { room } = this;
    this.#app.join.open({ title: room.title, max: room.limits.nick, nick: this.#app.identity.nick });
  }

  #refused(error) {
    this.#askName();
    this.#app.composer.hide();
    this.#app.join.refuse(error);
  }

  /** "Not you?": the same form, over the composer. */
  changeName() {
    const { room } = this;
    this.#app.panels.close();
    this.#app.composer.hide();
    this.#app.join.open({ title: room.title, max: room.limits.nick, nick: room.you?.nick, changing: true });
  }

  /** The form for the name is done. */
  named() {
    if (this.room.mode !== "entered") return;
    this.#openComposer();
    this.#app.composer.focus();
  }

  /** Somebody else sits here: nothing of the one before is kept or sent. */
  async becomeSomeoneElse() {
    const { identity, outbox, composer, connection } = this.#app;
    await connection.request("leave", { room: this.room.name });
    identity.renew();
    outbox.clear();
    composer.clear();
  }

  // Writing.

  say(text, quote) {
    const { outbox, log, scroller } = this.#app;
    this.#typingOut.reset();
    log.markUnread(undefined);
    outbox.add(this.room.name, text, quote);
    this.#showBlank();
    scroller.toEnd();
  }

  typed(hasText) {
    this.#typingOut.changed(hasText);
  }

  /** Brings a post into the chat: with the next message, or once one has a name. */
  quote(quote) {
    const { composer, join } = this.#app;
    composer.quote(quote);
    if (composer.isHidden) join.focus();
  }

  #slowDown(ms) {
    this.#app.composer.warn(strings.slowDown(Math.max(1, Math.round(ms / 1000))), ms);
  }

  #showTitle() {
    const { room } = this;
    $("#room-title").text(room.title).attr("title", room.title);
    if (!this.#shown) document.title = `${room.title} · ${strings.appName}`;
    if (room.mode === "impossible") this.#app.rooms.setNone();
    else this.#app.rooms.setCurrent(room.name, room.title, this.#shown ? room.people.count : undefined);
    say(room.title);
  }
}
