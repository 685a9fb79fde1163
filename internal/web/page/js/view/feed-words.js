// The words of the room as chips, one's own filter beside them, and the form to
// add to either. Who may change the room's words is always said.

import { lengthOf } from "../text.js";
import { parsePhrase } from "../phrase.js";
import { strings } from "../strings.js";
import { perSecond } from "../feed-rate.js";
import { $, el } from "./dom.js";
import { isolate } from "./lines.js";
import { icon } from "./quote.js";

const names = new Intl.DisplayNames([strings.language], { type: "language", fallback: "code" });
/** Offered by name; any other is written lang:xx. */
const LANGUAGES = "ar bn cs da de el en es fa fi fr he hi hu id it ja ko ms nb nl pl pt ro ru sv th tr uk vi zh".split(" ");
/** So many chips are shown; the rest is behind one that says how many. */
const FEW = 8;
/** A word is measured when its typing pauses. */
const MEASURE_AFTER = 350;

export class FeedWords {
  #feed;
  #filter;
  #filtered;
  #isLobby = () => false;
  #measuring;
  #asked = 0;
  #could = false; // change the room's words, when it was shown last
  #all = false; // all chips are shown

  /** filtered() is called when the own filter changed; isLobby(), isInside() tell
   *  of the room that is shown. */
  constructor({ feed, filter, filtered, isLobby, isInside }) {
    this.#feed = feed;
    this.#filter = filter;
    this.#filtered = filtered;
    this.#isLobby = isLobby;
    this.isInside = isInside;
    const byName = LANGUAGES.map((code) => [code, names.of(code)]).sort((a, b) => a[1].localeCompare(b[1]));
    $("#feed-language").append(el("option", { value: "" }, strings.feedAnyLanguage), ...byName.map(([code, name]) => el("option", { value: code }, name)));
    $("#feed-add").on("click", () => this.toggle());
    $("#feed-word-form").on("submit", (event) => {
      event.preventDefault();
      this.#submit($("#feed-word").val());
    });
    $("#feed-word").on("input", () => this.#typed());
    $("#feed-word-form input[type=radio]").on("change", () => this.#typed());
    $("#feed-language").on("change", ({ target }) => {
      if (target.value) this.#submit(`lang:${target.value}`);
      target.value = "";
    });
  }

  get #isOpen() {
    return $("#feed-word-form").attr("hidden") === undefined;
  }

  toggle(open = !this.#isOpen) {
    $("#feed-word-form").attr("hidden", open ? null : "");
    $("#feed-add").attr("aria-expanded", String(open));
    if (open) $("#feed-word").trigger("focus");
    this.#say("");
  }

  /** Esc in the form closes it. */
  cancel() {
    if (!this.#isOpen || !$(document.activeElement).closest("#feed-word-form").length) return false;
    this.toggle(false);
    $("#feed-add").trigger("focus");
    return true;
  }

  /** "Hide posts with…": the form, for oneself, with the beginning written. */
  hideWith(text) {
    this.toggle(true);
    $("#feed-for-me").prop("checked", true);
    $("#feed-word").val(`-${text}`).trigger("focus");
    const field = $("#feed-word")[0];
    field.setSelectionRange(1, field.value.length);
  }

  show() {
    const { may, words, langs } = this.#feed;
    this.#showShared([...words, ...langs.map((lang) => `lang:${lang}`)], may);
    const own = this.#filter.words;
    fillChips($("#feed-own-chips"), own, (word) => {
      this.#filter.remove(word);
      this.#filtered();
    });
    $("#feed-own").attr("hidden", own.length > 0 ? null : "");
    $("#feed-may").text(strings.feedMay[this.#whoMay()]);
    $("#feed-scope").attr("hidden", may ? null : "");
    if (may !== this.#could) $(may ? "#feed-for-all" : "#feed-for-me").prop("checked", true);
    this.#could = may;
  }

  #showShared(words, may) {
    const few = this.#all || words.length <= FEW + 1 ? words : words.slice(0, FEW);
    fillChips($("#feed-chips"), few, may && ((word) => this.#forget(word)));
    if (few === words) return;
    const $more = el("button.feed-rest", { type: "button" }, strings.feedMoreWords(words.length - few.length));
    $("#feed-chips").append(el("li", {}, $more));
    $more.on("click", () => {
      this.#all = true;
      this.#showShared(words, may);
      $("#feed-add").trigger("focus");
    });
  }

  #whoMay() {
    const { may } = this.#feed;
    if (this.#isLobby()) return may ? "lobby" : this.isInside() ? "fixed" : "enter";
    return may ? "yes" : "no";
  }

  #typed() {
    clearTimeout(this.#measuring);
    const asked = ++this.#asked;
    const phrase = parsePhrase($("#feed-word").val());
    this.#say("");
    if (!phrase || phrase.exclude || phrase.lang || lengthOf(phrase.written) < 2) return;
    this.#measuring = setTimeout(async () => {
      try {
        const n = await this.#feed.measure(phrase.written);
        if (asked === this.#asked) this.#say(n > 0 ? strings.feedMeasured(perSecond(n)) : strings.feedMeasuredNone);
      } catch {
        // It may be added without being measured.
      }
    }, MEASURE_AFTER);
  }

  async #submit(typed) {
    const phrase = parsePhrase(typed);
    if (!phrase) return $("#feed-word").trigger("focus");
    const { phrase: most } = this.#feed.limits;
    if (new TextEncoder().encode(phrase.written).length > most) return this.#say(strings.feedTooLong(most), true);
    this.#asked++;
    clearTimeout(this.#measuring);
    if ($("#feed-for-me").prop("checked")) {
      this.#filter.add(phrase.written);
      this.#filtered();
    } else if (!(await this.#change(this.#with(phrase)))) return;
    this.#say("");
    $("#feed-word").val("").trigger("focus");
  }

  #with({ written, lang }) {
    const { words, langs } = this.#feed;
    return lang ? { langs: [...new Set([...langs, lang])] } : { words: [...new Set([...words, written])] };
  }

  #forget(word) {
    const { words, langs } = this.#feed;
    const lang = /^lang:(.+)$/.exec(word)?.[1];
    return this.#change(lang ? { langs: langs.filter((each) => each !== lang) } : { words: words.filter((each) => each !== word) });
  }

  /** Returns whether the server took it. */
  async #change(wish) {
    try {
      await this.#feed.change(wish);
      return true;
    } catch (error) {
      const known = { offline: strings.feedOffline, too_many_phrases: strings.feedTooMany(this.#feed.limits.words) };
      this.toggle(true);
      this.#say(error.message || known[error.code] || strings.feedFailed, true);
      return false;
    }
  }

  #say(text, bad = false) {
    $("#feed-word-note").text(text).toggleClass("problem", bad);
    $("#feed-word").attr("aria-invalid", bad ? "true" : null);
  }
}

/** Writes the chips anew; the focus goes to the chip beside one that is gone. */
function fillChips($list, words, remove) {
  const $all = $list.find("button");
  const at = $all.toArray().indexOf(document.activeElement);
  $list.empty().append(words.map((word) => chip(word, remove)));
  if (at >= 0) ($list.find("button")[Math.min(at, words.length - 1)] ?? $("#feed-add")[0]).focus();
}

function chip(word, remove) {
  const { exclude, lang } = parsePhrase(word) ?? {};
  const shown = lang ? strings.feedIn(names.of(lang)) : word;
  const said = exclude ? strings.feedNot(word.slice(1)) : shown;
  return el(
    "li.chip",
    { "data-testid": "feed-chip", "data-word": word, "data-kind": exclude ? "not" : lang ? "lang" : "word" },
    exclude && el("span.vh", {}, strings.feedNot("")),
    exclude && el("span", { "aria-hidden": "true" }, "−"),
    el("bdi", {}, exclude ? word.slice(1) : shown),
    remove &&
      el("button", { type: "button", "aria-label": strings.feedRemove(isolate(said)), "data-testid": "feed-chip-remove" }, icon("close")).on("click", () => remove(word)),
  );
}
