// The live posts of cmd/rightnow with the official client.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { after, describe, test } from "node:test";
import { Manager } from "socket.io-client";
import { MODES, Peer } from "./lib/peer.mjs";
import { binary, Program } from "./lib/program.mjs";
import { request } from "./lib/wire.mjs";

const KEY = "0123456789abcdef-of-the-tests";
const folder = mkdtempSync(path(tmpdir(), "rightnow-posts-"));
const program = new Program(binary("RIGHTNOW_BIN", "./cmd/rightnow"),
  ["serve", "--port=0", `--data=${path(folder, "chat.db")}`, "--feed=", "--feed-rate=100", "--feed-burst=100", "--open-burst=100"],
  { RIGHTNOW_API_TOKEN: KEY });
after(async () => {
  await program.stop();
  assert.ok(!program.stderr.includes(KEY), "the key is in the log");
  rmSync(folder, { recursive: true, force: true });
});
const [, port] = await program.line(/^Your server is up and running on Port (\d+)\. Good job!$/m);
const url = `http://127.0.0.1:${port}`;

const api = (method, where, body) => request(`${url}/api/posts${where}`, {
  method, headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" }, body: body && JSON.stringify(body),
});

for (const [mode, transports] of Object.entries(MODES)) {
  describe(mode, () => {
    const room = `js-${mode.split(" ")[0].toLowerCase()}`;

    async function enter(t, nick) {
      const peer = new Peer(new Manager(url, { ...transports, reconnection: false }), "/");
      t.after(() => peer.close());
      await peer.connected();
      const [entered] = await peer.ask("enter", { room, nick, secret: `the secret of ${nick}, long enough` });
      assert.equal(entered.you?.nick, nick);
      return peer;
    }

    test("words are tracked, a post comes, is quoted, and is deleted everywhere", async (t) => {
      const ann = await enter(t, "ann");
      const bob = await enter(t, "bob");
      const [view] = await ann.ask("feed", { room });
      assert.deepEqual([view.on, view.may, view.words, view.posts], [true, true, [], []]);
      assert.equal((await bob.ask("feed_set", { room, words: ["oolong"] }))[0].error.code, "not_allowed");
      assert.deepEqual((await ann.ask("feed_set", { room, words: [`Oolong ${room}`] }))[0].words, [`${room} oolong`]);
      assert.equal((await ann.next("feed_words"))[0].by, "ann");

      // A post may be lost on its way to a client that cannot take it at once: then another one comes.
      let post;
      for (let i = 0; !post; i++) {
        const id = `${room}-${i}`;
        assert.equal((await api("POST", "", { id, text: `about oolong in ${room} <b>`, author: { id: "m", name: "Mira" } })).status, 202);
        [post] = await ann.next("post", 2000).catch((err) => (i < 5 ? [] : Promise.reject(err)));
      }
      assert.deepEqual([post.room, post.source, post.text, post.matched], [room, "api", `about oolong in ${room} <b>`, [`${room} oolong`]]);
      const { source, id } = post;

      const [receipt] = await bob.ask("say", { room, id: "1", text: "", quote: { source, id } });
      assert.equal(receipt.error?.code, undefined);
      const [message] = await ann.next("message");
      assert.deepEqual([message.seq, message.quote.author, message.quote.text], [receipt.seq, "Mira", post.text]);

      assert.equal((await api("DELETE", `/${id}`)).status, 204);
      assert.deepEqual(await bob.next("post_gone"), [{ source, id }]); // bob follows no posts
      assert.deepEqual(await ann.next("post_gone"), [{ source, id }]);
      const [{ messages }] = await bob.ask("since", { room, after: 0 });
      assert.deepEqual(messages.map((m) => m.quote), [{ source, id, removed: true }]);
      assert.equal((await bob.ask("say", { room, id: "2", text: "", quote: { source, id } }))[0].error.code, "post_gone");
    });
  });
}
