// Copies the page's libraries out of node_modules into libs/, which the Go
// package embeds. Run after `npm ci`; running it again changes nothing.
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const libs = join(here, "libs");

// All files of a folder and the folders in it, without source maps.
const tree = (from) =>
  readdirSync(join(modules, from), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => relative(join(modules, from), join(entry.parentPath ?? entry.path, entry.name)))
    .sort();

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
  { from: "uplot", to: "uplot", files: ["LICENSE"], as: { LICENSE: "LICENSE.txt" } },
  {
    from: "uplot/dist",
    to: "uplot",
    files: ["uPlot.iife.min.js", "uPlot.min.css"],
    as: { "uPlot.iife.min.js": "uplot.js", "uPlot.min.css": "uplot.css" },
    // Its own module is not minified, and a script that a page adds by itself
    // is refused by the page's policy; a module may be imported.
    module: { "uPlot.iife.min.js": "uPlot" },
  },
  // The Admin UI, and the icons that it would get from a CDN.
  { from: "@socket.io/admin-ui/ui/dist", to: "admin", files: tree("@socket.io/admin-ui/ui/dist") },
  { from: "@mdi/font", to: "admin/mdi", files: ["LICENSE"], as: { LICENSE: "LICENSE.txt" } },
  {
    from: "@mdi/font",
    to: "admin/mdi",
    files: ["css/materialdesignicons.min.css", "fonts/materialdesignicons-webfont.woff2"],
  },
];

for (const name of readdirSync(libs)) {
  if (name !== "placeholder.txt") rmSync(join(libs, name), { recursive: true });
}
let bytes = 0;
let count = 0;
for (const { from, to, files, as = {}, module = {} } of wanted) {
  mkdirSync(join(libs, to), { recursive: true });
  for (const file of files) {
    const source = join(modules, from, file);
    const target = join(libs, to, as[file] ?? file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
    if (module[file]) appendFileSync(target, `export default ${module[file]};\n`);
    bytes += statSync(source).size;
    count++;
  }
}
const version = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
console.log(
  `internal/web/libs: ${count} files, ${Math.round(bytes / 1024)} KB ` +
    `(jQuery ${version("jquery")}, socket.io-client ${version("socket.io-client")}, uPlot ${version("uplot")}, ` +
    `admin-ui ${version("@socket.io/admin-ui")}, Material Design Icons ${version("@mdi/font")})`,
);
