// The TypeScript declarations that sioevent writes, with the official client's own types: the compiler
// accepts a right use and refuses each wrong one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { binary } from "./lib/program.mjs";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const example = file("../../examples/typedevents");

/** Compiles sources strictly and returns what the compiler complains of, which is never in a .d.ts. */
async function compile(sources) {
  const folder = mkdtempSync(join(tmpdir(), "rightnow-types-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const files = Object.entries(sources).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return name;
  });
  const compilerOptions = {
    strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom"], module: "esnext", moduleResolution: "bundler", types: [],
    skipLibCheck: true, // the official types themselves want Node's, which pages do not have
    paths: {
      "socket.io-client": [file("../node_modules/socket.io-client")],
      "@socket.io/component-emitter": [file("../node_modules/@socket.io/component-emitter")],
      "engine.io-client": [file("../node_modules/engine.io-client")],
      "socket.io-parser": [file("../node_modules/socket.io-parser")],
      "engine.io-parser": [file("../node_modules/engine.io-parser")],
    },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  try {
    await promisify(execFile)(process.execPath, [file("../node_modules/typescript/bin/tsc"), "-p", folder], { cwd: folder });
    return "";
  } catch (err) {
    return err.stdout;
  }
}

const events = readFileSync(join(example, "events.d.ts"), "utf8");

test("a page that uses the declarations compiles", async () => {
  assert.equal(await compile({ "events.d.ts": events, "page.ts": readFileSync(join(example, "page.ts"), "utf8") }), "");
});

const HEAD = `import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, ServerToClientEvents } from "./events";
const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io();
`;

const WRONG = {
  "an event that the server does not send": `socket.on("sad", () => {});`,
  "an event that the server does not take": `socket.emit("said", { room: "r", text: "t", id: 1, from: "f", at: "a" });`,
  "a handler for another type": `socket.on("said", (message: number) => {});`,
  "a field that is not there": `socket.on("said", (message) => console.log(message.nick));`,
  "a field that may be missing": `socket.on("said", (message) => console.log(message.picture.byteLength));`,
  "an argument where there is none": `socket.on("cleared", (what: string) => {});`,
  "a missing field": `socket.emit("say", { room: "tea" }, () => {});`,
  "a field of another type": `socket.emit("say", { room: "tea", text: 7 }, () => {});`,
  "a missing argument": `socket.emit("enter", () => {});`,
  "a result of another type": `socket.emit("enter", "tea", (people: number) => {});`,
  "a result that may be an error": `socket.emit("enter", "tea", (people) => people?.length);`,
  "a result that may be null": `socket.emit("enter", "tea", (people) => "error" in people);`,
};

// All at once: the compiler takes its time to begin.
const wrong = Object.values(WRONG).map((line, i) => [`wrong-${i}.ts`, `${HEAD}${line}\n`]);
const complaints = await compile({ "events.d.ts": events, ...Object.fromEntries(wrong) });

for (const [i, what] of Object.keys(WRONG).entries()) {
  test(`${what} is refused`, () => {
    assert.match(complaints, new RegExp(`^wrong-${i}\\.ts\\(4,\\d+\\): error TS\\d+`, "m"));
  });
}

/** What `rightnow types` writes of a package. */
async function declarations(folder) {
  const program = binary("RIGHTNOW_BIN", "./cmd/rightnow");
  const { stdout } = await promisify(execFile)(program, ["types", folder], { cwd: file("../..") });
  return stdout;
}

test("`rightnow types` writes the declarations of a package", async () => {
  assert.equal(await declarations("./examples/typedevents"), events);
});

test("types in types, generic ones and ones called as the language's own compile", async () => {
  const page = `${HEAD}
socket.on("order", ({ buyer, items, total, stamp }) => {
  const city: string | undefined = buyer.home?.city.name ?? buyer.home?.tenants?.[0]?.name;
  const numbers: number[] = [items?.[0].price ?? 0, total, stamp?.byteLength ?? 0];
  socket.emit("record", { Pages: { [city ?? ""]: numbers.length } });
});
socket.on("numbers", ({ items }) => socket.emit("array", { All: items && items.map((Day) => ({ Day })) }));
socket.on("words", ({ items }) => socket.emit("map", { Of: (items ?? []).join() }));
socket.on("pairs", ({ items }) => {
  for (const { first, second } of items ?? []) socket.emit("events", { Of: first.price + (second?.length ?? 0) });
});
socket.on("shadowing", ({ id, Size }) => {
  const text: string = id;
  const size: number | undefined = Size;
  socket.emit("partial", { Of: { Of: { Of: { Of: text.length + (size ?? 0) } } } });
});
socket.emit("buffer", { Raw: new ArrayBuffer(1) });
socket.emit("buffer", { Raw: null });
`;
  assert.equal(await compile({ "events.ts": await declarations("./socketio/sioevent/testdata/shapes"), "page.ts": page }), "");
});
