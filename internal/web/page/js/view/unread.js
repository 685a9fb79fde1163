// What was read, kept for each room; and how much was not, in the title and on
// the icon, as long as nobody looks.

import { forBrowser } from "../storage.js";
import { formatNumber, strings } from "../strings.js";
import { $ } from "./dom.js";

export class Unread {
  #room;
  #title = "";
  #read = 0; // the last number that was seen
  #count = 0;
  #icon = $("#favicon").attr("href");

  /** Begins with a room; returns the last number that was read there, or
   *  undefined if one was never here. */
  open(room, title) {
    this.#room = room;
    this.#title = title;
    const kept = forBrowser.get(`read.${room}`);
    this.#read = Number.isSafeInteger(kept) ? kept : 0;
    this.#setCount(0);
    return this.#read || undefined;
  }

  get count() {
    return this.#count;
  }

  get read() {
    return this.#read;
  }

  /** So many more wait to be seen. */
  add(n) {
    this.#setCount(this.#count + n);
  }

  /** Everything up to this number was seen. */
  seen(seq) {
    if (this.#count > 0) this.#setCount(0);
    if (seq === this.#read) return;
    this.#read = seq;
    forBrowser.set(`read.${this.#room}`, seq);
  }

  #setCount(n) {
    this.#count = n;
    const name = `${this.#title} · ${strings.appName}`;
    document.title = n > 0 ? `(${formatNumber(n)}) ${name}` : name;
    $("#favicon").attr("href", n > 0 ? badge(n) : this.#icon);
    if (n > 0) navigator.setAppBadge?.(n).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }
}

/** The icon with a number, as a data: address. */
function badge(n) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  if (!pen) return $("#favicon").attr("href");
  pen.fillStyle = "#10231d";
  pen.beginPath();
  pen.roundRect(0, 0, 64, 64, 14);
  pen.fill();
  pen.fillStyle = "#ff6d47";
  pen.beginPath();
  pen.arc(32, 32, 27, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = "#1b0a05";
  pen.font = `700 ${n > 9 ? 30 : 38}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(n > 99 ? "99" : String(n), 32, 34);
  return canvas.toDataURL("image/png");
}
