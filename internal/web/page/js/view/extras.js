// Small things: the theme, the link to share, the list of shortcuts, the switch
// for reading aloud, and notices above the line that is now.

import { forBrowser } from "../storage.js";
import { strings } from "../strings.js";
import { $, el } from "./dom.js";
import { say } from "./status.js";

const DONE_FOR = 2000;

/** Fills the frame's words in, by their names in index.html. */
export function fillWords() {
  const word = (key) => strings[key];
  $("[data-t]").each((_, e) => void $(e).text(word(e.dataset.t)));
  $("[data-t-label]").each((_, e) => void $(e).attr("aria-label", word(e.dataset.tLabel)));
  $("[data-t-title]").each((_, e) => void $(e).attr("title", word(e.dataset.tTitle)));
  $("[data-t-placeholder]").each((_, e) => void $(e).attr("placeholder", word(e.dataset.tPlaceholder)));
  document.documentElement.lang = strings.language;
}

/** Light, dark, or as the system has it. */
export function themeSwitch() {
  const kept = forBrowser.get("theme") ?? "";
  $("#theme input").filter((_, input) => input.value === kept).prop("checked", true);
  $("#theme input").on("change", ({ target }) => {
    forBrowser.set("theme", target.value);
    if (target.value) document.documentElement.dataset.theme = target.value;
    else delete document.documentElement.dataset.theme;
  });
}

/** New messages are read aloud by screen readers unless it is switched off. */
export function announceSwitch() {
  const apply = (on) => $("#live").attr("aria-live", on ? "polite" : "off");
  const on = forBrowser.get("announce") !== false;
  $("#announce").prop("checked", on).on("change", ({ target }) => {
    forBrowser.set("announce", target.checked);
    apply(target.checked);
  });
  apply(on);
}

/** Copies the room's link, and says so on the button. */
export function shareButton(link, notices) {
  let timer;
  $("#share").on("click", async () => {
    try {
      await navigator.clipboard.writeText(link());
    } catch {
      // No clipboard without https: the link is shown, to be copied by hand.
      return notices.show("share", strings.shareByHand, { field: link() });
    }
    say(strings.shared);
    $("#share").attr("data-done", "").find("#share-text").text(strings.shared);
    clearTimeout(timer);
    timer = setTimeout(() => $("#share").attr("data-done", null).find("#share-text").text(strings.share), DONE_FOR);
  });
}

export class Help {
  #dialog = $("#help")[0];

  constructor() {
    for (const [keys, does] of strings.shortcuts) {
      const $keys = keys.flatMap((key, i) => [i > 0 ? document.createTextNode(" + ") : "", el("kbd", {}, key)]);
      const alternatives = keys.every((key) => key.length === 1 || key === "Home" || key === "End");
      if (alternatives && keys.length > 1) $keys[2] = document.createTextNode(" ");
      $("#shortcuts").append(el("dt", {}, ...$keys), el("dd", {}, does));
    }
    $("#help-open").on("click", () => this.open());
    $("#help-close").on("click", () => this.#dialog.close());
    // A click beside the dialog is one on its backdrop, which is the dialog itself.
    $("#help").on("click", ({ target }) => {
      if (target === this.#dialog) this.#dialog.close();
    });
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}

/** Bars that stay until they are answered, one of a kind. */
export class Notices {
  /** action: {text, run}; field: a text to copy. */
  show(kind, text, { action, field } = {}) {
    this.hide(kind);
    const $bar = el("div.bar", { "data-testid": "notice", "data-kind": kind }, el("p", { role: "status" }, text));
    if (action) $bar.append(el("button.button.small", { type: "button" }, action.text).on("click", action.run));
    $bar.append(el("button.button.small", { type: "button" }, field === undefined ? strings.dismiss : strings.closePanel).on("click", () => this.hide(kind)));
    if (field !== undefined) {
      const $field = el("input", { readonly: true, "aria-label": text }).val(field);
      $bar.append($field);
      setTimeout(() => $field.trigger("focus").trigger("select"), 0);
    }
    $("#notices").append($bar);
  }

  hide(kind) {
    $("#notices .bar").filter((_, bar) => bar.dataset.kind === kind).remove();
  }
}
