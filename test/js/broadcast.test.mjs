// Rooms and broadcasts of the conformance server. The sender speaks each mode in turn; its
// audience always has one client of every mode.
import assert from "node:assert/strict";
import { describe } from "node:test";
import { alsoJoin, inEveryMode, join, MODES } from "./lib/peer.mjs";
import { serverForFile } from "./lib/server.mjs";

const server = await serverForFile();

/** One more client in each mode. */
function audience(t) {
  return Promise.all(Object.values(MODES).map((options) => join(t, server.url, options)));
}

/** A room's name that no other test of this file uses. */
let rooms = 0;
const room = (name = "room") => `${name}-${rooms++}`;

/** Waits until all that was broadcast before has come, and returns what came of an event. */
async function heard(peers, event) {
  await Promise.all(peers.map((peer) => peer.settle()));
  return peers.map((peer) => peer.waiting(event).map((args) => args[0]));
}

describe("join, leave, rooms", () => {
  inEveryMode(server, "answer with the socket's rooms, sorted, without its own", async (connect) => {
    const peer = await connect();
    assert.deepEqual(await peer.ask("rooms"), [[]]);
    assert.deepEqual(await peer.ask("join", "b"), [["b"]]);
    assert.deepEqual(await peer.ask("join", "a"), [["a", "b"]]);
    assert.deepEqual(await peer.ask("join", "a"), [["a", "b"]]);
    assert.deepEqual(await peer.ask("join", ""), [["", "a", "b"]]);
    assert.deepEqual(await peer.ask("join", "é 👍#*"), [["", "a", "b", "é 👍#*"]]);
    assert.deepEqual(await peer.ask("leave", ""), [["a", "b", "é 👍#*"]]);
    assert.deepEqual(await peer.ask("leave", "never joined"), [["a", "b", "é 👍#*"]]);
    assert.deepEqual(await peer.ask("leave", "b"), [["a", "é 👍#*"]]);
    assert.deepEqual(await peer.ask("rooms"), [["a", "é 👍#*"]]);
  });

  inEveryMode(server, "members are the room's sockets, sorted", async (connect, t) => {
    const [name, peer, others] = [room(), await connect(), await audience(t)];
    assert.deepEqual(await peer.ask("members", name), [[]]);
    await Promise.all([peer, ...others].map((one) => one.ask("join", name)));
    const ids = [peer, ...others].map(({ id }) => id).sort();
    assert.deepEqual(await peer.ask("members", name), [ids]);
    await others[0].ask("leave", name);
    assert.deepEqual(await peer.ask("members", name), [ids.filter((id) => id !== others[0].id)]);
    assert.deepEqual(await peer.ask("members", peer.id), [[peer.id]]);
  });

  // checklist: 151
  inEveryMode(server, "belong to one namespace", async (connect) => {
    const [name, peer] = [room(), await connect()];
    const custom = await alsoJoin(peer, "/custom");
    await peer.ask("join", name);
    assert.deepEqual(await custom.ask("rooms"), [[]]);
    assert.deepEqual(await custom.ask("members", name), [[]]);
    await custom.ask("send", { via: "io", to: [name], event: "news" });
    assert.deepEqual(await heard([peer], "news"), [[]]);
  });
});

describe("rooms-join and rooms-leave", () => {
  inEveryMode(server, "move every member", async (connect, t) => {
    const [from, to, peer, others] = [room(), room(), await connect(), await audience(t)];
    await Promise.all(others.map((one) => one.ask("join", from)));
    assert.deepEqual(await peer.ask("rooms-join", from, to), []);
    const ids = others.map(({ id }) => id).sort();
    assert.deepEqual(await peer.ask("members", to), [ids]);
    assert.deepEqual(await peer.ask("members", from), [ids]);
    assert.deepEqual(await peer.ask("rooms-leave", to, from), []);
    assert.deepEqual(await peer.ask("members", from), [[]]);
    for (const one of others) assert.deepEqual(await one.ask("rooms"), [[to]]);
  });
});

describe("send", () => {
  /** Who of [sender, 1, 2, 3] hears a spec, where 1 is in a, 2 in a and b, 3 in b, the sender in a. */
  const table = [
    ["io to everybody", { via: "io" }, [1, 1, 1, 1]],
    ["io to an empty list: everybody", { via: "io", to: [] }, [1, 1, 1, 1]],
    ["io to a room", { via: "io", to: ["a"] }, [1, 1, 1, 0]],
    ["io to two rooms, once each", { via: "io", to: ["a", "b"] }, [1, 1, 1, 1]],
    ["io to an unknown room", { via: "io", to: ["none"] }, [0, 0, 0, 0]],
    ["io to all but a room", { via: "io", except: ["b"] }, [1, 1, 0, 0]],
    ["io to a room but another", { via: "io", to: ["a"], except: ["b"] }, [1, 1, 0, 0]],
    ["io to a room but itself", { via: "io", to: ["a"], except: ["a"] }, [0, 0, 0, 0]],
    ["socket to the others", { via: "socket" }, [0, 1, 1, 1]],
    ["socket to a room it is in", { via: "socket", to: ["a"] }, [0, 1, 1, 0]],
    ["socket to two rooms", { via: "socket", to: ["a", "b"] }, [0, 1, 1, 1]],
    ["socket to the others but a room", { via: "socket", except: ["a"] }, [0, 0, 0, 1]],
  ];
  for (const [what, spec, expected] of table) {
    // checklist: 148, 149, 150
    inEveryMode(server, `via ${what}`, async (connect, t) => {
      const names = { a: room("a"), b: room("b"), none: room("none") };
      const [peer, [one, two, three]] = [await connect(), await audience(t)];
      await Promise.all([
        peer.ask("join", names.a), one.ask("join", names.a), two.ask("join", names.a),
        two.ask("join", names.b), three.ask("join", names.b),
      ]);
      const own = { ...spec, event: "news", args: ["text"] };
      for (const list of ["to", "except"]) if (spec[list]) own[list] = spec[list].map((name) => names[name]);
      assert.deepEqual(await peer.ask("send", own), []);
      const got = await heard([peer, one, two, three], "news");
      assert.deepEqual(got, expected.map((n) => Array(n).fill("text")));
    });
  }

  // checklist: 146, 149, 150
  inEveryMode(server, "to one socket by its id, and to itself never via socket", async (connect, t) => {
    const [peer, [one, two]] = [await connect(), await audience(t)];
    await peer.ask("send", { via: "io", to: [one.id], event: "news", args: ["one"] });
    await peer.ask("send", { via: "socket", to: [peer.id], event: "news", args: ["self"] });
    await peer.ask("send", { via: "io", except: [one.id, two.id], event: "news", args: ["rest"] });
    assert.deepEqual(await heard([peer, one, two], "news"), [["rest"], ["one"], []]);
  });

  inEveryMode(server, "carries any arguments, binary too, to every transport", async (connect, t) => {
    const [name, peer, others] = [room(), await connect(), await audience(t)];
    await Promise.all([peer, ...others].map((one) => one.ask("join", name)));
    const args = [1, "two", { three: [null, Buffer.from([0, 255])] }, Buffer.alloc(0), Buffer.alloc(70000, 7)];
    await peer.ask("send", { via: "io", to: [name], event: "mixed-news", args });
    for (const one of [peer, ...others]) assert.deepEqual(await one.next("mixed-news"), args);
    await peer.ask("send", { via: "io", to: [name], event: "no-args" });
    for (const one of [peer, ...others]) assert.deepEqual(await one.next("no-args"), []);
  });
});

describe("send-seq", () => {
  inEveryMode(server, "comes whole and in order to every transport", async (connect, t) => {
    const [name, peer, others] = [room(), await connect(), await audience(t)];
    await Promise.all([peer, ...others].map((one) => one.ask("join", name)));
    await peer.ask("send-seq", { via: "io", to: [name], event: "seq" }, 500, 100);
    for (const one of [peer, ...others]) {
      for (let i = 0; i < 500; i++) assert.deepEqual(await one.next("seq"), [i, "x".repeat(100)]);
    }
  });

  inEveryMode(server, "of two senders at once keeps each one's order", async (connect, t) => {
    const [name, peer, others] = [room(), await connect(), await audience(t)];
    const rival = await connect();
    await Promise.all(others.map((one) => one.ask("join", name)));
    await Promise.all([
      peer.ask("send-seq", { via: "io", to: [name], event: "left" }, 300, 10),
      rival.ask("send-seq", { via: "io", to: [name], event: "right" }, 300, 10),
    ]);
    for (const one of others) {
      await one.settle();
      for (const event of ["left", "right"]) {
        assert.deepEqual(one.waiting(event).map(([i]) => i), Array.from({ length: 300 }, (_, i) => i));
      }
    }
  });
});

describe("confirm", () => {
  // checklist: 141
  inEveryMode(server, "collects an acknowledgement of every member", async (connect, t) => {
    const [name, peer, others] = [room(), await connect(), await audience(t)];
    for (const [i, one] of others.entries()) {
      await one.ask("join", name);
      one.socket.on("confirm", (value, ack) => ack(i, "only the first counts"));
    }
    const [{ timedOut, responses }] = await peer.ask("confirm", name, 5000);
    assert.equal(timedOut, false);
    assert.deepEqual(responses.sort(), [0, 1, 2]);
    assert.deepEqual((await others[0].next("confirm"))[0], name);
  });

  // checklist: 141
  inEveryMode(server, "keeps what has come when somebody is silent", async (connect, t) => {
    const [name, peer, others] = [room(), await connect(), await audience(t)];
    await Promise.all(others.map((one) => one.ask("join", name)));
    others[0].socket.on("confirm", (value, ack) => ack("here"));
    const [{ timedOut, responses }] = await peer.ask("confirm", name, 500);
    assert.equal(timedOut, true);
    assert.deepEqual(responses, ["here"]);
  });

  // checklist: 142
  inEveryMode(server, "of an empty room is complete at once", async (connect) => {
    const peer = await connect();
    assert.deepEqual(await peer.ask("confirm", room(), 60000), [{ timedOut: false, responses: [] }]);
  });
});

describe("kick", () => {
  for (const hard of [false, true]) {
    inEveryMode(server, `${hard ? "hard, closes" : "soft, keeps"} the connection`, async (connect, t) => {
      const [name, peer, others] = [room(), await connect(), await audience(t)];
      const customs = await Promise.all(others.map((one) => alsoJoin(one, "/custom")));
      await Promise.all(others.map((one) => one.ask("join", name)));
      assert.deepEqual(await peer.ask("kick", name, hard), []);
      for (const one of others) assert.equal(await one.gone(), "io server disconnect");
      assert.deepEqual(await peer.ask("members", name), [[]]);
      for (const custom of customs) {
        if (hard) assert.equal(await custom.gone(), "io server disconnect");
        else await custom.settle();
      }
      await peer.settle();
    });
  }
});

describe("bye", () => {
  // checklist: 160
  inEveryMode(server, "leaves the other namespaces alone", async (connect) => {
    const peer = await connect();
    const custom = await alsoJoin(peer, "/custom");
    peer.socket.emit("bye", false);
    assert.equal(await peer.gone(), "io server disconnect");
    await custom.settle();
  });

  // checklist: 161
  inEveryMode(server, "hard, leaves every namespace", async (connect) => {
    const peer = await connect();
    const custom = await alsoJoin(peer, "/custom");
    custom.socket.emit("bye", true);
    assert.equal(await peer.gone(), "io server disconnect");
    assert.equal(await custom.gone(), "io server disconnect");
  });
});
