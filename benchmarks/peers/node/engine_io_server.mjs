// Node's engine.io, by long-polling only: without compression, and without the timers' traffic.
//
//   engine_io_server.mjs PORT

import { createServer } from "node:http";
import { Server } from "engine.io";

const engine = new Server({
  transports: ["polling"],
  httpCompression: false,
  pingInterval: 3600_000,
  maxHttpBufferSize: 16 << 20,
});
engine.on("connection", (socket) => {
  socket.on("message", (message) => socket.send(message));
});

const server = createServer();
engine.attach(server);
server.listen(Number(process.argv[2]), "127.0.0.1");
