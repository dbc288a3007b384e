// Bun, whose WebSockets are uWebSockets: an echo at every path, with compression at /ws/deflate.

const flags = process.argv.slice(2);
const port = Number(flags[flags.indexOf("--port") + 1]);

const server = Bun.serve({
  port,
  hostname: "127.0.0.1",
  fetch(request, server) {
    return server.upgrade(request) ? undefined : new Response("WebSockets only", { status: 400 });
  },
  websocket: {
    // Without "shared", each socket would keep its own window.
    perMessageDeflate: { compress: "shared", decompress: "shared" },
    message(ws, message) {
      ws.send(message, true);
    },
  },
});

console.log(`listening on http://127.0.0.1:${server.port}`);
