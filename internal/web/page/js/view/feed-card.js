// Makes the card of one post. What came from outside is text and nothing else,
// links are https only, and nothing is loaded from elsewhere before somebody
// asks for it with a click.

import { authorName } from "../feed-filter.js";
import { linkify } from "../linkify.js";
import { cutAtHits } from "../phrase.js";
import { strings } from "../strings.js";
import { clockTime, exactTime, machineTime } from "../time.js";
import { el } from "./dom.js";
import { AWAY, icon, isHttps } from "./quote.js";

/** A text of more lines than this, as wide as a narrow panel has them, is shown in
 *  as many as 6-posts.css says, until somebody wants all of it. */
const MOST_LINES = 9;
const LINE = 44;

/** post → the card. title(source) is what people call a source; phrases are
 *  marked; act(name, post) is called by its buttons. */
export function postCard(post, { title, phrases, act, edited = false }) {
  const name = authorName(post.author);
  const source = title(post.source);
  const $body = el("div.post-body");
  const $card = el(
    "article.post",
    { tabindex: "-1", "aria-label": strings.postBy(name, source), "data-testid": "post", "data-source": post.source, "data-id": post.id },
    head(post, name),
    $body,
    foot(post, { source, edited, act }),
  );
  fillBody($body, post, phrases);
  $card.find("a, button").attr("tabindex", "-1"); // reached from the card, see feed-list.js
  return $card;
}

function head({ author = {}, created_at, url }, name) {
  const at = Date.parse(created_at) || Date.now();
  const $time = el("time", { datetime: machineTime(at), title: exactTime(at) }, clockTime(at));
  return el(
    "header.post-head",
    {},
    el("bdi.post-author", { "data-testid": "post-author" }, name),
    author.bot && el("span.post-bot", {}, strings.postBot),
    author.handle && author.handle !== name && el("bdi.post-handle", {}, `@${author.handle}`),
    isHttps(url) ? el("a.post-time", { href: url, ...AWAY }, $time) : el("span.post-time", {}, $time),
  );
}

function foot(post, { source, edited, act }) {
  const $acts = el("div.post-acts", { hidden: true, role: "group", "aria-label": strings.postActs });
  const $more = el("button.post-button", { type: "button", "aria-expanded": "false", "aria-label": strings.postMore, title: strings.postMore, "data-testid": "post-more" }, icon("more"));
  $more.on("click", () => {
    const open = $acts.attr("hidden") === undefined;
    $more.attr("aria-expanded", String(!open));
    $acts.attr("hidden", open ? "" : null);
    if (!open && $acts.children().length === 0) act("acts", post, $acts);
  });
  return el(
    "footer.post-foot",
    {},
    el("span.post-source", {}, source, edited && ` · ${strings.postEdited}`),
    el("button.post-button", { type: "button", "data-testid": "post-quote" }, icon("quote"), el("span", {}, strings.postQuote)).on("click", () => act("quote", post)),
    $more,
    $acts,
  );
}

/** One of the buttons behind "More". */
export const actButton = (testid, text, run) =>
  el("button.button.small", { type: "button", "data-testid": testid }, text).on("click", run);

function fillBody($body, post, phrases) {
  const folded = Boolean(post.warning) || post.sensitive;
  if (!folded) return void $body.append(content(post, phrases));
  const $show = el("button.button.small", { type: "button", "data-testid": "post-show" }, strings.postShow);
  const $fold = el("div.post-fold", {}, el("p", { dir: "auto" }, ...marked(post.warning || strings.postSensitive, phrases)), $show);
  $show.on("click", () => {
    $show.remove();
    $body.append(content(post, phrases));
    $body.closest(".post").trigger("focus");
  });
  $body.append($fold);
}

function content(post, phrases) {
  const { text = "", langs = [], tags = [], media = [] } = post;
  const lang = /^[a-z]{2,3}(-[a-z0-9]+)*$/i.test(langs[0] ?? "") ? langs[0] : undefined;
  const $text = el("p.post-text", { dir: "auto", lang, "data-testid": "post-text" });
  $text.append(...linked(text, phrases));
  const lower = text.toLowerCase();
  const unseen = tags.filter((tag) => !lower.includes(`#${tag.toLowerCase()}`));
  return [
    text && $text,
    linesOf(text) > MOST_LINES && clamp($text),
    unseen.length > 0 && el("p.post-tags", { dir: "auto" }, ...marked(unseen.map((tag) => `#${tag}`).join(" "), phrases)),
    ...media.filter(({ url }) => isHttps(url)).map((one) => mediaLine(one)),
  ].filter(Boolean);
}

/** About how many lines a text takes; a character of the Far East has two places. */
function linesOf(text) {
  const places = (line) => [...line].reduce((sum, c) => sum + (c >= "\u1100" ? 2 : 1), 0);
  return text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(places(line) / LINE)), 0);
}

/** All of the text is there, but a few lines are seen. */
function clamp($text) {
  const $all = el("button.post-all", { type: "button", "data-testid": "post-all" }, strings.postMore);
  $all.on("click", () => {
    $text.attr("data-clamped", null).closest(".post").trigger("focus");
    $all.remove();
  });
  $text.attr("data-clamped", "");
  return $all;
}

/** The text with its https links, and marks in both. */
function linked(text, phrases) {
  return linkify(text).flatMap(({ text: part, href }) =>
    isHttps(href) ? el("a", { href, ...AWAY }, ...marked(part, phrases)) : marked(part, phrases),
  );
}

function marked(text, phrases) {
  return cutAtHits(text, phrases).map((part) => (part.hit ? el("mark", {}, part.text) : document.createTextNode(part.text)));
}

/** A picture is loaded on a click; films and sounds are opened where they are. */
function mediaLine({ kind, url, preview, alt = "" }) {
  const { host } = new URL(url);
  const word = strings.postMedia[kind] ?? strings.postMedia.link;
  const $line = el("div.post-media", { "data-testid": "post-media" }, el("p", { dir: "auto" }, el("strong", {}, word), alt && ` ${alt}`));
  if (kind !== "image") return $line.append(el("a.button.small", { href: url, ...AWAY }, strings.postOpen(host)));
  const $load = el("button.button.small", { type: "button", "data-testid": "post-load" }, strings.postLoad(host));
  $load.on("click", () => {
    const $image = el("img", { alt, referrerpolicy: "no-referrer", decoding: "async", src: isHttps(preview) ? preview : url });
    $image.on("error", () => $image.replaceWith(el("p.problem", {}, strings.postMediaFailed, " ", el("a", { href: url, ...AWAY }, strings.postOpen(host)))));
    $load.replaceWith($image);
    $line.closest(".post").trigger("focus");
  });
  return $line.append($load);
}
