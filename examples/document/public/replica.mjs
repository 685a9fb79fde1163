// A change {at, del, ins} replaces del characters at at by the characters ins. A text is a list of characters, code points, so that
// no half of one is ever cut off.
export const characters = (text) => Array.from(text.toWellFormed());

export const apply = (text, { at, del, ins }) => [...text.slice(0, at), ...ins, ...text.slice(at + del)];

/** The change that makes after of before. */
export function diff(before, after) {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before[at] === after[at]) at++;
  let tail = 0;
  while (tail < most - at && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return { at, del: before.length - tail - at, ins: after.slice(at, after.length - tail) };
}

/**
 * Moves a change over another one of the same text, so that it can be made after it. What either inserts stays, what either deletes
 * goes. Of two insertions at one place that of the change that is first stands first. Both ways lead to one text:
 * apply(apply(text, a), over(b, a, false)) equals apply(apply(text, b), over(a, b, true)).
 */
export function over(change, other, first) {
  const otherEnd = other.at + other.del;
  const inserted = other.at + other.ins.length; // where the other's insertion ends
  const shift = other.ins.length - other.del;
  let at = change.at;
  if (at > other.at || (at === other.at && !first)) at = Math.max(at + shift, inserted);
  let end = change.at + change.del;
  if (end > other.at) end = end >= otherEnd ? end + shift : other.at;
  end = Math.max(at, end);
  const swallows = other.ins.length > 0 && at <= other.at && end >= inserted;
  return { ...change, at, del: end - at, ins: swallows ? [...change.ins, ...other.ins] : change.ins };
}

/** Two changes that follow each other as one, or nothing when they are in different places. */
function joined(a, b) {
  if (b.at >= a.at && b.at + b.del <= a.at + a.ins.length) return { ...a, ins: apply(a.ins, { ...b, at: b.at - a.at }) };
  if (!a.ins.length && !b.ins.length && b.at + b.del === a.at) return { ...a, at: b.at, del: a.del + b.del };
}

/**
 * A copy of the document: the server's text as far as it is known, and on top of it the user's changes that the server has not
 * confirmed. One of them is on its way at a time. When a change of somebody else comes first, all of ours are moved over it, and the
 * one on its way, which the server refuses, is sent again. Without a network they wait; afterwards what has been missed comes as if
 * it came just now. A change of ours that comes back is the confirmation, also if its acknowledgement was lost; after an absence so
 * long that the server has only its text for us, it is asked whether it had made the change. A server that was started again has
 * nothing: it gets the text from the first copy that comes back.
 */
export class Replica {
  #socket;
  #epoch = "";
  #base = []; // the server's text of that version
  #sending = false;
  #restoring; // the epoch of a server that has nothing and is being given #base
  #sent; // id of the last change that was sent: the server may have it, so that it may not be changed any more
  #made = 0;
  #author = Math.random().toString(36).slice(2);

  opened = false; // the server tells us of each change
  version = 0;
  pending = []; // our changes, in order
  text = []; // base with pending

  /** onChange(change) is told what others have done to the text, onState() that something else is different. */
  constructor(socket, { onChange = () => {}, onState = () => {}, onRefusal = () => {} } = {}) {
    this.#socket = socket;
    this.told = { onChange, onState, onRefusal };
    socket.on("connect", () => this.#open());
    socket.on("disconnect", () => {
      this.opened = this.#sending = false;
      this.#restoring = undefined;
      onState();
    });
    socket.on("change", (version, change) => {
      if (this.#restoring) this.#restored(version, change);
      else if (this.opened) this.#take(version, change);
    });
    if (socket.connected) this.#open();
  }

  /** The user has made another text of this one. */
  edit(text) {
    const change = { id: this.#newID(), ...diff(this.text, text) };
    this.text = text;
    const last = this.pending.at(-1);
    const both = last && last.id !== this.#sent && joined(last, change);
    if (both) this.pending[this.pending.length - 1] = both;
    else this.pending.push(change);
    this.#send();
  }

  #newID() {
    return `${this.#author}-${this.#made++}`;
  }

  // With a callback, not a promise: a promise is answered a moment later, and the next change may come before that.
  #open() {
    const sent = this.pending[0]?.id === this.#sent ? this.#sent : undefined;
    this.#socket.emit("open", this.#epoch, this.version, sent ?? "", ({ epoch, version, text, changes, made }) => {
      this.opened = true;
      if (version === 0 && this.#base.length) return this.#restore(epoch);
      this.#epoch = epoch;
      if (text === null) for (const change of changes) this.#take(this.version + 1, change);
      else {
        // We were away for too long: what has happened looks like one change. If ours is in it, it was made to our base.
        if (made) this.#base = apply(this.#base, this.pending.shift());
        this.#take(version, diff(this.#base, characters(text)));
      }
      this.#send();
    });
  }

  #restore(epoch) {
    this.#restoring = epoch;
    this.#sending = true;
    const all = { id: this.#newID(), at: 0, del: 0, ins: this.#base.join("") };
    this.#socket.emit("edit", 0, all, () => {
      this.#sending = false;
      this.#send();
    });
  }

  // The first change is all the text, ours or that of another copy that was faster. Only now the epoch is ours too: a copy that was cut
  // off before asks again.
  #restored(version, { ins }) {
    this.#epoch = this.#restoring;
    this.#restoring = undefined;
    this.#take(version, diff(this.#base, characters(ins)));
  }

  #take(version, change) {
    let theirs = { ...change, ins: typeof change.ins === "string" ? characters(change.ins) : change.ins };
    this.version = version;
    this.#base = apply(this.#base, theirs);
    if (theirs.id && theirs.id === this.pending[0]?.id) {
      this.pending.shift();
      return this.told.onState();
    }
    this.pending = this.pending.map((mine) => {
      const moved = over(mine, theirs, false);
      theirs = over(theirs, mine, true);
      return moved;
    });
    this.text = apply(this.text, theirs);
    this.told.onChange(theirs);
    this.told.onState();
  }

  #send() {
    this.told.onState();
    if (!this.opened || this.#sending || !this.pending.length) return;
    const [next] = this.pending;
    this.#sending = true;
    this.#sent = next.id;
    this.#socket.emit("edit", this.version, { ...next, ins: next.ins.join("") }, (answer) => {
      this.#sending = false;
      if (answer?.error) this.#giveUp(answer.error);
      this.#send();
    });
  }

  /** The server does not want our changes: its text counts. */
  #giveUp(why) {
    const change = diff(this.text, this.#base);
    this.pending = [];
    this.text = this.#base;
    this.told.onChange(change);
    this.told.onRefusal(why);
  }
}
