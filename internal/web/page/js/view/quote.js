// A public post that somebody brought into the chat: in a message, and as the
// thing to be sent next above the composer. Never to be taken for a member's words.

import { authorName } from "../feed-filter.js";
import { means } from "../feed-gate.js";
import { strings } from "../strings.js";
import { clockTime, exactTime, machineTime } from "../time.js";
import { $, el } from "./dom.js";

/** Links of posts lead away from here, and tell nobody from where. */
export const AWAY = { target: "_blank", rel: "nofollow noopener noreferrer" };

export const isHttps = (url) => typeof url === "string" && /^https:\/\/[^\s/]/i.test(url);

/** What is kept of a shown post to quote it: as the server does, of one whose copies
 *  have to be gone some day no more than where it stands. */
export function quoteOf(post) {
  const { source, id, author, warning, sensitive, text, url, created_at, expires } = post;
  if (expires) return { source, id, url };
  return { source, id, author_id: author?.id, author: authorName(author), handle: author?.handle, warning, sensitive, text, url, at: Date.parse(created_at) || Date.now() };
}

/** What stands before a quote's text, which is left for a click then; undefined: nothing. */
const foldOf = ({ warning, sensitive }) => warning || (sensitive ? strings.postSensitive : undefined);

const titleOf = ({ source }) => strings.quoteSource[source] ?? source;

/** Whether there is no more of a quote than where its post stands. */
const isLinkOnly = ({ removed, author, author_id, text }) => !removed && !author && !author_id && !text;

/** A message's quote: {source, id, author, handle, warning, sensitive, text, url, at},
 *  {source, id, url} of what must not be stored, or {source, id, removed}. */
export function quoteBlock(quote) {
  const $block = el("blockquote.quote", {
    "data-testid": "message-quote",
    "data-source": quote.source,
    "data-post": quote.id,
    "data-author": quote.author_id,
  });
  if (quote.removed) return removeFrom($block);
  if (isLinkOnly(quote)) return linkOnly($block, quote);
  const $time = el("time", { datetime: machineTime(quote.at), title: exactTime(quote.at) }, clockTime(quote.at));
  return $block.append(
    el(
      "p.quote-who",
      {},
      el("bdi", {}, authorName({ name: quote.author, handle: quote.handle, id: quote.author_id })),
      quote.handle && quote.handle !== quote.author && el("bdi.quote-handle", {}, `@${quote.handle}`),
      el("span.quote-source", {}, titleOf(quote)),
      isHttps(quote.url) ? el("a", { href: quote.url, ...AWAY }, $time) : $time,
    ),
    ...quotedText(quote),
  );
}

function quotedText(quote) {
  const $text = el("p.quote-text", { dir: "auto" }, quote.text ?? "");
  const fold = foldOf(quote);
  if (!fold) return [$text];
  const $show = el("button.button.small", { type: "button", "data-testid": "quote-show" }, strings.postShow);
  const $fold = el("div.post-fold", {}, el("p", { dir: "auto" }, fold), $show);
  $show.on("click", () => {
    $fold.after($text.attr("tabindex", "-1"));
    $show.remove();
    $text.trigger("focus");
  });
  return [$fold];
}

function linkOnly($block, quote) {
  const text = strings.quoteLink(titleOf(quote));
  return $block.attr("data-link-only", "").append(el("p.quote-text", {}, isHttps(quote.url) ? el("a", { href: quote.url, ...AWAY }, text) : text));
}

function removeFrom($block) {
  return $block
    .empty()
    .attr({ "data-removed": "", "data-author": null, "data-link-only": null })
    .append(el("p.quote-text", {}, strings.postGone));
}

/** A post, or all of an author's, must not be seen any more: in no message. */
export function retractQuotes(ref) {
  $(".quote").each((_, block) => {
    const { source, post, author } = block.dataset;
    if (means(ref, { source, id: post, author_id: author })) removeFrom($(block));
  });
}

/** What the composer is to quote; drop() takes it away. */
export function quoteChip(quote, drop) {
  const who = isLinkOnly(quote) ? strings.quoteLink(titleOf(quote)) : strings.quoting(quote.author);
  return el(
    "div.quote-chip",
    { "data-testid": "quote-chip" },
    el("p", {}, el("strong", {}, who), " ", el("span", { dir: "auto" }, foldOf(quote) ?? quote.text ?? "")),
    el("button.icon-button", { type: "button", "aria-label": strings.quoteDrop, "data-testid": "quote-drop" }, icon("close")).on("click", drop),
  );
}

/** One of the signs that stand in index.html. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return $(svg);
}
