const socket = io();
const $ = (id) => document.getElementById(id);
const canvas = $("board");
const paper = canvas.getContext("2d");
const COLOURS = ["#1c2321", "#c1272d", "#d97a06", "#0b7a4b", "#1663b0", "#7a3e9d"]; // by their numbers
const [WIDTH, HEIGHT] = [canvas.width, canvas.height];

let pieces = []; // what the server has, in its order

function paint({ colour, width, points }) {
  paper.strokeStyle = COLOURS[colour];
  paper.lineWidth = width;
  paper.lineCap = paper.lineJoin = "round";
  paper.beginPath();
  paper.moveTo(points[0], points[1]);
  for (let i = 0; i < points.length; i += 2) paper.lineTo(points[i], points[i + 1]);
  paper.stroke();
}

function repaint() {
  paper.clearRect(0, 0, WIDTH, HEIGHT);
  pieces.forEach(paint);
}

socket.on("board", (all) => {
  pieces = all;
  repaint();
});
socket.on("draw", (piece, faded) => {
  pieces.push(piece);
  pieces.splice(0, faded);
  faded ? repaint() : paint(piece);
});

// What is drawn here is seen here at once, and sent with the next frame of the screen. Without a network it waits in the client.
let line = []; // x, y, x, y, … of what has not been sent, beginning where the last piece ended

function flush() {
  if (line.length < 2) return;
  const piece = { colour: Number($("tools").elements.colour.value), width: Number($("width").value), points: line };
  paint(piece);
  socket.emit("draw", piece);
  line = line.slice(-2);
}

let asked = false;
function soon() {
  if (!asked) requestAnimationFrame(() => { asked = false; flush(); });
  asked = true;
}

const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));

function place({ clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  return [within((clientX - box.left) / box.width * WIDTH, WIDTH), within((clientY - box.top) / box.height * HEIGHT, HEIGHT)];
}

function begin(x, y) {
  line = [x, y];
  soon();
}

function go(x, y) {
  if (line.length) {
    line.push(x, y);
    line.length >= 400 ? flush() : soon();
  }
  socket.volatile.emit("pen", x, y); // of no use later
}

function end() {
  flush();
  line = [];
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  begin(...place(event));
});
canvas.addEventListener("pointermove", (event) => {
  for (const part of event.getCoalescedEvents?.() ?? [event]) go(...place(part));
});
for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, end);

// The keyboard's pen: the arrows move it, Space puts it down and lifts it.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
let at = [WIDTH / 2, HEIGHT / 2];

canvas.addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key];
  if (!arrow && event.key !== " ") return;
  event.preventDefault();
  if (arrow) {
    const step = event.shiftKey ? 50 : 10;
    at = [within(at[0] + arrow[0] * step, WIDTH), within(at[1] + arrow[1] * step, HEIGHT)];
    go(...at);
  } else if (line.length) end();
  else begin(...at);
  move("own", ...at);
  $("help").textContent = `Pen ${line.length ? "down" : "up"}.`;
});
canvas.addEventListener("blur", () => {
  end();
  $("pens").querySelector("[data-of=own]")?.remove();
});

// Where the pens are, by whose they are.
function move(of, x, y) {
  let pen = $("pens").querySelector(`[data-of="${CSS.escape(of)}"]`);
  if (!pen) {
    pen = document.createElement("i");
    pen.dataset.of = of;
    $("pens").append(pen);
  }
  pen.style.left = `${x / WIDTH * 100}%`;
  pen.style.top = `${y / HEIGHT * 100}%`;
}

socket.on("pen", move);
socket.on("left", (id) => $("pens").querySelector(`[data-of="${CSS.escape(id)}"]`)?.remove());

$("wipe").addEventListener("click", () => {
  if (confirm("Wipe the board for everybody?")) socket.emit("wipe");
});

socket.on("people", (n) => { $("people").textContent = n === 1 ? "only you" : `${n} people`; });
socket.on("connect", () => { $("status").textContent = "Live."; });
socket.on("disconnect", () => {
  $("status").textContent = "Offline: what you draw is sent when you are back.";
  $("pens").replaceChildren();
});
