// Bun, whose WebSockets are uWebSockets: an echo at every path, with compression at /ws/deflate, and
// rooms under /ws/room/.

const flags = process.argv.slice(2);
const port = Number(flags[flags.indexOf("--port") + 1]);

const server = Bun.serve({
  port,
  hostname: "127.0.0.1",
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    const room = pathname.startsWith("/ws/room/") ? pathname : null;
    return server.upgrade(request, { data: { room } }) ? undefined : new Response("WebSockets only", { status: 400 });
  },
  websocket: {
    // Without "shared", each socket would keep its own window.
    perMessageDeflate: { compress: "shared", decompress: "shared" },
    open(ws) {
      if (ws.data.room) ws.subscribe(ws.data.room);
    },
    message(ws, message) {
      if (ws.data.room) server.publish(ws.data.room, message);
      else ws.send(message, true);
    },
  },
});

console.log(`listening on http://127.0.0.1:${server.port}`);
