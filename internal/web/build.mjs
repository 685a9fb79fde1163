// Copies the page's libraries out of node_modules into libs/, which the Go
// package embeds. Run after `npm ci`; running it again changes nothing.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const libs = join(here, "libs");

// What the page and the library serve: from (in node_modules) -> to (in libs).
const wanted = [
  { from: "jquery/dist", to: "jquery", files: ["jquery.min.js"] },
  {
    from: "socket.io-client/dist",
    to: "socket.io",
    files: ["socket.io", "socket.io.min", "socket.io.esm.min", "socket.io.msgpack.min"].flatMap((name) => [
      `${name}.js`,
      `${name}.js.map`,
    ]),
  },
];

for (const name of readdirSync(libs)) {
  if (name !== "placeholder.txt") rmSync(join(libs, name), { recursive: true });
}
let bytes = 0;
let count = 0;
for (const { from, to, files } of wanted) {
  mkdirSync(join(libs, to), { recursive: true });
  for (const file of files) {
    const source = join(modules, from, file);
    copyFileSync(source, join(libs, to, file));
    bytes += statSync(source).size;
    count++;
  }
}
const version = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
console.log(
  `internal/web/libs: ${count} files, ${Math.round(bytes / 1024)} KB ` +
    `(jQuery ${version("jquery")}, socket.io-client ${version("socket.io-client")})`,
);
