// An address that stays while servers come and go.
import { once } from "node:events";
import net from "node:net";

/** Leads whoever comes to the server on port `to` of the moment. A server that is started again on its old port may find it taken. */
export async function openDoor(t) {
  const door = { to: 0 };
  const open = new Set();
  const listener = net.createServer((here) => {
    const there = net.connect(door.to, "127.0.0.1");
    for (const [one, other] of [[here, there], [there, here]]) {
      open.add(one);
      one.on("error", () => {}).on("close", () => { open.delete(one); other.destroy(); });
      one.pipe(other);
    }
  });
  t.after(() => {
    listener.close();
    for (const socket of open) socket.destroy();
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  door.url = `http://127.0.0.1:${listener.address().port}`;
  return door;
}
