// The limits of the conformance server: 100,000 bytes pass, one more does not, and nothing that is
// only announced is waited for.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bystanders } from "./lib/bystander.mjs";
import { inEveryMode } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";
import { Bare, closeCode, frame, OP, Polling, SEPARATOR, Wire } from "./lib/wire.mjs";

const LIMIT = 100_000;
const server = await serverForFile();
const others = await bystanders(server);

/** An event collect of exactly size bytes on the wire, Engine.IO's own byte included. */
function eventOf(size, filler = "x") {
  const [head, tail] = ['42["collect",1,"', '"]'];
  const room = size - head.length - tail.length;
  const unit = Buffer.byteLength(filler);
  return head + filler.repeat(Math.floor(room / unit)) + "x".repeat(room % unit) + tail;
}

describe("over polling", () => {
  for (const filler of ["x", "é", "👍"]) {
    // checklist: 31
    test(`a body of exactly the limit passes, of ${filler}`, async () => {
      const session = await Polling.open(server.url);
      await session.connect();
      const body = eventOf(LIMIT, filler);
      assert.equal(Buffer.byteLength(body), LIMIT);
      await session.send(body);
      await session.send('420["collected"]');
      assert.deepEqual(await session.until((packet) => packet.startsWith("430")), ["430[[1]]"]);
    });

    test(`one byte more gets 413 and an empty body, of ${filler}`, async () => {
      const session = await Polling.open(server.url);
      const sid = await session.connect();
      const { status, text } = await session.post(eventOf(LIMIT + 1, filler));
      assert.deepEqual([status, text], [413, ""]);
      await survivesOrEnds(session, sid);
    });
  }

  test("many packets count together", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    const packet = eventOf(20_000 - 1);
    await session.send(Array(5).fill(packet).join(SEPARATOR));
    await session.send('420["collected"]');
    assert.deepEqual(await session.until((answer) => answer.startsWith("430")), ["430[[1,1,1,1,1]]"]);
    const { status } = await session.post(Array(6).fill(packet).join(SEPARATOR));
    assert.equal(status, 413);
  });

  // checklist: 33
  test("a chunked body is counted as it comes", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    const bare = await Bare.open(server.url);
    bare.write(`POST ${session.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = `3e8\r\n${"4".repeat(1000)}\r\n`;
    for (let i = 0; i < 101; i++) bare.write(chunk);
    await bare.read(/^HTTP\/1\.1 413 [^]*\r\n\r\n/);
    bare.socket.destroy();
  });

  for (const announced of ["100001", "10000000000", "9223372036854775807"]) {
    test(`a body that announces ${announced} bytes is refused before it comes, or once too much has`, async () => {
      const session = await Polling.open(server.url);
      await session.connect();
      const bare = await Bare.open(server.url);
      bare.write(`POST ${session.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${announced}\r\n\r\n`);
      bare.write(Buffer.alloc(LIMIT + 1, "4"));
      await bare.read(/^HTTP\/1\.1 413 /);
      bare.socket.destroy();
    });
  }

  test("a body that announces more than any number holds is refused", async () => {
    const session = await Polling.open(server.url);
    await session.connect();
    const bare = await Bare.open(server.url);
    bare.write(`POST ${session.url.slice(server.url.length)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${"9".repeat(40)}\r\n\r\n`);
    await bare.read(/^HTTP\/1\.1 4\d\d /);
    bare.socket.destroy();
  });

  /** After a 413 Node keeps the session; a server may as well end it, but must do one of the two. */
  async function survivesOrEnds(session, sid) {
    const { status } = await session.post('420["echo"]').catch(() => ({ status: 400 }));
    if (status === 200) assert.deepEqual(await session.until((packet) => packet === "430[]"), ["430[]"]);
    else await others.reasonOf(sid);
  }
});

describe("over WebSocket", () => {
  async function joined(t) {
    const wire = await Wire.session(server.url);
    t.after(() => wire.close());
    return [wire, await wire.connect()];
  }

  for (const filler of ["x", "é", "👍"]) {
    test(`a message of exactly the limit passes, of ${filler}`, async (t) => {
      const [wire] = await joined(t);
      wire.send(eventOf(LIMIT, filler), '420["collected"]');
      assert.equal(await wire.packet(), "430[[1]]");
    });

    test(`one byte more closes with 1009, of ${filler}`, async (t) => {
      const [wire, sid] = await joined(t);
      wire.send(eventOf(LIMIT + 1, filler));
      assert.equal((await wire.closed()).code, 1009);
      assert.equal((await others.reasonOf(sid)).reason, "transport error");
    });
  }

  test("a binary message of exactly the limit passes, one byte more does not", async (t) => {
    const [wire] = await joined(t);
    const head = '451-1["describe",{"_placeholder":true,"num":0}]';
    wire.send(head, Buffer.alloc(LIMIT, 1));
    assert.equal(await wire.packet(), `431[{"bin":${LIMIT},"sum":${LIMIT % 65536}}]`);
    wire.send(head, Buffer.alloc(LIMIT + 1, 1));
    assert.equal((await wire.closed()).code, 1009);
  });

  test("ten attachments of the limit each pass", async (t) => {
    const [wire] = await joined(t);
    const slots = Array.from({ length: 10 }, (_, i) => `{"_placeholder":true,"num":${i}}`);
    wire.send(`4510-1["collect",1,${slots}]`, ...Array(10).fill(Buffer.alloc(LIMIT)), '421["collected"]');
    assert.equal(await wire.packet(), "431[[1]]");
  });

  // checklist: 60
  test("fragments of a message count together: exactly the limit passes", async () => {
    const bare = await session();
    const text = Buffer.from(eventOf(LIMIT));
    const third = Math.ceil(LIMIT / 3);
    bare.write(frame(OP.text, text.subarray(0, third), { fin: false }));
    bare.write(frame(OP.ping, "between"));
    bare.write(frame(OP.continuation, text.subarray(third, 2 * third), { fin: false }));
    bare.write(frame(OP.continuation, text.subarray(2 * third)));
    bare.write(frame(OP.text, '421["collected"]'));
    await bare.read(/431\[\[1\]\]/);
    await bare.read(/\x8a\x07between/); // the pong
    bare.socket.destroy();
  });

  test("fragments of a message count together: one byte more closes with 1009", async () => {
    const bare = await session();
    const text = Buffer.from(eventOf(LIMIT + 1));
    bare.write(frame(OP.text, text.subarray(0, 60_000), { fin: false }));
    bare.write(frame(OP.continuation, text.subarray(60_000)));
    assert.equal(closeCode(await bare.closed()), 1009);
  });

  test("fragments without end close with 1009", async () => {
    const bare = await session();
    bare.write(frame(OP.binary, Buffer.alloc(1000), { fin: false }));
    const more = frame(OP.continuation, Buffer.alloc(1000), { fin: false });
    for (let i = 0; i < 100; i++) bare.write(more);
    assert.equal(closeCode(await bare.closed()), 1009);
  });

  for (const announced of [LIMIT + 1, 1_000_000_000, 2 ** 40]) {
    test(`a frame that announces ${announced} bytes closes at its header`, async () => {
      const bare = await session();
      bare.write(frame(OP.text, "4", { announced }));
      const received = await bare.closed(900);
      assert.equal(closeCode(received), 1009);
    });
  }

  test("a length that is no length closes at its header", async () => {
    const bare = await session();
    bare.write(Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]));
    assert.ok([1002, 1009].includes(closeCode(await bare.closed(900))));
  });

  const badText = {
    "a lone continuation byte": [0x80], "an overlong slash": [0xc0, 0xaf], "a surrogate": [0xed, 0xa0, 0x80],
    "more than Unicode has": [0xf4, 0x90, 0x80, 0x80], "a character cut off": [0xe2, 0x82],
  };
  for (const [what, bytes] of Object.entries(badText)) {
    test(`text that is no UTF-8 closes with 1007: ${what}`, async () => {
      const bare = await session();
      bare.write(frame(OP.text, Buffer.concat([Buffer.from('42["echo","'), Buffer.from(bytes), Buffer.from('"]')])));
      assert.equal(closeCode(await bare.closed()), 1007);
    });
  }

  test("a character cut by a fragment is whole again", async () => {
    const bare = await session();
    const text = Buffer.from('421["echo","€"]');
    const cut = text.indexOf(0x82);
    bare.write(frame(OP.text, text.subarray(0, cut), { fin: false }));
    bare.write(frame(OP.continuation, text.subarray(cut)));
    await bare.read(/431\["(\xe2\x82\xac|\\u20ac)"\]/);
    bare.socket.destroy();
  });

  /** A bare session that has joined /. */
  async function session() {
    const bare = await Bare.session(server.url);
    bare.write(frame(OP.text, "40"));
    await bare.read(/welcome/);
    return bare;
  }
});

describe("the official client", () => {
  inEveryMode(server, "that sends too much loses its connection and no one else's", async (connect) => {
    const peer = await connect();
    peer.socket.emit("collect", "x".repeat(LIMIT));
    assert.match(await peer.gone(), /transport (error|close)/);
  });

  inEveryMode(server, "learns the limit and fills its polls with it", async (connect) => {
    const peer = await connect();
    assert.equal(peer.manager.engine._maxPayload, LIMIT);
    for (let i = 0; i < 40; i++) peer.socket.emit("collect", i, "x".repeat(10_000));
    const [list] = await peer.ask("collected");
    assert.equal(list.length, 40);
  });
});
