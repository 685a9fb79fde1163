// A page that uses the declarations: the compiler checks each name and each argument.
import { io, type Socket } from "socket.io-client";
import type { ClientToServerEvents, Message, ServerToClientEvents } from "./events";

const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io();
const messages: Message[] = [];

socket.on("said", (message) => {
  messages.push(message);
  const size: number = message.picture?.byteLength ?? 0;
  console.log(message.id, message.text.toUpperCase(), new Date(message.at), size);
});
socket.on("cleared", () => messages.splice(0));

export async function say(text: string): Promise<number> {
  const receipt = await socket.emitWithAck("say", { room: "tea", text });
  if ("error" in receipt) throw new Error(receipt.error);
  return receipt.id;
}

socket.emit("enter", "tea", (people) => {
  if (people && !("error" in people)) console.log(people.length, people.join(", ")); // a nil slice is null
});
socket.emit("clear", () => {});
