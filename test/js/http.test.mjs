// HTTP of the conformance server: who is refused before a session, CORS, and what else a request can be.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";
import { bystanders } from "./lib/bystander.mjs";
import { dial, inEveryMode, MODES } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { engineURL, Polling, request, Wire } from "./lib/wire.mjs";

const FRIEND = "http://conformance.example";
const server = await serverForFile();
await bystanders(server);
const polling = (query) => engineURL(server.url, { EIO: "4", transport: "polling", ...query });

/** A WebSocket handshake as plain HTTP, so that a refusal can be read. */
function upgrade(query, headers) {
  return request(engineURL(server.url, { EIO: "4", transport: "websocket", ...query }), {
    headers: {
      connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers,
    },
  });
}

describe("errors before a session", () => {
  const cases = [
    ["GET", { EIO: "4" }, 400, 0, "Transport unknown"],
    ["GET", { EIO: "4", transport: "" }, 400, 0, "Transport unknown"],
    ["GET", { EIO: "4", transport: "webtransport" }, 400, 0, "Transport unknown"],
    ["GET", { EIO: "4", transport: "constructor" }, 400, 0, "Transport unknown"],
    ["GET", { EIO: "4", transport: "polling", sid: "nobody" }, 400, 1, "Session ID unknown"],
    ["GET", { EIO: "4", transport: "polling", sid: "__proto__" }, 400, 1, "Session ID unknown"],
    ["GET", { EIO: "4", transport: "polling", sid: "x".repeat(5000) }, 400, 1, "Session ID unknown"],
    ["POST", { EIO: "4", transport: "polling", sid: "nobody" }, 400, 1, "Session ID unknown"],
    ["POST", { EIO: "4", transport: "polling" }, 400, 2, "Bad handshake method"],
    ["PUT", { EIO: "4", transport: "polling" }, 400, 2, "Bad handshake method"],
    ["DELETE", { EIO: "4", transport: "polling" }, 400, 2, "Bad handshake method"],
    ["GET", { EIO: "4", transport: "websocket" }, 400, 3, "Bad request"],
    ["GET", { EIO: "3", transport: "polling" }, 400, 5, "Unsupported protocol version"],
    ["GET", { EIO: "5", transport: "polling" }, 400, 5, "Unsupported protocol version"],
    ["GET", { transport: "polling" }, 400, 5, "Unsupported protocol version"],
  ];
  for (const [method, query, status, code, message] of cases) {
    test(`${method} ${JSON.stringify(query).slice(0, 70)} is ${status} with code ${code}`, async () => {
      const got = await request(engineURL(server.url, query), { method, body: method === "POST" ? "40" : undefined });
      assert.equal(got.status, status);
      assert.match(got.headers["content-type"], /^application\/json/);
      assert.equal(got.text, JSON.stringify({ code, message }));
    });
  }

  test("HEAD opens no session", async () => {
    const { clients } = await server.stats();
    const { status, text } = await request(polling(), { method: "HEAD" });
    assert.equal(text, "");
    assert.ok(status >= 400, `status ${status}`);
    assert.equal((await server.stats()).clients, clients);
  });

  test("a query that is no query does no harm", async () => {
    for (const query of ["", "?", "?%zz", "?EIO=4&transport=polling&sid=%00", "?EIO=4&EIO=3&transport=polling", `?${"&".repeat(2000)}`]) {
      const { status } = await request(`${server.url}/socket.io/${query}`);
      assert.equal(status, 400, query);
    }
  });

  // checklist: 18
  test("of a repeated key the last value counts", async () => {
    const { status } = await request(`${server.url}/socket.io/?EIO=3&EIO=4&transport=abc&transport=polling`);
    assert.equal(status, 200);
  });

  test("a session of polling takes no other method and no WebSocket's request", async () => {
    const session = await Polling.open(server.url);
    for (const method of ["PUT", "DELETE", "PATCH"]) {
      const { status } = await request(session.url, { method });
      assert.ok(status >= 400, `${method}: status ${status}`);
    }
    const wrong = engineURL(server.url, { EIO: "4", transport: "websocket", sid: session.sid });
    const { status, text } = await request(wrong);
    assert.equal(status, 400);
    assert.deepEqual(JSON.parse(text), { code: 3, message: "Bad request" });
  });
});

describe("allowRequest", () => {
  const deny = { "x-conformance-deny": "1" };

  // checklist: 12
  test("refuses polling with 403 and code 4", async () => {
    const { status, headers, text } = await request(polling(), { headers: deny });
    assert.equal(status, 403);
    assert.match(headers["content-type"], /^application\/json/);
    assert.deepEqual(JSON.parse(text), { code: 4, message: "Forbidden" });
  });

  test("refuses an empty header as well", async () => {
    assert.equal((await request(polling(), { headers: { "x-conformance-deny": "" } })).status, 403);
  });

  test("refuses a WebSocket with 400 or 403 and says why in plain text", async () => {
    const { status, text } = await upgrade({}, deny);
    assert.ok([400, 403].includes(status), `status ${status}`);
    assert.equal(text, "Forbidden");
  });

  for (const [mode, transports] of Object.entries(MODES)) {
    test(`shows in the official client (${mode})`, async (t) => {
      const err = await dial(t, server.url, { ...transports, extraHeaders: deny }).refused();
      assert.match(err.message, /error/);
    });
  }

  test("is asked at the handshake only", async () => {
    const session = await Polling.open(server.url);
    const { status } = await session.post("40", { headers: deny });
    assert.equal(status, 200);
    assert.equal((await session.poll({ headers: deny })).status, 200);
  });
});

describe("CORS", () => {
  function assertFriendly({ headers }) {
    assert.equal(headers["access-control-allow-origin"], FRIEND);
    assert.equal(headers["access-control-allow-credentials"], "true");
    assert.match(headers.vary ?? "", /Origin/i);
  }

  // checklist: 189
  test("lets the friend's pages read polls, posts and errors", async () => {
    const headers = { origin: FRIEND };
    const open = await request(polling(), { headers });
    assertFriendly(open);
    const session = Object.assign(new Polling(), { base: server.url }, JSON.parse(open.text.slice(1)));
    assertFriendly(await session.post("40", { headers }));
    assertFriendly(await session.poll({ headers }));
    assertFriendly(await request(engineURL(server.url, { EIO: "4" }), { headers }));
  });

  // checklist: 189
  test("answers the friend's preflight", async () => {
    const headers = {
      origin: FRIEND, "access-control-request-method": "POST", "access-control-request-headers": "content-type,x-custom",
    };
    const answer = await request(polling(), { method: "OPTIONS", headers });
    assert.equal(answer.status, 204);
    assert.equal(answer.text, "");
    assertFriendly(answer);
    assert.match(answer.headers["access-control-allow-methods"], /POST/);
    assert.match(answer.headers["access-control-allow-headers"], /x-custom/i);
  });

  test("lets the friend's pages open a WebSocket", async (t) => {
    const wire = await Wire.session(server.url, { origin: FRIEND });
    t.after(() => wire.close());
    await wire.connect();
  });

  test("lets the server's own pages in as well", async (t) => {
    assert.equal((await request(polling(), { headers: { origin: server.url } })).status, 200);
    const wire = await Wire.session(server.url, { origin: server.url });
    t.after(() => wire.close());
    await wire.connect();
  });

  for (const origin of ["http://evil.example", "https://conformance.example", `${FRIEND}.evil.example`, "null", "\u00ff"]) {
    test(`never names ${JSON.stringify(origin)}, and opens nothing to its pages`, async () => {
      const polled = await request(polling(), { headers: { origin } });
      assert.notEqual(polled.headers["access-control-allow-origin"], origin);
      assert.notEqual(polled.headers["access-control-allow-origin"], "*");
      assert.ok(polled.status >= 400, `polling: status ${polled.status}`);
      const { status } = await upgrade({}, { origin });
      assert.ok(status >= 400, `WebSocket: status ${status}`);
    });
  }
});

describe("responses", () => {
  // checklist: 4
  test("are not to be stored", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    for (const answer of [await session.post('42["echo"]'), await session.poll(), await request(polling())]) {
      assert.equal(answer.headers["cache-control"], "no-store");
      assert.equal(answer.headers["content-length"], String(Buffer.byteLength(answer.text)));
    }
  });

  // checklist: 44
  for (const [accepted, encoding, decode] of [["gzip, deflate, br", "gzip", gunzipSync], ["deflate", "deflate", inflateSync]]) {
    test(`of 1024 bytes or more are compressed for a client that takes ${accepted}`, async () => {
      const session = await Polling.open(server.url);
      await session.connect();
      const text = "x".repeat(2000);
      await session.send(`42["echo","${text}"]`);
      const headers = { "accept-encoding": accepted };
      const answer = await session.poll({ headers });
      assert.equal(answer.headers["content-encoding"], encoding);
      assert.equal(decode(answer.bytes).toString(), `42["echo","${text}"]`);
      await session.send('42["echo","short"]');
      const small = await session.poll({ headers });
      assert.equal(small.headers["content-encoding"], undefined);
    });
  }

  test("set no cookie unless asked to", async () => {
    assert.equal((await request(polling())).headers["set-cookie"], undefined);
  });

  // checklist: 2
  inEveryMode(server, "keep a session apart from the sockets in it", async (connect) => {
    const peer = await connect();
    assert.equal((await request(polling({ sid: peer.id }))).status, 400);
  });
});
