import uPlot from "/uplot/uplot.js";

const socket = io();
const $ = (id) => document.getElementById(id);
const SHOWN = 120; // seconds in the chart

// The chart's data, as uPlot wants it: one list for each line, the first one is the time.
let columns = [[], [], []];
const add = ({ at, events, online }) => [at, events, online].forEach((value, i) => columns[i].push(value));

function showTotals(totals) {
  for (const [name, value] of Object.entries(totals)) $(name).textContent = value.toLocaleString("en");
}

function draw() {
  columns = columns.map((column) => column.slice(-SHOWN));
  $("online").textContent = columns[2].at(-1) ?? 0;
  chart.setData(columns);
}

const colour = (selector, property = "color") => getComputedStyle(document.querySelector(selector))[property];
const axis = { stroke: () => colour("#chart"), grid: { stroke: () => colour("dl div", "borderTopColor"), width: 1 } };
const chart = new uPlot({
  width: $("chart").clientWidth,
  height: $("chart").clientHeight,
  legend: { show: false },
  cursor: { show: false },
  scales: { y: { range: (_, min, max) => [0, Math.max(4, Math.ceil(max * 1.1))] } },
  axes: [axis, { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] }],
  series: [
    {},
    { stroke: () => colour(".events"), width: 2, points: { show: false } },
    { stroke: () => colour(".people"), width: 1, points: { show: false }, fill: () => `color-mix(in srgb, ${colour(".people")} 15%, transparent)` },
  ],
}, columns, $("chart"));
new ResizeObserver(() => chart.setSize({ width: $("chart").clientWidth, height: $("chart").clientHeight })).observe($("chart"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());

// After each connection all that is shown comes anew, so that a lost network leaves no gap.
socket.on("history", (history, totals) => {
  columns = [[], [], []];
  history.forEach(add);
  showTotals(totals);
  draw();
});
socket.on("second", (second, totals) => {
  add(second);
  showTotals(totals);
  draw();
});

for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => socket.emit("track", button.dataset.kind));
}

let seen = false; // a page is viewed once, however often it connects
socket.on("connect", () => {
  $("status").textContent = "Live.";
  if (!seen) socket.emit("track", "view");
  seen = true;
});
socket.on("disconnect", () => { $("status").textContent = "The connection is lost."; });
