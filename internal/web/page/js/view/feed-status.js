// What stands above the posts: how many of how many are shown and why not all,
// and how each source does.

import { History, perSecond, rateOf, sourceOf, EVERY } from "../feed-rate.js";
import { formatNumber, strings } from "../strings.js";
import { exactTime } from "../time.js";
import { $, el } from "./dom.js";
import { FeedChart } from "./feed-chart.js";

export class FeedStatus {
  #feed;
  #own;
  #history = new History();
  #chart = new FeedChart();
  #ticking;
  #sampling;

  /** own() → {own, speed}: how many the reader's own choices left out. */
  constructor({ feed, own }) {
    this.#feed = feed;
    this.#own = own;
    $("#feed-details").on("click", () => this.#toggleDetails());
    feed.on("meta", () => this.#showRate());
    feed.on("sources", () => {
      this.#showSources();
      this.#showReasons();
    });
    // A page that is not seen needs no seconds.
    document.addEventListener("visibilitychange", () => !document.hidden && this.#ticking && this.#showSources());
  }

  /** Begins with a room; the numbers of another one are not its own. */
  open() {
    this.#history.clear();
    this.#chart.open(this.#history);
    this.#showRate();
    this.close();
    this.#ticking = setInterval(() => document.hidden || this.#showSources(), 1000);
    // The server is silent while its numbers stay the same; the chart goes on.
    this.#sampling = setInterval(() => this.#sample(), EVERY * 1000);
    this.#sample();
  }

  close() {
    clearInterval(this.#ticking);
    clearInterval(this.#sampling);
    this.#ticking = undefined;
  }

  #sample() {
    if (this.#feed.phase !== "on" || !this.#feed.meta) return;
    this.#history.add(this.#feed.meta);
    this.#chart.draw(this.#history);
  }

  titleOf(name) {
    const status = this.#feed.sources.find((source) => source.name === name);
    return status ? sourceOf(status).title : (strings.feedSourceElse[name] ?? name);
  }

  #toggleDetails() {
    const open = $("#feed-reasons").attr("hidden") !== undefined;
    $("#feed-reasons").attr("hidden", open ? null : "");
    $("#feed-details").attr("aria-expanded", String(open));
    this.#showReasons();
  }

  #showRate() {
    const { seen, matched, shown } = rateOf(this.#feed.meta);
    let text = this.#feed.meta ? strings.feedRateNothing : strings.feedRateUnknown;
    if (matched > 0 && perSecond(shown) === perSecond(matched)) text = strings.feedRateAll(perSecond(shown));
    else if (matched > 0) text = strings.feedRate(perSecond(shown), perSecond(matched));
    else if (seen > 0) text = strings.feedRateNone(perSecond(seen));
    if ($("#feed-rate").text() !== text) $("#feed-rate").text(text);
    this.#showReasons();
  }

  /** received = shown + what was left out, by reason. */
  #showReasons() {
    if ($("#feed-reasons").attr("hidden") !== undefined) return;
    const { seen, matched, shown, skipped, busiest } = rateOf(this.#feed.meta, this.#feed.sources);
    const figure = (name, n, more) => [el("dt", {}, strings.feedFigures[name]), el("dd", {}, strings.feedPerSecond(perSecond(n)), more && ` · ${more}`)];
    const own = Object.entries(this.#own()).filter(([, n]) => n > 0);
    const why = [...skipped, ...own].map(([reason, n]) => el("li", {}, (strings.feedSkipped[reason] ?? ((m) => `${m} ${reason}`))(formatNumber(n))));
    $("#feed-reasons")
      .empty()
      .append(
        ...figure("seen", seen),
        ...figure("matched", matched, busiest && strings.feedMostly(busiest)),
        ...figure("shown", shown),
        ...this.#lags(),
        ...(why.length > 0 ? [el("dt", {}, strings.feedLeftOut), el("dd", {}, el("ul", {}, ...why))] : []),
      );
  }

  /** How old posts are when they come, of each source that is known to be late. */
  #lags() {
    const late = this.#feed.sources.map((status) => sourceOf(status)).filter(({ lag }) => lag > 0);
    if (late.length === 0) return [];
    const each = late.map(({ name, title, lag }) => el("li", { "data-testid": "feed-lag", "data-source": name }, strings.feedLagOf(title, lag)));
    return [el("dt", {}, strings.feedLag), el("dd", {}, el("ul", {}, ...each))];
  }

  #showSources() {
    const $items = this.#feed.sources.map((status) => sourceItem(sourceOf(status, this.#feed.heard.get(status.name))));
    const $list = $("#feed-sources");
    // Only what is another is written, so that a selection stays.
    const same = $list.children().length === $items.length && $items.every(($item, i) => $item[0].isEqualNode($list.children()[i]));
    if (!same) $list.empty().append($items);
  }
}

function sourceItem({ name, title, phase, reason, until, last }) {
  return el(
    "li.source",
    { "data-testid": "feed-source", "data-source": name, "data-phase": phase },
    el("span.spot"),
    el("strong", {}, title),
    " ",
    el("span", last ? { title: exactTime(last) } : {}, stateText({ phase, reason, until, last })),
  );
}

function stateText({ phase, reason, until, last }) {
  const ago = (ms) => Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (phase === "waiting") return until ? strings.feedNext(reason, Math.max(0, Math.ceil((until - Date.now()) / 1000))) : reason;
  if (phase === "failed" || phase === "off") return reason || strings.feedSource[phase];
  if (phase !== "live") return strings.feedSource[phase] ?? phase;
  const text = last ? strings.feedLast(strings.feedAgo(ago(last))) : strings.feedSource.live;
  return reason ? `${text} · ${reason}` : text; // what a source that charges has cost, say
}
