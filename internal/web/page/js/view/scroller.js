// The log's scrolling: it stays at the end if the reader was there, and stays
// on what is read otherwise, whatever is added above or below.

/** So near to the end counts as the end. */
const NEAR = 80;

export class Scroller {
  #box;
  #atEnd = true;
  #moved;

  /** moved() is called whenever the reader reaches or leaves the end, or the
   *  top comes near. */
  constructor(box, content, moved) {
    this.#box = box;
    this.#moved = moved;
    box.addEventListener("scroll", () => this.#look(), { passive: true });
    // A keyboard opens, the composer grows, a font arrives: the end stays in view.
    const sizes = new ResizeObserver(() => this.#atEnd && this.toEnd());
    sizes.observe(box);
    sizes.observe(content);
  }

  get atEnd() {
    return this.#atEnd;
  }

  get nearTop() {
    return this.#box.scrollTop < Math.max(200, this.#box.clientHeight / 2);
  }

  /** More than a screen away from the end. */
  get farFromEnd() {
    return this.#left() > this.#box.clientHeight;
  }

  #left() {
    return this.#box.scrollHeight - this.#box.clientHeight - this.#box.scrollTop;
  }

  #look() {
    this.#atEnd = this.#left() <= NEAR;
    this.#moved();
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#atEnd = true;
    this.#moved();
  }

  /** Changes the log at its end; the reader at the end stays there. */
  below(change) {
    const follow = this.#atEnd;
    change();
    if (follow) this.toEnd();
    else this.#moved();
  }

  /** Changes the log above what is read: what is seen does not move. */
  above(change) {
    const before = this.#left();
    change();
    this.#box.scrollTop += this.#left() - before;
    this.#look();
  }

  /** Puts an element a third of the way down, unless the end shows it anyway. */
  show(element) {
    this.toEnd();
    const box = this.#box.getBoundingClientRect();
    const { top } = element.getBoundingClientRect();
    if (top < box.top + 24) this.#box.scrollTop -= box.top + box.height / 3 - top;
    this.#look();
  }
}
