// jQuery for making elements, in the one way this page does it: names,
// attributes and text nodes. Nothing here or elsewhere takes a string as markup.

export const $ = globalThis.jQuery;

/** el("p.text", {dir: "auto"}, "words", $child, …) → a jQuery object. Attribute
 *  values undefined and false are left out; strings become text nodes. */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const $element = $(document.createElement(tag));
  if (classes.length > 0) $element.addClass(classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    $element.attr(key, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === undefined || child === false || child === "") continue;
    $element.append(typeof child === "string" ? document.createTextNode(child) : child);
  }
  return $element;
}

/** Calls fn when the browser paints next, or soon if the page is hidden and
 *  nothing is painted. */
export function nextFrame(fn) {
  if (document.hidden) setTimeout(fn, 100);
  else requestAnimationFrame(fn);
}

/** Whether keys pressed here are text. */
export const isTyping = (target) => $(target).closest("input:not([type=radio]):not([type=checkbox]), textarea").length > 0;
