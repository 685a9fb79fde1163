// The outer columns: as wide as one likes on a wide screen, drawers on a narrow
// one. An open drawer has the focus; Esc and a click beside it close it.

import { forBrowser } from "../storage.js";
import { $ } from "./dom.js";

const WIDTHS = {
  rooms: { property: "--rail-width", least: 180, most: 420, grows: 1 },
  feed: { property: "--feed-width", least: 300, most: 640, grows: -1 },
  people: { property: "--people-width", least: 160, most: 420, grows: -1 },
};
const KEY_STEP = 16;
/** So far sideways, in pixels, and half as far up or down at most. */
const SWIPE = 70;

export class Panels {
  #open; // "rooms", "feed" or "people" while a drawer is open

  constructor() {
    for (const name of Object.keys(WIDTHS)) {
      $(`#open-${name}`).on("click", () => void this.open(name));
      $(`#panel-${name} .panel-close`).on("click", () => void this.close());
      splitter(name);
    }
    $("#scrim").on("click", () => void this.close());
    this.#watchSwipes();
    // A drawer that became a column is not open any more.
    addEventListener("resize", () => this.#open && !isDrawer(this.#open) && this.close());
  }

  open(name) {
    if (!isDrawer(name)) return;
    this.#open = name;
    $(`#panel-${name}`).addClass("open").find(".panel-close").trigger("focus");
    $(`#open-${name}`).attr("aria-expanded", "true");
    $("#main").attr("inert", "");
    $("#scrim").attr("hidden", null);
  }

  /** A finger that moves sideways pulls a drawer in or pushes it out. */
  #watchSwipes() {
    let from;
    const app = $("#app")[0];
    app.addEventListener("touchstart", ({ touches }) => (from = touches.length === 1 ? touches[0] : undefined), { passive: true });
    app.addEventListener("touchend", ({ changedTouches: [to] }) => {
      if (!from || Math.abs(to.clientX - from.clientX) < SWIPE || Math.abs(to.clientY - from.clientY) > SWIPE / 2) return;
      const name = to.clientX > from.clientX ? "rooms" : "people";
      if (!this.#open) this.open(name);
      else if (this.#open !== name) this.close();
    });
  }

  /** Returns whether there was one to close. */
  close() {
    const name = this.#open;
    if (!name) return false;
    this.#open = undefined;
    $("#main").attr("inert", null);
    $("#scrim").attr("hidden", "");
    $(`#panel-${name}`).removeClass("open");
    $(`#open-${name}`).attr("aria-expanded", "false").trigger("focus");
    return true;
  }
}

function isDrawer(name) {
  return getComputedStyle($(`#panel-${name}`)[0]).position === "fixed";
}

/** A separator that is moved by pointer or arrow keys. */
function splitter(name) {
  const { property, least, most, grows } = WIDTHS[name];
  const $split = $(`#split-${name}`);
  const panel = $(`#panel-${name}`)[0];
  const set = (width) => {
    const px = Math.round(Math.min(most, Math.max(least, width)));
    document.documentElement.style.setProperty(property, `${px}px`);
    $split.attr({ "aria-valuenow": px, "aria-valuemin": least, "aria-valuemax": most });
    return px;
  };
  const keep = (width) => forBrowser.set(`width.${name}`, set(width));

  const kept = forBrowser.get(`width.${name}`);
  if (Number.isFinite(kept)) set(kept);
  else $split.attr({ "aria-valuenow": Math.round(panel.offsetWidth), "aria-valuemin": least, "aria-valuemax": most });

  $split.on("keydown", (event) => {
    const step = { ArrowRight: KEY_STEP, ArrowLeft: -KEY_STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    keep(panel.offsetWidth + step * grows);
  });
  $split.on("pointerdown", ({ originalEvent: down }) => {
    down.preventDefault();
    const from = panel.offsetWidth;
    $split[0].setPointerCapture(down.pointerId);
    const move = ({ originalEvent: event }) => keep(from + (event.clientX - down.clientX) * grows);
    $split.on("pointermove", move).one("pointerup pointercancel", () => $split.off("pointermove", move));
  });
}
