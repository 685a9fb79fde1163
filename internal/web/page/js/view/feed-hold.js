// Pausing: by the button or the space bar for as long as one likes, and by
// itself while somebody reads. What waits meanwhile is counted.

import { strings } from "../strings.js";
import { $ } from "./dom.js";

/** So far, in pixels. */
const POINTED = 3;

export class FeedHold {
  #gate;
  #toTop;

  /** toTop() scrolls to where the newest are. */
  constructor({ gate, toTop }) {
    this.#gate = gate;
    this.#toTop = toTop;
    $("#feed-pause").on("click", () => this.toggle());
    $("#feed-show, #feed-newer").on("click", () => this.#resume());
    $("#feed-skip").on("click", () => this.#resume(true));
    this.#watchReader();
    this.show();
  }

  /** Nothing moves under a pointer that is on a post, nor under a focus that shows:
   *  one that a click has left behind means nothing. */
  #watchReader() {
    const list = $("#feed-list")[0];
    const body = $(".feed-body")[0]; // with the button that shows what waits
    const isWithin = (target) => target !== list && body.contains(target);
    this.#watchPointer(body);
    body.addEventListener("focusin", ({ target }) => this.#gate.hold("focus", isWithin(target) && target.matches(":focus-visible")));
    body.addEventListener("focusout", ({ relatedTarget }) => isWithin(relatedTarget) || this.#gate.hold("focus", false));
  }

  /** A pointer points when it has been moved here, not when the posts have come
   *  to be under it. */
  #watchPointer(body) {
    let from;
    body.addEventListener("pointerenter", ({ screenX, screenY }) => (from = [screenX, screenY]));
    body.addEventListener("pointerleave", () => this.#gate.hold("hover", false));
    body.addEventListener("pointermove", ({ pointerType, screenX, screenY }) => {
      const moved = from && Math.hypot(screenX - from[0], screenY - from[1]) > POINTED;
      if (moved && pointerType === "mouse") this.#gate.hold("hover", true);
    });
  }

  toggle() {
    if (this.#gate.isHeldBy("pause")) return this.#resume();
    this.#gate.hold("pause", true);
    this.show();
  }

  /** Shows what waits, or lets go of it, and goes on. The buttons for it go away;
   *  their focus has to go on, too. */
  #resume(skip = false) {
    const fromButton = $(document.activeElement).closest("#feed-held, #feed-newer").length > 0;
    if (skip) this.#gate.skip();
    this.#gate.hold("pause", false);
    this.#toTop();
    this.#gate.release();
    if (fromButton) $("#feed-list").trigger("focus");
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
