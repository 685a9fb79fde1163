// The form for one's name: to join a room, or to be called something else. It
// stands where the composer will be, so that the room can be read meanwhile.

import { strings } from "../strings.js";
import { lengthOf } from "../text.js";
import { $ } from "./dom.js";
import { isolate } from "./lines.js";

export class JoinForm {
  #$form = $("#nick-form");
  #$input = $("#nick-input");
  #$else = $("#nick-else");
  #enter;
  #close;
  #renew;
  #max = 24;
  #changing = false;
  #busy = false;

  /** enter(nick) → promise, rejected with a RequestError; renew() makes another
   *  person of this browser's user; close() after a change or its cancelling. */
  constructor({ enter, renew, close }) {
    this.#enter = enter;
    this.#renew = renew;
    this.#close = close;
    this.#$form.on("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#$input.on("input", () => this.#say(""));
    $("#nick-cancel").on("click", () => void this.cancel());
    $("#nick-suggestion").on("click", () => {
      this.#$input.val($("#nick-suggestion").attr("data-nick"));
      this.#submit();
    });
  }

  get isOpen() {
    return this.#$form.attr("hidden") === undefined;
  }

  /** It is open to change a name, not to join. */
  get changing() {
    return this.#changing;
  }

  /** Shows the form; one that is open keeps what was typed. */
  open({ title, max, nick = "", changing = false }) {
    this.#max = max;
    const fresh = !this.isOpen || this.#changing !== changing;
    this.#changing = changing;
    $("#join-title").text(changing ? strings.changeTitle : strings.joinTitle(isolate(title)));
    $("#nick-submit").text(changing ? strings.changeButton : strings.joinButton);
    $("#nick-rules").text(strings.joinRules(max));
    $("#nick-cancel").attr("hidden", changing ? null : "");
    $("#nick-else-row").attr("hidden", changing ? null : "");
    this.#$form.attr("hidden", null);
    if (!fresh) return;
    this.#$else.prop("checked", false);
    this.#$input.val(nick);
    this.#say("");
    this.focus();
  }

  hide() {
    this.#$form.attr("hidden", "");
  }

  /** Esc and the button: only a change can be cancelled. */
  cancel() {
    if (!this.isOpen || !this.#changing) return false;
    this.hide();
    this.#close();
    return true;
  }

  focus() {
    this.#$input.trigger("focus");
    this.#$input[0].select();
  }

  /** Shows why a name was refused. */
  refuse(error) {
    const known = { nick_taken: strings.nickTaken(isolate(this.#$input.val().trim())), offline: strings.joinOffline };
    this.#say(known[error.code] ?? (error.message || strings.joinFailed), error.data?.suggestion);
  }

  #say(problem, suggestion) {
    $("#nick-error").text(problem);
    this.#$form.attr("data-bad", problem ? "" : null);
    this.#$input.attr("aria-invalid", problem ? "true" : null);
    $("#nick-suggestion")
      .attr({ hidden: suggestion ? null : "", "data-nick": suggestion ?? null })
      .text(suggestion ? strings.useSuggestion(isolate(suggestion)) : "");
  }

  async #submit() {
    if (this.#busy) return;
    const nick = this.#$input.val().trim();
    if (nick === "") return this.#problem(strings.nickEmpty);
    if (lengthOf(nick) > this.#max) return this.#problem(strings.nickLong(this.#max));
    this.#busy = true;
    $("#nick-submit").attr("aria-disabled", "true").text(strings.joinWaiting);
    try {
      if (this.#$else.prop("checked")) await this.#renew();
      await this.#enter(nick);
      this.hide();
      this.#close();
    } catch (error) {
      if (!("code" in error)) throw error;
      this.refuse(error);
      this.#$input.trigger("focus");
    } finally {
      this.#busy = false;
      $("#nick-submit")
        .attr("aria-disabled", null)
        .text(this.#changing ? strings.changeButton : strings.joinButton);
    }
  }

  #problem(text) {
    this.#say(text);
    this.#$input.trigger("focus");
  }
}
