// The line that is now: the time, and the truth about the connection. What is
// read aloud is the change of state, not each second of the countdown.

import { strings } from "../strings.js";
import { clockParts, clockTime, machineTime } from "../time.js";
import { $, el } from "./dom.js";
import { refreshDay } from "./lines.js";

export class StatusLine {
  #state = { name: "connecting" };
  #timer;
  #next;

  constructor(retry) {
    $("#connection-retry").on("click", retry);
    this.#tick();
    // A machine that slept, and a page that was hidden, are late with their timers.
    document.addEventListener("visibilitychange", () => this.#tick());
  }

  show(state) {
    const changed = state.name !== this.#state.name;
    this.#state = state;
    $("#connection").attr("data-state", state.name);
    const waits = !["connecting", "connected"].includes(state.name);
    $("#connection-retry").attr("hidden", waits ? null : "");
    $("#connection-more").text(["reconnecting", "offline"].includes(state.name) ? strings.keptForLater : "");
    this.#write();
    if (changed) say(strings.connection[state.name]);
  }

  #write() {
    const { name, until, message } = this.#state;
    const seconds = until === undefined ? 0 : Math.ceil((until - Date.now()) / 1000);
    const text = name === "reconnecting" && seconds > 0 ? strings.reconnectingIn(seconds) : message || strings.connection[name];
    const $text = $("#connection-text");
    if ($text.text() !== text) $text.text(text);
    clearTimeout(this.#timer);
    if (seconds > 0) this.#timer = setTimeout(() => this.#write(), 250);
  }

  /** The clock, to the minute, and the days, since today is yesterday tomorrow. */
  #tick() {
    clearTimeout(this.#next);
    const now = Date.now();
    const text = clockTime(now);
    $("#clock").attr("datetime", machineTime(now)).text(text);
    $(".big[data-clock]").each((_, element) => fillClock($(element)));
    $("#log .day time").each((_, element) => refreshDay(element));
    this.#next = setTimeout(() => this.#tick(), 60_050 - (now % 60_000));
  }
}

/** Large figures, with the sign between hours and minutes in its own colour. */
export function fillClock($element) {
  const parts = clockParts(Date.now()).map(({ type, value }) => {
    if (type === "dayPeriod") return el("small", {}, value);
    if (type === "literal") return value.trim() ? el("i", {}, value) : "";
    return value;
  });
  $element.empty().append(parts);
}

/** Read aloud when there is a pause. */
export function say(text) {
  $("#status").text(text);
}

/** Read aloud at once: something went wrong. */
export function alarm(text) {
  $("#alarm").text("");
  setTimeout(() => $("#alarm").text(text), 50);
}
