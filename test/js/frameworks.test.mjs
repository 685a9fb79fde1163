// Socket.IO under net/http, chi, Gin and Echo, below a path, behind a proxy, and over TLS, with the official client.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Manager } from "socket.io-client";
import { MODES, Peer, upgraded } from "./lib/peer.mjs";
import { binary, Program } from "./lib/program.mjs";
import { request } from "./lib/wire.mjs";

const client = fileURLToPath(new URL("../node_modules/socket.io-client/dist", import.meta.url));
const bin = binary("FRAMEWORKS_BIN", ".", "examples/frameworks");

async function serve(...args) {
  const program = new Program(bin, ["-client", client, "-port", "0", ...args]);
  after(() => program.stop());
  const [, port] = await program.line(/^Your server is up and running on Port (\d+)\. Good job!$/m);
  return port;
}

/** What every way of serving has to do. */
function expectSockets(url, options = {}) {
  for (const [mode, transports] of Object.entries(MODES)) {
    test(mode, async (t) => {
      const connect = () => {
        const peer = new Peer(new Manager(url, { reconnection: false, ...transports, ...options }), "/");
        t.after(() => peer.close());
        return peer;
      };
      const [one, other] = [connect(), connect()];
      await Promise.all([one.connected(), other.connected()]);
      if (mode === "upgrading") await upgraded(one);
      one.socket.send(`hello by ${mode}`);
      assert.deepEqual(await other.next("message"), [`hello by ${mode}`]);
      const blob = Buffer.alloc(300_000, 0xa5);
      const [back] = await one.ask("echo", blob);
      assert.ok(blob.equals(Buffer.from(back)));
      assert.equal(one.manager.engine.transport.name, mode === "polling only" ? "polling" : "websocket");
    });
  }
}

for (const name of ["nethttp", "chi", "gin", "echo"]) {
  const url = `http://localhost:${await serve(name)}`;
  describe(name, () => {
    expectSockets(url);

    test("serves the application's page and the client beside the sockets", async () => {
      for (const [path, part] of [["/", /id="messages"/], ["/socket.io/socket.io.js", /Socket\.IO v4/]]) {
        const { status, text } = await request(url + path);
        assert.equal(status, 200, path);
        assert.match(text, part);
      }
    });
  });
}

const below = `http://localhost:${await serve("subpath")}`;
describe("below a path", () => {
  expectSockets(below, { path: "/app/socket.io" });

  test("there is nothing elsewhere", async () => {
    assert.equal((await request(`${below}/socket.io/?EIO=4&transport=polling`)).status, 404);
  });
});

const proxy = `http://localhost:${await serve("-proxy", `http://localhost:${await serve("nethttp")}`)}`;
describe("behind a proxy", () => {
  expectSockets(proxy, { path: "/app/socket.io", extraHeaders: { origin: proxy } });

  test("a page of another origin is refused", async () => {
    const { status } = await request(`${proxy}/app/socket.io/?EIO=4&transport=polling`, { headers: { origin: "http://evil.example" } });
    assert.equal(status, 403);
  });
});

// Go brings a maker of certificates along.
const folder = mkdtempSync(join(tmpdir(), "rightnow-tls-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const goroot = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
execFileSync("go", ["run", join(goroot, "src/crypto/tls/generate_cert.go"), "-host", "localhost", "-ecdsa-curve", "P256"], { cwd: folder, stdio: "pipe" });
const [cert, key] = ["cert.pem", "key.pem"].map((name) => join(folder, name));
const secure = `https://localhost:${await serve("-cert", cert, "-key", key, "gin")}`;
describe("over TLS", () => expectSockets(secure, { ca: readFileSync(cert) }));
