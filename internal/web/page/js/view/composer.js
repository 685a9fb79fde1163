// The box to write in: Enter sends, Shift+Enter makes a new line, the box grows
// with the text, the length is counted and never cut, and what is not sent yet
// is still there after a reload, for each room.

import { means } from "../feed-gate.js";
import { strings } from "../strings.js";
import { lengthOf, trimmed } from "../text.js";
import { $ } from "./dom.js";
import { quoteChip } from "./quote.js";

/** The counter appears when no more than this much is left. */
const COUNT_FROM = 200;
/** A warning stays at least this long, so that it can be read. */
const LEAST_SHOWN = 2500;
const LONG_WARNING = 6000;

export class Composer {
  #$form = $("#composer-form");
  #$box = $("#composer");
  #drafts;
  #send;
  #typed;
  #room = "";
  #max = 2000;
  #quote; // the post that is brought along with what is sent next
  #warning; // the timer of a warning that is shown

  /** send(text, quote) takes a good text, with a quote or not; typed(hasText) is called as it changes;
   *  drafts: the tab's storage. */
  constructor({ send, typed, drafts }) {
    this.#send = send;
    this.#typed = typed;
    this.#drafts = drafts;
    this.#$form.on("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#$box.on("input", () => this.#changed());
    const sends = ({ key, shiftKey, isComposing, keyCode }) => key === "Enter" && !shiftKey && !isComposing && keyCode !== 229;
    this.#$box.on("keydown", ({ originalEvent: event }) => {
      if (!sends(event)) return;
      event.preventDefault();
      if (!event.repeat) this.#submit();
    });
    // Some input devices send the character on its own: no empty line is left.
    this.#$box.on("keypress", ({ originalEvent: event }) => {
      if (sends(event)) event.preventDefault();
    });
  }

  /** Shows the box for a room, with what was written there before. `asked` is
   *  the name by which the room was opened: what was typed under it is kept. */
  open(room, title, max, asked = room) {
    this.#max = max;
    if (this.#room !== room) {
      const typed = this.#room === asked ? this.#$box.val() : "";
      const quote = this.#room === asked || this.#room === "" ? this.#quote : undefined;
      this.#drafts.set(this.#key(), this.#room === asked ? "" : this.#$box.val());
      this.#room = room;
      this.#$box.val(typed || (this.#drafts.get(this.#key()) ?? ""));
      this.#drafts.set(this.#key(), this.#$box.val());
      this.#setQuote(quote ?? this.#drafts.get(`quote.${room}`));
    }
    $("#composer-label").text(strings.composerLabel(title));
    this.#$box.attr("placeholder", strings.composerPlaceholder(title));
    this.#$form.attr("hidden", null);
    this.#look();
  }

  get isHidden() {
    return this.#$form.attr("hidden") !== undefined;
  }

  hide() {
    this.#$form.attr("hidden", "");
  }

  /** Puts a post above the text, to be sent with it. */
  quote(quote) {
    this.#setQuote(quote);
    this.focus();
  }

  #setQuote(quote) {
    this.#quote = quote;
    this.#drafts.set(`quote.${this.#room}`, quote);
    const drop = () => (this.#setQuote(undefined), this.focus());
    $("#composer-quote").empty().append(quote ? quoteChip(quote, drop) : []);
    this.#look();
  }

  /** A post, or all of an author's, is not to be quoted any more. */
  retract(ref) {
    if (!this.#quote || !means(ref, this.#quote)) return;
    this.#setQuote(undefined);
    this.warn(strings.quoteGone, LONG_WARNING);
  }

  /** Throws away what is written here. */
  clear() {
    this.#setQuote(undefined);
    this.#$box.val("");
    this.#changed();
  }

  focus() {
    this.#$box.trigger("focus");
  }

  /** Says something about sending for ms, whatever is typed meanwhile. */
  warn(text, ms) {
    clearTimeout(this.#warning);
    this.#say(text);
    this.#warning = setTimeout(() => {
      this.#warning = undefined;
      this.#say("");
    }, Math.max(ms, LEAST_SHOWN));
  }

  #say(problem) {
    const $problem = $("#composer-error");
    if ($problem.text() !== problem) $problem.text(problem);
  }

  /** Puts a text back that could not be sent, if nothing else is written. */
  restore(text, quote) {
    if (this.#$box.val() !== "") return false;
    this.#$box.val(text);
    if (quote) this.#setQuote(quote);
    this.#changed();
    return true;
  }

  #key() {
    return `draft.${this.#room}`;
  }

  #changed() {
    const text = this.#$box.val();
    this.#drafts.set(this.#key(), text);
    this.#typed(text.trim() !== "");
    this.#look();
  }

  #submit() {
    const text = trimmed(this.#$box.val());
    const quote = this.#quote;
    if (text.trim() === "" && !quote) return this.focus();
    const over = lengthOf(text) - this.#max;
    if (over > 0) {
      this.#say(strings.tooLong(over, this.#max));
      return this.focus();
    }
    this.#$box.val("");
    this.#drafts.set(this.#key(), "");
    this.#setQuote(undefined);
    this.focus();
    this.#send(text, quote);
  }

  /** Height, counter and colour follow the text. */
  #look() {
    const box = this.#$box[0];
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
    const text = trimmed(box.value);
    // Units are never fewer than characters: counting is needed near the end only.
    const left = text.length < this.#max - COUNT_FROM ? this.#max : this.#max - lengthOf(text);
    $("#counter").text(left <= COUNT_FROM ? strings.lengthLeft(left) : "");
    this.#$form.attr({ "data-over": left < 0 ? "" : null, "data-blank": text.trim() === "" && !this.#quote ? "" : null });
    if (left >= 0 && this.#warning === undefined) this.#say("");
  }
}
