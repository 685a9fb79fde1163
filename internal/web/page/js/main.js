// Where everything is put together. What lives as long as the page does is made
// here; what belongs to one room is a Visit.

import { Connection } from "./connection.js";
import { Feed } from "./feed.js";
import { Identity, randomText } from "./identity.js";
import { Outbox } from "./outbox.js";
import { forTab } from "./storage.js";
import { strings } from "./strings.js";
import { pathOf, roomName, roomOf } from "./text.js";
import { Composer } from "./view/composer.js";
import { $, isTyping } from "./view/dom.js";
import { announceSwitch, fillWords, Help, Notices, shareButton, themeSwitch } from "./view/extras.js";
import { FeedPanel } from "./view/feed-panel.js";
import { JoinForm } from "./view/join.js";
import { RoomList } from "./view/lists.js";
import { LogView } from "./view/log.js";
import { Panels } from "./view/panels.js";
import { retractQuotes } from "./view/quote.js";
import { Scroller } from "./view/scroller.js";
import { alarm, say, StatusLine } from "./view/status.js";
import { Unread } from "./view/unread.js";
import { Visit } from "./visit.js";

/** How long joining waits for a connection that is being made. */
const JOIN_PATIENCE = 5000;

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;

fillWords();
themeSwitch();
announceSwitch();

const connection = new Connection(globalThis.io, meta("socket-path"));
const identity = new Identity();
const outbox = new Outbox({ storage: forTab, makeId: () => randomText(12) });
const unread = new Unread();
const rooms = new RoomList();
const notices = new Notices();
const panels = new Panels();
const help = new Help();
const status = new StatusLine(() => connection.retryNow());

let visit;

const scroller = new Scroller($("#scroller")[0], $("#log")[0], () => visit?.looked());
const log = new LogView({
  scroller,
  you: () => visit.room.you ?? { id: "", nick: identity.nick },
  act: (name, item) => (name === "retry" ? outbox.retry(item.id) : outbox.discard(item.id)),
  trimmed: (seq) => visit.trimmed(seq),
  announce: (n) => say(strings.arrived(n)),
});
const composer = new Composer({
  drafts: forTab,
  send: (text, quote) => visit.say(text, quote),
  typed: (hasText) => visit.typed(hasText),
});
const join = new JoinForm({
  enter: async (nick) => {
    await connection.whenUp(JOIN_PATIENCE);
    await visit.room.enter(nick);
  },
  renew: () => visit.becomeSomeoneElse(),
  close: () => visit.named(),
});
const live = new FeedPanel({ feed: new Feed(connection), panels, quote: (quote) => visit.quote(quote) });
const app = { connection, identity, outbox, log, scroller, composer, join, unread, rooms, panels, live };

/** Goes to a room, leaving the one before. */
function go(name, { push = true } = {}) {
  if (visit && visit.room.name === name) return;
  visit?.close();
  if (push) history.pushState(null, "", pathOf(name));
  visit = new Visit(app, name);
  visit.open();
}

// The connection.

connection.on("state", (state) => status.show(state));
connection.on("down", () => visit.lost());
connection.on("server:post_gone", (ref) => {
  retractQuotes(ref);
  composer.retract(ref);
});
connection.on("server:rooms", (payload) => rooms.replace(payload.rooms));
connection.on("up", async ({ again }) => {
  if (again) checkBuild();
  try {
    rooms.replace((await connection.request("rooms", {})).rooms);
  } catch {
    // The list is a convenience; the next connection asks again.
  }
});

/** After a reconnect the server may have a newer page: offered, never forced. */
async function checkBuild() {
  try {
    const answer = await fetch("/build", { cache: "no-store" });
    const build = (await answer.text()).trim();
    if (!answer.ok || build === meta("build")) return;
    notices.show("outdated", strings.outdated, { action: { text: strings.reload, run: () => location.reload() } });
  } catch {
    // No answer, no news.
  }
}

// What is unsent.

outbox.on("change", (item) => {
  if (item.room === visit?.room.name) log.unsent(item);
  if (item.state === "failed") {
    alarm(`${strings.failed}. ${item.error?.message ?? ""}`);
    if (item.error?.code === "too_long" && composer.restore(item.text, item.quote)) outbox.discard(item.id);
  }
  rooms.setUnsent(outbox.rooms());
});
outbox.on("gone", (item) => {
  log.drop(item.id);
  rooms.setUnsent(outbox.rooms());
});

// Moving about.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-room], a.brand");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  panels.close();
  go(link.dataset.room ?? "lobby");
});
addEventListener("popstate", () => go(roomOf(location.pathname), { push: false }));
$("#open-room").on("submit", (event) => {
  event.preventDefault();
  const $input = $("#open-room-input");
  const name = roomName($input.val());
  if (name === "") return $input.trigger("focus");
  $input.val("");
  panels.close();
  go(name);
});
shareButton(() => {
  const path = pathOf(visit.room.name);
  return new URL((path === "/" ? "/r/lobby" : path) + location.search, location.origin).href;
}, notices);
$("#new-messages").on("click", () => scroller.toEnd());
document.addEventListener("visibilitychange", () => visit.looked());

// Keys. Bare ones only where nothing is typed.

document.addEventListener("keydown", (event) => {
  if (event.isComposing || $("#help")[0].open) return;
  if (live.key(event) || runKey(event)) event.preventDefault();
});

function runKey(event) {
  const { key, target } = event;
  if (key === "/" && (event.ctrlKey || event.metaKey)) return help.open(), true;
  if (event.altKey && (key === "ArrowUp" || key === "ArrowDown")) return goBeside(key === "ArrowUp" ? -1 : 1);
  if (key === "Escape") return panels.close() || join.cancel() || escapeTo();
  if (isTyping(target) || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (key === "?") return help.open(), true;
  if (!target.closest?.("#scroller")) return false;
  if (key === "End") scroller.toEnd();
  return ["ArrowUp", "ArrowDown", "Home", "End"].includes(key) && log.walk(key);
}

function goBeside(step) {
  const name = rooms.neighbour(step);
  if (name) go(name);
  return Boolean(name);
}

function escapeTo() {
  if (join.isOpen) join.focus();
  else composer.focus();
  return true;
}

// What nobody expected is said, not hidden.

function broken(event) {
  if (/ResizeObserver/.test(event.message ?? "")) return;
  notices.show("broken", strings.broken, { action: { text: strings.reload, run: () => location.reload() } });
}
addEventListener("error", broken);
addEventListener("unhandledrejection", broken);

go(roomOf(location.pathname), { push: false });
rooms.setUnsent(outbox.rooms());
connection.open();
