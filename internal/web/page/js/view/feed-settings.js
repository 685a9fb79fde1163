// How somebody wants the live posts: how fast, read aloud or not, without whom;
// and, for who may, how many the whole room is shown.

import { authorName } from "../feed-filter.js";
import { forBrowser } from "../storage.js";
import { strings } from "../strings.js";
import { $, el } from "./dom.js";
import { isolate } from "./lines.js";
import { icon } from "./quote.js";

const ROOM_RATES = [0.2, 0.5, 1, 2, 5, 10];
/** A burst of more than this is not read aloud one by one. */
const LOUD = 2;

export class FeedSettings {
  #feed;
  #filter;
  #filtered;

  /** speed(speed) and filtered() are called when they changed. */
  constructor({ feed, filter, speed, filtered }) {
    this.#feed = feed;
    this.#filter = filter;
    this.#filtered = filtered;
    $("#feed-tune").on("click", () => this.#toggle());
    speedSelect(speed);
    $("#feed-aloud-on")
      .prop("checked", forBrowser.get("feed.aloud") === true)
      .on("change", ({ target }) => forBrowser.set("feed.aloud", target.checked || undefined));
    $("#feed-room-rate").on("change", ({ target }) => feed.change({ rate: Number(target.value) }).catch(() => this.show()));
  }

  #toggle() {
    const open = $("#feed-settings").attr("hidden") !== undefined;
    $("#feed-settings").attr("hidden", open ? null : "");
    $("#feed-tune").attr("aria-expanded", String(open));
    if (open) this.show();
  }

  show() {
    const { may, rate, muted } = this.#feed;
    const rates = [...new Set([...ROOM_RATES, rate])].filter((n) => n > 0).sort((a, b) => a - b);
    $("#feed-room-rate")
      .empty()
      .append(rates.map((n) => el("option", { value: n }, strings.feedRoomRates(n))))
      .val(String(rate));
    $("#feed-room-rate-row").attr("hidden", may ? null : "");
    chips("#feed-muted", this.#filter.muted, (key) => {
      this.#filter.unmute(key);
      this.show();
      this.#filtered();
    });
    const shared = muted.map((key) => ({ key, name: this.#filter.nameOf(key) }));
    chips("#feed-muted-room", shared, may && ((key) => this.#unmuteForAll(key)));
  }

  async #unmuteForAll(key) {
    try {
      await this.#feed.change({ muted: this.#feed.muted.filter((each) => each !== key) });
    } catch {
      this.show(); // as it is
    }
  }

  /** Reads posts aloud that have just been shown, if that is wanted. */
  aloud(posts) {
    if (!$("#feed-aloud-on").prop("checked")) return;
    const text = posts.length > LOUD ? strings.postsAloud(posts.length) : posts.map(({ author, text, warning }) => strings.postAloud(authorName(author), warning || text)).join("\n");
    $("#feed-aloud").append(el("p", {}, text)).children().slice(0, -5).remove();
  }
}

function speedSelect(changed) {
  const kept = forBrowser.get("feed.speed");
  const values = strings.feedSpeeds.map(([kind, seconds]) => `${kind} ${seconds}`);
  const apply = (value) => {
    const [kind, seconds] = value.split(" ");
    changed({ kind, seconds: Number(seconds) });
  };
  $("#feed-speed")
    .append(strings.feedSpeeds.map(([, , text], i) => el("option", { value: values[i] }, text)))
    .val(values.includes(kept) ? kept : values[0])
    .on("change", ({ target }) => {
      forBrowser.set("feed.speed", target.value);
      apply(target.value);
    });
  apply($("#feed-speed").val());
}

function chips(selector, entries, remove) {
  $(selector)
    .attr("hidden", entries.length > 0 ? null : "")
    .find("ul")
    .empty()
    .append(
      entries.map(({ key, name }) =>
        el(
          "li.chip",
          { "data-testid": "feed-muted-author", "data-author": key },
          el("bdi", {}, name),
          remove && el("button", { type: "button", "aria-label": strings.unmute(isolate(name)) }, icon("close")).on("click", () => remove(key)),
        ),
      ),
    );
}
