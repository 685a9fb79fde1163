// Node's Socket.IO server with default options, under the event contract of
// bench/README.md. Started with --expose-gc for SIGUSR2.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  socket.on("bench:broadcast", (count, bytes) => {
    const text = "x".repeat(bytes);
    for (let i = 0; i < count; i++) io.emit("message", text);
  });
  socket.on("echo", (...args) => {
    const ack = args.pop();
    ack(...args);
  });
  socket.on("join", (room) => socket.join(room));
  socket.on("say", (room, text) => io.to(room).emit("message", text));
});

process.on("SIGUSR2", () => globalThis.gc?.());

// As many waiting connections as the kernel allows, like the Go servers.
http.listen({ port: Number(process.env.PORT), host: "127.0.0.1", backlog: 4096 });
