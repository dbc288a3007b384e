"use strict";

const $ = id => document.getElementById(id);
const wait = time => new Promise(done => setTimeout(done, time));
const make = (name, fields, ...children) => {
  const element = Object.assign(document.createElement(name), fields);
  element.append(...children);
  return element;
};

// A visit is one stay in one room. Whatever belongs to an earlier visit falls silent.
let visit = 0;
let connection = null;
let position = null;
let people = [];
let failures = 0;
let polling = new URLSearchParams(location.search).get("transport") === "poll";

const room = () => decodeURIComponent(location.hash.slice(1)) || "Lobby";
const nick = () => localStorage.getItem("nick") || "";
const path = what => `/room/${encodeURIComponent(room())}/${what}`;

if (!nick()) localStorage.setItem("nick", `Guest ${Math.floor(1000 + Math.random() * 9000)}`);

function state(text) { $("state").textContent = text; }

function line(...what) {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  log.append(make("li", {}, ...what));
  while (log.childElementCount > 1000) log.firstChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
  return log.lastChild;
}

function note(text) { line(text).className = "note"; }

function show(message) {
  if (message.type === "came") {
    if (!people.includes(message.nick)) people.push(message.nick);
    note(`${message.nick} has come.`);
  } else if (message.type === "left") {
    const at = people.indexOf(message.nick);
    if (at >= 0) people.splice(at, 1);
    note(`${message.nick} has left.`);
  } else {
    const time = new Date(message.time);
    const clock = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const item = line(
      make("b", { textContent: message.nick }),
      make("time", { textContent: clock, dateTime: time.toISOString() }),
      make("p", { textContent: message.text }),
    );
    item.className = message.nick === nick() ? "said mine" : "said";
  }
  showPeople();
}

function showPeople() {
  const names = [...people].sort((a, b) => a.localeCompare(b));
  $("people").replaceChildren(...names.map(name => make("li", { textContent: name })));
}

function welcome(told) {
  if (!told.complete && position) note("Some messages were missed here.");
  people = told.names;
  showPeople();
}

// Offsets go up by one with each message of the room, so what was seen need only be counted.
function count() {
  const [epoch, offset] = position.split("-");
  position = `${epoch}-${Number(offset) + 1}`;
}

function talk(mine) {
  const query = new URLSearchParams({ nick: nick(), after: position || "" });
  const url = new URL(`${path("socket")}?${query}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  let opened = false;
  connection = socket;
  socket.onmessage = event => {
    if (mine !== visit) return;
    const message = JSON.parse(event.data);
    if (typeof message === "string") return note(message);
    if (message.type === "welcome") {
      opened = true;
      failures = 0;
      welcome(message);
      position = message.position;
      return state("connected");
    }
    count();
    show(message);
  };
  socket.onclose = async event => {
    if (mine !== visit) return;
    if (event.code === 1008) {
      note(event.reason);
      return state("not connected");
    }
    failures += 1;
    // Some networks let no WebSocket through.
    if (!opened && failures >= 3) polling = true;
    state("connecting again");
    await wait(Math.min(250 * 2 ** failures, 15000) * (0.5 + Math.random()));
    if (mine === visit) connect(mine);
  };
}

async function poll(mine) {
  const stop = new AbortController();
  connection = { close: () => stop.abort() };
  while (mine === visit) {
    try {
      const query = new URLSearchParams({ nick: nick(), after: position || "" });
      state("connected by long polls");
      const answer = await fetch(`${path("poll")}?${query}`, { signal: stop.signal });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const heard = await answer.json();
      if (mine !== visit) return;
      if (!heard.complete && position) note("Some messages were missed here.");
      position = heard.position;
      heard.messages.forEach(show);
      people = heard.names;
      showPeople();
      failures = 0;
    } catch {
      if (mine !== visit) return;
      failures += 1;
      state("connecting again");
      await wait(Math.min(250 * 2 ** failures, 15000));
    }
  }
}

function connect(mine) { polling ? poll(mine) : talk(mine); }

function enter() {
  visit += 1;
  if (connection) connection.close();
  position = null;
  people = [];
  failures = 0;
  $("log").replaceChildren();
  $("title").textContent = room();
  document.title = `${room()} · Waterspout chat`;
  $("nick").value = nick();
  toggleMenu(false);
  showPeople();
  state("connecting");
  connect(visit);
  showRooms();
}

async function say(text) {
  if (!polling) {
    if (connection.readyState !== WebSocket.OPEN) return false;
    connection.send(text);
    return true;
  }
  const body = new URLSearchParams({ nick: nick(), text });
  return fetch(path("say"), { method: "POST", body }).then(answer => answer.ok, () => false);
}

async function refresh() {
  const mine = visit;
  const names = await fetch(path("names")).then(answer => answer.json(), () => null);
  if (names && mine === visit) {
    people = names;
    showPeople();
  }
  await showRooms();
}

async function showRooms() {
  const known = await fetch("/rooms").then(answer => answer.json(), () => []);
  if (!known.some(each => each.room === room())) known.push({ room: room(), members: people.length });
  $("rooms").replaceChildren(...known.map(each => {
    const link = make("a", { href: `#${encodeURIComponent(each.room)}` }, each.room,
      make("span", { textContent: each.members || "", title: "people" }));
    if (each.room === room()) link.setAttribute("aria-current", "page");
    return make("li", {}, link);
  }));
}

function toggleMenu(open) {
  $("side").classList.toggle("open", open);
  $("menu").setAttribute("aria-expanded", open);
}

$("menu").onclick = () => toggleMenu(!$("side").classList.contains("open"));
$("say").onsubmit = async event => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  if (await say(text)) $("text").value = "";
  else note("Not connected; the message was not sent.");
};
$("me").onsubmit = event => {
  event.preventDefault();
  localStorage.setItem("nick", $("nick").value.trim());
  enter();
};
$("other").onsubmit = event => {
  event.preventDefault();
  const name = $("other-name").value.trim();
  $("other-name").value = "";
  if (name) location.hash = encodeURIComponent(name);
};
addEventListener("hashchange", enter);
setInterval(() => { if (!document.hidden) refresh(); }, 5000);
enter();
