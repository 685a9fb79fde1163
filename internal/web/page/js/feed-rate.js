// The numbers of the live posts in words that can be read, and the last minutes
// of them for the chart.

import { formatNumber } from "./strings.js";

/** The server tells its numbers every so often, if they changed. */
export const EVERY = 5;
/** So many of them are drawn: five minutes; at first as many as there are, but
 *  not fewer than LEAST, or the curve would jump about. */
const SAMPLES = 60;
const LEAST = 12;

/** Posts a second as people say it: 0.4, 5.2, 63. */
export function perSecond(n) {
  if (!(n > 0)) return "0";
  if (n < 0.1) return `<${formatNumber(0.1)}`;
  return formatNumber(n < 9.95 ? Math.round(n * 10) / 10 : Math.round(n));
}

/** The server's numbers, whatever is missing: {seen, matched, shown} a second, and
 *  skipped, which is [[reason, how many so far]], the sources' own reasons too. */
export function rateOf(meta, sources = []) {
  const { seen = 0, matched = 0, shown = 0 } = meta?.per_second ?? {};
  const skipped = { nomatch: Math.max(0, (meta?.seen ?? 0) - (meta?.matched ?? 0)), ...meta?.skipped };
  for (const source of sources) {
    for (const [reason, n] of Object.entries(source.skipped ?? {})) {
      if (reason !== "nomatch") skipped[reason] = (skipped[reason] ?? 0) + n;
    }
  }
  return { seen, matched, shown, skipped: Object.entries(skipped).filter(([, n]) => n > 0), busiest: meta?.busiest ?? "" };
}

/** The last minutes, one sample for each EVERY seconds, the newest at the end. */
export class History {
  #samples = [];

  add(meta) {
    const { matched, shown } = rateOf(meta);
    this.#samples.push({ matched, shown });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  clear() {
    this.#samples = [];
  }

  get peak() {
    return Math.max(0, ...this.#samples.map((sample) => sample.matched));
  }

  /** Seconds from the left end of the chart to its right one, which is now. */
  get span() {
    return (Math.max(this.#samples.length, LEAST) - 1) * EVERY;
  }

  /** [seconds before now, matched, shown] as three lists. */
  columns() {
    const last = this.#samples.length - 1;
    const pick = (key) => this.#samples.map((sample) => sample[key]);
    return [this.#samples.map((_, i) => (i - last) * EVERY), pick("matched"), pick("shown")];
  }
}

/** Seconds of nanoseconds as people say them: 0.4, 3, 75. */
function lagOf(ns) {
  const s = ns / 1e9;
  if (!(s >= 0.05)) return 0;
  return s < 2.95 ? Math.round(s * 10) / 10 : Math.round(s);
}

/** A source's state, whatever is missing. heard: when it was last heard of here. */
export function sourceOf(status, heard = 0) {
  const state = typeof status.state === "object" && status.state !== null ? status.state : status;
  const time = (text) => {
    const ms = typeof text === "number" ? text : Date.parse(text ?? "");
    return ms > 0 ? ms : undefined; // Go's zero time is long before 1970
  };
  return {
    name: status.name ?? "",
    title: status.title || status.name || "",
    phase: state.phase ?? "idle",
    reason: state.reason ?? "",
    lag: lagOf(status.lag),
    until: time(state.until),
    last: Math.max(time(status.last_post) ?? 0, heard) || undefined,
  };
}
