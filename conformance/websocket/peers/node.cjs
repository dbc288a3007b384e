// The package `ws` of Node: node.cjs PATH-OF-WS server, which prints its port, or
// node.cjs PATH-OF-WS client URL, which exits with 1 when an echo is wrong.

const { WebSocket, WebSocketServer } = require(process.argv[2]);

const LENGTHS = [0, 1, 31, 32, 125, 126, 127, 65535, 65536, 300000];
const TEXTS = ["", "hello", "Grüße, 世界 🌪", ...LENGTHS.map((length) => "x".repeat(length))];
const BINARIES = LENGTHS.map((length) => Buffer.alloc(length, "waterspout"));

function serve() {
  const options = { port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0 }, maxPayload: 0 };
  const server = new WebSocketServer(options);
  server.on("connection", (ws) => ws.on("message", (data, binary) => ws.send(data, { binary })));
  server.on("listening", () => console.log(server.address().port));
}

function talk(url) {
  const ws = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
  const wanted = [...TEXTS, ...BINARIES];
  const fail = (why) => {
    console.error(why);
    process.exit(1);
  };
  let pong = false;
  ws.on("error", fail);
  ws.on("pong", (data) => (pong = data.toString() === "are you there"));
  ws.on("open", () => {
    ws.ping("are you there");
    wanted.forEach((message) => ws.send(message));
  });
  ws.on("message", (data, binary) => {
    const message = wanted.shift();
    const same = binary ? data.equals(message) : data.toString() === message;
    if (!same || binary === (typeof message === "string")) fail("another echo than was sent");
    if (wanted.length === 0) ws.close(3001, "enough");
  });
  ws.on("close", (code) => {
    if (code !== 3001 || !pong || wanted.length > 0) fail(`closed with ${code}`);
  });
}

process.argv[3] === "server" ? serve() : talk(process.argv[4]);
