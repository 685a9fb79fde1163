// Pausing: by the button or the space bar for as long as one likes, and by
// itself while somebody reads. What waits meanwhile is counted.

import { strings } from "../strings.js";
import { $ } from "./dom.js";

export class FeedHold {
  #gate;
  #toTop;

  /** toTop() scrolls to where the newest are. */
  constructor({ gate, toTop }) {
    this.#gate = gate;
    this.#toTop = toTop;
    $("#feed-pause").on("click", () => this.toggle());
    $("#feed-show, #feed-newer").on("click", () => this.#resume());
    $("#feed-skip").on("click", () => this.#skip());
    this.#watchReader();
    this.show();
  }

  /** Nothing moves under a pointer that is on a post, nor under the focus. */
  #watchReader() {
    const list = $("#feed-list")[0];
    const hover = (on) => (event) => event.pointerType === "mouse" && this.#gate.hold("hover", on);
    const isWithin = (target) => target !== list && list.contains(target);
    list.addEventListener("pointerenter", hover(true));
    list.addEventListener("pointerleave", hover(false));
    list.addEventListener("focusin", ({ target }) => this.#gate.hold("focus", isWithin(target)));
    list.addEventListener("focusout", ({ relatedTarget }) => this.#gate.hold("focus", isWithin(relatedTarget)));
  }

  toggle() {
    if (this.#gate.isHeldBy("pause")) return this.#resume();
    this.#gate.hold("pause", true);
    this.show();
  }

  /** Shows what waits, and goes on. */
  #resume() {
    this.#gate.hold("pause", false);
    this.#toTop();
    this.#gate.release();
  }

  #skip() {
    this.#gate.skip();
    this.#resume();
  }

  show() {
    const { waiting } = this.#gate;
    const paused = this.#gate.isHeldBy("pause");
    const does = paused ? strings.feedResume : strings.feedPause;
    $("#panel-feed").attr("data-paused", paused ? "" : null);
    $("#feed-pause").attr({ "aria-label": does, title: does }).find("use").attr("href", paused ? "#i-play" : "#i-pause");
    $("#feed-held").attr({ hidden: paused ? null : "", "data-count": waiting });
    $("#feed-waiting").text(waiting > 0 ? strings.feedWaiting(waiting) : strings.feedPaused);
    $("#feed-show").text(waiting > 0 ? strings.feedShowWaiting(waiting) : strings.feedResume);
    $("#feed-skip").attr("hidden", waiting > 0 ? null : "");
    $("#feed-newer")
      .attr({ hidden: !paused && waiting > 0 ? null : "", "data-count": waiting })
      .find("span")
      .text(strings.feedNewer(waiting));
  }
}
