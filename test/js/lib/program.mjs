// Child processes: the conformance server and the examples, built by Go, ended by SIGTERM.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "./within.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Builds a package of a module in this repository with the race detector and returns the binary's path. */
export function build(pkg, module = ".") {
  const folder = mkdtempSync(join(tmpdir(), "rightnow-test-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, "program");
  execFileSync("go", ["build", "-race", "-o", bin, pkg], {
    cwd: join(root, module),
    env: { ...process.env, CGO_ENABLED: "1" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return bin;
}

const built = new Map();

/** The binary named by an environment variable, or else built, once for each file of tests. */
export function binary(variable, pkg, module = ".") {
  if (process.env[variable]) return process.env[variable];
  if (!built.has(variable)) built.set(variable, build(pkg, module));
  return built.get(variable);
}

/** A running child and all that it has said. */
export class Program {
  #exit;

  constructor(bin, args = [], env = {}) {
    this.stdout = "";
    this.stderr = "";
    this.watchers = new Set();
    this.child = spawn(bin, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.child.stdout.setEncoding("utf8").on("data", (text) => this.#heard("stdout", text));
    this.child.stderr.setEncoding("utf8").on("data", (text) => this.#heard("stderr", text));
    this.#exit = new Promise((resolve) => {
      this.child.on("error", (err) => resolve({ code: null, signal: err.message }));
      this.child.on("close", (code, signal) => resolve({ code, signal }));
    });
    this.#exit.then(() => this.#tell());
  }

  #heard(stream, text) {
    this[stream] += text;
    this.#tell();
  }

  #tell() {
    for (const watcher of this.watchers) watcher();
  }

  get said() {
    return `stdout:\n${this.stdout}\nstderr:\n${this.stderr}`;
  }

  /** Waits until the stream's text so far matches, and returns the match. */
  async line(pattern, stream = "stdout") {
    let watcher;
    const found = new Promise((resolve) => {
      watcher = () => {
        const match = this[stream].match(pattern);
        if (match) resolve(match);
      };
      this.watchers.add(watcher);
      watcher();
    });
    const dead = this.#exit.then(({ code, signal }) => {
      watcher(); // what came last may have brought the line
      throw new Error(`the program ended (${code ?? signal}) before ${pattern}; ${this.said}`);
    });
    try {
      return await within(Promise.race([found, dead]), () => `${pattern} on ${stream}; ${this.said}`, 30000);
    } finally {
      this.watchers.delete(watcher);
    }
  }

  /** SIGTERM, and the manners of the end: within 5 s, status 0, no race and no panic reported. */
  async stop() {
    this.child.kill("SIGTERM");
    try {
      const end = await within(this.#exit, () => `the program's end after SIGTERM; ${this.said}`, 5000);
      assert.deepEqual(end, { code: 0, signal: null }, `how the program ended; ${this.said}`);
    } finally {
      this.child.kill("SIGKILL");
    }
    assert.doesNotMatch(this.stderr, /DATA RACE|panic:|goroutine \d+ \[/);
  }
}
