import { characters, Replica } from "./replica.mjs";

const socket = io();
const $ = (id) => document.getElementById(id);
const area = $("text");

const replica = new Replica(socket, { onChange: show, onState: tell, onRefusal: (why) => { $("refusal").textContent = `Not saved: ${why}.`; } });

area.addEventListener("input", () => {
  $("refusal").textContent = "";
  replica.edit(characters(area.value));
});

// Shows what others have done. The caret, and the end of a selection, stay with the characters they are at.
function show({ at, del, ins }) {
  const moved = [area.selectionStart, area.selectionEnd].map((offset) => {
    const position = characters(area.value.slice(0, offset)).length;
    if (position <= at) return position;
    return position >= at + del ? position - del + ins.length : at + ins.length;
  });
  const { scrollTop } = area;
  area.value = replica.text.join("");
  area.setSelectionRange(...moved.map((position) => replica.text.slice(0, position).join("").length));
  area.scrollTop = scrollTop;
}

function tell() {
  const waiting = replica.pending.length > 0;
  let state = waiting ? "Saving." : "Saved.";
  if (!socket.connected) state = waiting ? "Offline: your changes are kept until you are back." : "Offline.";
  if ($("status").textContent !== state) $("status").textContent = state; // said only when it is news
  $("version").textContent = `version ${replica.version}`;
}

socket.on("people", (n) => { $("people").textContent = n === 1 ? "only you" : `${n} people`; });

addEventListener("beforeunload", (event) => {
  if (replica.pending.length) event.preventDefault(); // the page's copy is the only one
});
