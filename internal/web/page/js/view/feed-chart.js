// Posts a second over the last minutes: those with a word of the room, and of
// them those that were shown. Drawn by uPlot, which is loaded when it is first
// needed; without it the numbers still stand there in words.

import { perSecond } from "../feed-rate.js";
import { strings } from "../strings.js";
import { $ } from "./dom.js";

const HEIGHT = 40;

export class FeedChart {
  #box = $("#feed-chart")[0];
  #plot;
  #loading;

  /** Loads what is needed, once. */
  async open(history) {
    this.#loading ??= load();
    const Plot = await this.#loading;
    if (!Plot || this.#plot) return this.draw(history);
    this.#plot = new Plot(options(this.#box, history), history.columns(), this.#box);
    const sizes = new ResizeObserver(() => this.#box.clientWidth > 0 && this.#plot.setSize({ width: this.#box.clientWidth, height: HEIGHT }));
    sizes.observe(this.#box);
    const repaint = () => this.#plot.redraw(false);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    $("#theme input").on("change", repaint);
    this.draw(history);
  }

  draw(history) {
    this.#plot?.setData(history.columns());
    $("#feed-peak").text(history.peak > 0 ? strings.feedPeak(perSecond(history.peak)) : "");
  }
}

/** Resolves to uPlot, or to undefined where it cannot be had. */
async function load() {
  const at = new URL("../../libs/uplot/", import.meta.url);
  try {
    $("head").append($(document.createElement("link")).attr({ rel: "stylesheet", href: new URL("uplot.css", at).href }));
    return (await import(new URL("uplot.js", at).href)).default;
  } catch {
    return undefined;
  }
}

/** The colours are those of the box, whatever the theme makes of them. */
function options(box, history) {
  const colour = (property, share) => () => {
    const value = getComputedStyle(box)[property];
    return share ? value.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`) : value;
  };
  const line = (property, share, points) => ({ stroke: colour(property), fill: colour(property, share), width: 1.5, points });
  // The point that is now, as it is in the room.
  const now = { show: true, size: 5, width: 0, fill: colour("color"), filter: (plot) => [plot.data[0].length - 1] };
  return {
    width: Math.max(1, box.clientWidth),
    height: HEIGHT,
    padding: [4, 3, 1, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false },
    axes: [{ show: false }, { show: false }],
    scales: {
      x: { time: false, range: () => [-history.span, 0] },
      y: { range: (_, low, high) => [0, Math.max(1, high ?? 1) * 1.08] },
    },
    series: [{}, line("borderTopColor", 0.22, { show: false }), line("color", 0.16, now)],
  };
}
