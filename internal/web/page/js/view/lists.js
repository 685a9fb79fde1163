// The two lists at the sides: the rooms, and the people of this room.

import { strings } from "../strings.js";
import { LOBBY, pathOf } from "../text.js";
import { $, el } from "./dom.js";
import { countText, isolate, paint } from "./lines.js";

/** More people than this are counted, not listed. */
const PEOPLE_LISTED = 250;

export function showPeople(people, youId) {
  const all = people.sorted(youId);
  const $items = all.slice(0, PEOPLE_LISTED).map((person) => personItem(person, person.id === youId));
  if (all.length > PEOPLE_LISTED) $items.push(el("li.people-rest", {}, strings.peopleMore(all.length - PEOPLE_LISTED)));
  if (all.length === 0) $items.push(el("li.people-rest", {}, strings.nobody));
  $("#people").empty().append($items);
  $("#people-count").text(countText(people.count));
  $("#open-people .count").text(countText(people.count));
  $("#open-people").attr("aria-label", strings.peopleCount(people.count));
}

function personItem(person, isYou) {
  const note = [isYou && strings.you, person.moderator && strings.moderator].filter(Boolean).join(", ");
  const $item = el(
    "li.person",
    {
      "data-testid": "person",
      "data-person": person.id,
      "data-you": isYou,
      "data-moderator": Boolean(person.moderator),
    },
    el("span.spot"),
    el("span", {}, el("bdi", {}, person.nick), note && el("small", {}, note)),
  );
  return paint($item, person.id);
}

export class RoomList {
  #rooms = [];
  #current; // the room one is in
  #unsent = [];

  /** The server's list: [{name, title, people, last_at}]. */
  replace(rooms) {
    this.#rooms = rooms;
    this.#show();
  }

  /** The room one is in is always listed, as is the lobby. */
  setCurrent(name, title, people) {
    this.#current = { name, title, people };
    this.#show();
  }

  /** One is in no room: there can be none of the name in the address. */
  setNone() {
    this.#current = undefined;
    this.#show();
  }

  setUnsent(names) {
    this.#unsent = names;
    this.#show();
  }

  /** The path of the room `step` places below the current one, if there is one. */
  neighbour(step) {
    const links = $("#room-list .room-link").toArray();
    const at = links.findIndex((link) => link.getAttribute("aria-current"));
    return links[at + step]?.dataset.room;
  }

  #sorted() {
    const byName = new Map([[LOBBY, { name: LOBBY, title: LOBBY, people: 0, last_at: 0 }]]);
    for (const room of this.#rooms) byName.set(room.name, room);
    if (this.#current) {
      const { name, title, people } = this.#current;
      const known = byName.get(name) ?? { last_at: 0 };
      byName.set(name, { ...known, name, title, people: people ?? known.people ?? 0 });
    }
    return [...byName.values()].sort(
      (a, b) =>
        (b.name === LOBBY) - (a.name === LOBBY) || b.people - a.people || b.last_at - a.last_at || (a.name < b.name ? -1 : 1),
    );
  }

  /** Rewrites the list, and puts the focus back on the link that had it. */
  #show() {
    const focused = $(document.activeElement).closest(".room-link").attr("data-room");
    const $items = this.#sorted().map((room) => el("li", {}, this.#link(room)));
    $("#room-list").empty().append($items);
    if (focused) $("#room-list .room-link").filter((_, link) => link.dataset.room === focused).trigger("focus");
  }

  #link(room) {
    const count = strings.roomPeople(room.people);
    const unsent = this.#unsent.includes(room.name);
    return el(
      "a.room-link",
      {
        href: pathOf(room.name),
        "data-testid": "room-link",
        "data-room": room.name,
        "aria-current": room.name === this.#current?.name && "page",
      },
      el("bdi", {}, room.title || room.name),
      unsent && el("span.unsent", { title: strings.roomUnsent, role: "img", "aria-label": strings.roomUnsent }),
      room.people > 0 && el("span.n", { title: count, "aria-hidden": "true" }, countText(room.people)),
      el("span.vh", {}, `, ${count}`),
    );
  }
}

/** "You are Ann" with the way to change it. */
export function showMe(you, change) {
  const $me = $("#me").empty();
  if (!you) {
    $me.append(el("span", {}, strings.noName));
    return;
  }
  $me.append(
    el("span", {}, strings.youAre),
    el("bdi", { "data-testid": "you", title: isolate(you.nick) }, you.nick),
    el("button.quiet", { type: "button", "data-testid": "change-nick" }, strings.notYou).on("click", change),
  );
}
