// Node's `ws`: without compression, and with the native addon that its README advises for speed
// (`bufferutil`, found when it is installed).
//
//   ws_server.mjs PORT

import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer((request, response) => {
  const fields = { "Content-Type": "text/plain", "Content-Length": 13 };
  response.writeHead(request.url === "/http" ? 200 : 404, fields);
  response.end("Hello, World!");
});

const options = { noServer: true, perMessageDeflate: false, maxPayload: 16 << 20 };
const echo = new WebSocketServer(options);
echo.on("connection", (socket) => {
  socket.on("message", (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
  socket.on("error", () => socket.terminate());
});

const fanOut = new WebSocketServer(options);
fanOut.on("connection", (socket) => {
  socket.on("message", (bytes, isBinary) => {
    for (const member of fanOut.clients) member.send(bytes, { binary: isBinary });
  });
  socket.on("error", () => socket.terminate());
});

server.on("upgrade", (request, socket, head) => {
  const target = request.url === "/fan-out" ? fanOut : echo;
  target.handleUpgrade(request, socket, head, (opened) => target.emit("connection", opened));
});
server.listen(Number(process.argv[2]), "127.0.0.1");
