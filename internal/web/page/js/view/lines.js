// Makes the lines of the log: messages, days, who came and went.

import { nickColours } from "../colour.js";
import { linkify } from "../linkify.js";
import { formatNumber, strings } from "../strings.js";
import { clockTime, dayName, exactTime, machineTime } from "../time.js";
import { el } from "./dom.js";
import { quoteBlock } from "./quote.js";

const colours = new Map();

/** Gives an element the colour of a person; the theme chooses between the two. */
export function paint($element, personId) {
  let pair = colours.get(personId);
  if (!pair) colours.set(personId, (pair = nickColours(personId)));
  $element[0].style.setProperty("--nick", `light-dark(${pair.light}, ${pair.dark})`);
  return $element;
}

function textOf(text) {
  const parts = linkify(text).map((part) =>
    part.href
      ? el("a", { href: part.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, part.text)
      : document.createTextNode(part.text),
  );
  return el("p.text", { dir: "auto", "data-testid": "message-text" }, ...parts);
}

/** One message: {id, person, nick, text, at}, perhaps with a quote, with seq when it is stored, or
 *  with the state of an outbox item. */
export function messageLine(message, { own }) {
  const $when = el("div.when");
  const $line = el(
    "li.line.message",
    { tabindex: "-1", "data-testid": "message", "data-id": message.id },
    $when,
    el("span.spot"),
    el("div.said", {}, whoLine(message, own), message.quote && quoteBlock(message.quote), textOf(message.text)),
  );
  if (own) $line.addClass("own");
  paint($line, message.person);
  if (message.seq !== undefined) markStored($line, message);
  return $line;
}

function whoLine(message, own) {
  return el(
    "div.who",
    { "data-testid": "message-nick" },
    el("bdi", {}, message.nick),
    own && el("small", {}, strings.you),
  );
}

function timeElement(at) {
  return el("time", { datetime: machineTime(at), title: exactTime(at), "data-testid": "message-time" }, clockTime(at));
}

/** The message has its number and its time. */
export function markStored($line, { seq, at }) {
  $line.attr({ "data-seq": seq, "data-state": "sent", "data-exact": exactTime(at) });
  setWhen($line, timeElement(at));
  $line.find(".who time").remove();
  $line.find(".who").append(el("time", { datetime: machineTime(at), title: exactTime(at) }, clockTime(at)));
}

function setWhen($line, content) {
  $line.children(".when").empty().append(content);
}

/** Shows an outbox item's state on its line. act(name) is called by its buttons. */
export function markFate($line, item, act) {
  $line.attr("data-state", item.state);
  $line.find(".fate, .waiting").remove();
  if (item.state === "sent") return markSent($line, item);
  setWhen($line, document.createTextNode(strings[item.state]));
  const $said = $line.find(".said");
  if (item.state === "queued") $said.append(el("p.waiting", {}, strings.queuedLong));
  if (item.state === "failed") $said.append(fateOf(item, act));
}

function markSent($line, item) {
  setWhen($line, timeElement(item.at));
  if (item.seq !== undefined) $line.attr("data-seq", item.seq);
}

function fateOf(item, act) {
  const why = item.error?.message ? `${strings.failed}. ${item.error.message}` : `${strings.failed}.`;
  return el(
    "div.fate",
    {},
    el("span", {}, why),
    el("button.button.small", { type: "button", "data-testid": "message-retry" }, strings.retry).on("click", () => act("retry")),
    el("button.button.small", { type: "button", "data-testid": "message-discard" }, strings.discard).on("click", () => act("discard")),
  );
}

/** First of its group: the name is shown. Otherwise it is for screen readers. */
export function setFirst($line, first) {
  $line.toggleClass("first", first);
  $line.find(".who").toggleClass("vh", !first);
}

export function dayLine(at) {
  return el("li.line.day", { "data-testid": "day" }, el("span.spot"), el("p", {}, el("time", { datetime: machineTime(at) }, dayName(at))));
}

/** "Today" is written only as long as it is true. */
export function refreshDay(time) {
  const name = dayName(Date.parse(time.dateTime));
  if (time.textContent !== name) time.textContent = name;
}

export function unreadLine() {
  return el("li.line.unread", { "data-testid": "unread-line" }, el("span.spot"), el("p", {}, strings.newLine));
}

export function noticeLine(text, testid) {
  return el("li.line.notice-line", { "data-testid": testid }, el("p", {}, text));
}

/** A line of who came and went; `fill` writes it anew when more did. */
export function presenceLine() {
  return el("li.line.presence", { "data-testid": "presence" }, el("span.spot"), el("p"));
}

const NAMES_SHOWN = 4;

/** moves: Map of person id → {nick, kind: "joined" | "left"}. */
export function fillPresence($line, moves) {
  const told = ["joined", "left"].map((kind) => {
    const names = [...moves.values()].filter((move) => move.kind === kind).map((move) => isolate(move.nick));
    if (names.length === 0) return "";
    return names.length > NAMES_SHOWN ? strings[`${kind}Many`](names.length) : strings[kind](names);
  });
  $line.find("p").text(told.filter(Boolean).join(" · "));
}

/** A name within a sentence, isolated so that its direction stays its own:
 *  what <bdi> is for elements. */
export const isolate = (name) => `\u2068${name}\u2069`;

export const countText = (n) => formatNumber(n);
