// One room as this page sees it: its messages in order, its people, and whether
// one is inside (entered, with a name) or only looks on (watching).
//
// The server promises a snapshot and then the events, but an event may overtake
// the snapshot's answer; events that come while it is awaited are kept and
// applied after it. What the sequence lacks is asked for with `since`.

import { RequestError } from "./connection.js";
import { Emitter } from "./emitter.js";
import { People } from "./people.js";
import { Sequence } from "./sequence.js";

/** More than this behind, the newest page is shown instead of all that was
 *  missed; scrolling up loads it. */
const FAR_BEHIND = 600;
/** An acknowledged message should come as an event as well; if it does not
 *  within this time, it is asked for. */
const ACK_LEAD = 1500;
/** So long after the connection is back, those who were here before it was lost
 *  come back without a word: a server that restarts makes no noise. */
const RETURN_WITHIN = 60_000;
const RETRIES = 3;
const RETRY_AFTER = 1000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Events:
 *  "reset"({messages, more, missing})  show these instead of all before
 *  "messages"(list, {filled})          the next ones, in order
 *  "older"(list, more)                 what stands before the first one
 *  "people"                            people or their count changed
 *  "joined"(person), "left"(person)    told once, not for oneself
 *  "typing"(person, on)                others only
 *  "mode"                              entered, watching or refused: see `mode`
 *  "refused"(error)                    entering by the remembered name failed */
export class Room extends Emitter {
  people = new People();
  limits = { nick: 24, text: 2000 };
  title = "";
  you; // this person, once entered
  /** "opening" → "watching" → "entered"; "impossible" when there is no such room */
  mode = "opening";
  impossible; // the RequestError for mode "impossible"
  /** The server knows, on this very connection, that one is inside. */
  ready = false;

  #connection;
  #identity;
  #sequence = new Sequence();
  #first = 0; // the lowest number shown
  #shown = false; // a snapshot was shown
  #rev = 0;
  #early; // events that wait for the snapshot
  #expected = new Set(); // ids of those who were here when the connection was lost
  #expectedUntil = 0;
  #sync = 0; // counts snapshots asked for; only the last one's answer counts
  #filling = false;
  #closed = false;
  #off = [];

  constructor({ connection, identity, name }) {
    super();
    this.#connection = connection;
    this.#identity = identity;
    this.name = name;
    this.title = name;
  }

  get last() {
    return this.#sequence.last;
  }

  open() {
    const listen = (event, apply) =>
      this.#off.push(this.#connection.on(`server:${event}`, (payload) => this.#hear(payload, apply)));
    listen("message", (message) => this.#take([message]));
    listen("joined", (payload) => this.#presence(payload, "joined"));
    listen("left", (payload) => this.#presence(payload, "left"));
    listen("people", (payload) => this.#crowd(payload));
    listen("typing", ({ person, on }) => {
      if (person.id !== this.you?.id) this.emit("typing", person, on);
    });
    this.#off.push(
      this.#connection.on("up", () => this.resume()),
      this.#connection.on("down", () => this.#lost()),
    );
    if (this.#connection.connected) this.resume();
  }

  /** What is still under way when the room is left is told to nobody. */
  emit(name, ...args) {
    if (!this.#closed) super.emit(name, ...args);
  }

  /** Goes, for good: the object is not used again. */
  close() {
    this.#closed = true;
    for (const off of this.#off.splice(0)) off();
    this.#sync++;
    this.#connection.request("leave", { room: this.name }).catch(() => {}); // gone is gone
  }

  #lost() {
    this.ready = false;
    for (const id of this.people.ids()) this.#expected.add(id);
  }

  /** Asks for the room as it is now: by the remembered name, else looking on. */
  async resume() {
    this.#expectedUntil = Date.now() + RETURN_WITHIN;
    const { nick } = this.#identity;
    if (!nick) return this.#watch();
    try {
      await this.#ask("enter", this.#entry(nick));
    } catch (error) {
      if (error.code === "bad_room") return this.#fail(error);
      this.you = undefined;
      this.ready = false;
      this.emit("refused", error);
      await this.#watch();
    }
  }

  /** Enters by a name, or changes it. Throws a RequestError with the reason. */
  async enter(nick) {
    try {
      await this.#ask("enter", this.#entry(nick), 0);
    } catch (error) {
      // This may have overtaken the first look at the room, which then counts
      // no more: look again.
      if (!this.#shown && error.code !== "offline") this.#watch();
      throw error;
    }
    if (!this.you) throw new RequestError("offline");
    this.#identity.nick = this.you.nick;
  }

  #entry(nick) {
    return { nick, secret: this.#identity.secret, tab: this.#identity.tab };
  }

  async #watch() {
    try {
      await this.#ask("watch", {});
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error) {
    this.impossible = error;
    this.#setMode("impossible");
  }

  /** One snapshot. Returns without a word when the connection is lost (the next
   *  one begins again) or a later snapshot took over; throws what the server
   *  refused, after trying again where that may help. */
  async #ask(event, more, retries = RETRIES) {
    const turn = ++this.#sync;
    this.#early = [];
    for (let tries = 0; ; tries++) {
      try {
        const snapshot = await this.#connection.request(event, { room: this.name, ...more });
        if (turn === this.#sync) this.#apply(snapshot);
        return;
      } catch (error) {
        if (turn !== this.#sync) return;
        const passing = ["timeout", "unavailable", "slow_down"].includes(error.code);
        if (retries > 0 && error.code === "offline") return;
        if (!passing || tries >= retries) throw this.#giveUp(error);
        await pause(error.data.retry_ms ?? RETRY_AFTER * (tries + 1));
        if (turn !== this.#sync) return;
      }
    }
  }

  #giveUp(error) {
    this.#releaseEarly();
    return error;
  }

  #apply(snapshot) {
    this.name = snapshot.room;
    this.title = snapshot.title || snapshot.room;
    this.limits = { ...this.limits, ...snapshot.limits };
    this.you = snapshot.you;
    this.ready = Boolean(snapshot.you);
    this.#rev = snapshot.rev ?? 0;
    this.people.replace(snapshot.people);
    for (const id of this.people.ids()) this.#expected.delete(id);
    this.#setMode(snapshot.you ? "entered" : "watching");
    this.#carryOn(snapshot);
    this.emit("people");
    this.#releaseEarly();
  }

  #releaseEarly() {
    const early = this.#early ?? [];
    this.#early = undefined;
    if (this.#shown) for (const apply of early) apply();
  }

  #setMode(mode) {
    this.mode = mode;
    this.emit("mode");
  }

  /** Joins what is shown to what the snapshot has. */
  #carryOn(snapshot) {
    const replaced = snapshot.last < this.last; // the history is another one
    if (!this.#shown || replaced || snapshot.last - this.last > FAR_BEHIND) {
      this.#restart(snapshot, replaced);
      return;
    }
    this.#sequence.expect(snapshot.last);
    this.#take(snapshot.messages, { filled: true });
  }

  #restart({ messages, last, more }, missing) {
    this.#shown = true;
    this.#first = messages[0]?.seq ?? last + 1;
    this.#sequence.start(messages.at(-1)?.seq ?? last);
    this.#sequence.expect(last);
    this.emit("reset", { messages, more, missing });
    this.#fillSoon();
  }

  #hear(payload, apply) {
    if (payload.room !== this.name) return;
    if (this.#early) this.#early.push(() => apply(payload));
    else if (this.#shown) apply(payload);
  }

  #take(messages, { filled = false } = {}) {
    const ready = this.#sequence.offer(messages);
    if (ready.length > 0) this.emit("messages", ready, { filled });
    this.#fillSoon();
  }

  /** An own message was acknowledged under this number. */
  expect(seq) {
    this.#sequence.expect(seq);
    setTimeout(() => this.#fillSoon(), ACK_LEAD);
  }

  #fillSoon() {
    if (this.#sequence.missing > 0 && !this.#filling) this.#fill();
  }

  /** Fetches what is missing until nothing is. One at a time. */
  async #fill() {
    this.#filling = true;
    const turn = this.#sync;
    for (let tries = 0; this.#sequence.missing > 0 && turn === this.#sync; ) {
      try {
        if (await this.#fillOnce()) tries = 0;
        else break;
      } catch (error) {
        if (error.code === "offline") break; // after the reconnect it is asked again
        if (++tries > RETRIES) break;
        await pause(RETRY_AFTER * tries);
      }
    }
    this.#filling = false;
    const lost = this.#sequence.missing > 0 && turn === this.#sync && this.#connection.connected;
    if (lost) await this.#reload();
    else this.#fillSoonAfterTurn(turn);
  }

  #fillSoonAfterTurn(turn) {
    if (turn !== this.#sync && !this.#early) this.#fillSoon();
  }

  /** Returns whether that carried the room on. */
  async #fillOnce() {
    const after = this.last;
    const answer = await this.#connection.request("since", { room: this.name, after });
    if (this.last > after) return true; // it came by itself meanwhile
    if (answer.missing > 0 || answer.last < after || !this.#sequence.continues(answer.messages)) return false;
    this.#sequence.expect(answer.last);
    const ready = this.#sequence.offer(answer.messages);
    this.emit("messages", ready, { filled: true });
    return ready.length > 0;
  }

  /** What is missing cannot be had: the newest page is shown, and said so. */
  async #reload() {
    this.#early = [];
    try {
      const snapshot = await this.#connection.request("watch", { room: this.name });
      this.#rev = snapshot.rev ?? 0;
      this.people.replace(snapshot.people);
      this.#restart(snapshot, true);
      this.emit("people");
    } catch {
      // The connection or the server fails too: the next snapshot settles it.
    }
    this.#releaseEarly();
  }

  /** Loads messages before the first one. Returns whether there may be more. */
  async older() {
    const before = this.#first;
    if (before <= 1) return false;
    const answer = await this.#connection.request("older", { room: this.name, before });
    if (before !== this.#first) return true;
    const messages = answer.messages.filter((message) => message.seq < before);
    if (messages.length > 0) this.#first = messages[0].seq;
    const more = Boolean(answer.more) && messages.length > 0;
    this.emit("older", messages, more);
    return more;
  }

  /** The view let go of the messages before this one. */
  forgetBefore(seq) {
    this.#first = seq;
  }

  #presence({ person, rev }, kind) {
    if (rev !== undefined && rev <= this.#rev) return;
    this.#rev = rev ?? this.#rev;
    const changed = kind === "joined" ? this.people.add(person) : this.people.remove(person.id);
    this.emit("people");
    const returns = this.#expected.delete(person.id) && Date.now() < this.#expectedUntil;
    if (changed && !returns && person.id !== this.you?.id) this.emit(kind, person);
  }

  #crowd({ people, rev }) {
    if (rev !== undefined && rev <= this.#rev) return;
    this.#rev = rev ?? this.#rev;
    this.people.replace(people);
    const you = this.people.get(this.you?.id);
    if (you) this.you = you;
    this.emit("people");
  }

  /** Tells the others that one types. It is worth no retry. */
  tellTyping(on) {
    if (this.ready) this.#connection.request("typing", { room: this.name, on }).catch(() => {});
  }
}
