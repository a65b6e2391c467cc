// The page: who one is, which chat is open, and what the server tells meanwhile.

import { showChat, showMessages, startChat } from "./chat.js";
import { showMembers, showSwitch, showSwitches, startDeeds } from "./deeds.js";
import {
  $, arrowKeys, avatar, bdi, chooser, gathered, get, h, icon, post, sync, toast, when,
} from "./dom.js";
import { noteCall, noteDelivery, noteUpdate, showRows, startEvidence } from "./evidence.js";

const TYPES = {
  private: "Private chat", group: "Group", supergroup: "Supergroup", channel: "Channel",
};
const unread = new Set();
let state = null;

/** What the parts of the page share. */
const app = {
  get state() {
    return state;
  },
  get person() {
    return state.people.find((person) => person.id === state.person);
  },
  get chat() {
    return state.chats.find((chat) => chat.id === wanted().chat) ?? state.chats[0];
  },
  nameOf: (id) =>
    id === state.bot.id ? state.bot.name
      : (state.people.find((person) => person.id === id) ?? {}).name
        ?? (state.chats.find((chat) => chat.id === id) ?? {}).title ?? String(id),
  go,
  /** Makes the chosen person do something; null where it was not possible, which is said. */
  async deed(name, extra = {}) {
    try {
      return await post(`deeds/${name}`, { person: state.person, chat: app.chat.id, ...extra });
    } catch (problem) {
      toast(problem.message, "error");
      return null;
    } finally {
      loadState.soon();
    }
  },
  async turn(name, on) {
    try {
      await post(`switches/${name}`, { on });
    } catch (problem) {
      toast(problem.message, "error");
    }
  },
};

// Who and where: in the address, so that it outlives a reload

function wanted() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const number = (name) => (hash.has(name) ? Number(hash.get(name)) : null);
  return { person: number("person"), chat: number("chat") };
}

function go({ person = state.person, chat = app.chat.id }, view) {
  const isOwn = state.chats[0].id === chat || chat === state.person;
  const to = isOwn && person !== state.person ? person : chat;
  location.hash = new URLSearchParams({ person, chat: to });
  if (view) show(view);
}

function show(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll(".tabs button")) {
    if (button.dataset.view === view) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
}

// What the server knows

/** A loader whose answer counts only if nothing else has been asked for since. */
function loader(ask, use, refuse = (problem) => toast(problem.message, "error")) {
  let asked = 0;
  const load = async () => {
    const number = ++asked;
    try {
      const found = await ask();
      if (number === asked) use(found);
    } catch (problem) {
      if (number === asked) refuse(problem);
    }
  };
  load.soon = gathered(load, ask.pause ?? 50);
  return load;
}

/** Whose view of which chat the page shows. */
let shown = null;
const here = () => ({ chat: app.chat.id, person: state.person });

const askState = () => get("state", wanted().person === null ? {} : { person: wanted().person });
askState.pause = 200;
const loadState = loader(askState, (found) => {
  state = found;
  unread.delete(app.chat.id);
  showPerson();
  showChats();
  showChat(app);
  showSwitches(app);
  const { url, pending_update_count: pending } = state.webhook;
  const host = /^https?:\/\/[^/]+/.exec(url)?.[0].replace(/^https?:\/\//, "");
  $("webhook").textContent = host ? `Webhook at ${host} · ${pending} waiting` : "No webhook set";
  const now = JSON.stringify(here());
  if (now === shown) return;
  shown = now;
  loadMessages();
  loadMembers();
  loadRows();
}, lost);
const loadMessages = loader(
  () => get("messages", here()),
  (found) => showMessages(app, found.messages),
);
const loadMembers = loader(
  () => get("members", { chat: app.chat.id }),
  (found) => showMembers(app, found),
);

let rowsOf = null;
let retry = 0;
const loadRows = loader(() => get("rows", here()), (rows) => {
  const now = JSON.stringify(here());
  showRows({ rows, isOther: now !== rowsOf });
  rowsOf = now;
}, (problem) => {
  showRows({ problem: problem.message });
  clearTimeout(retry);
  if (problem.status === 503) retry = setTimeout(loadRows, 1000);
});

/** Whatever is shown is asked for anew. */
function loadAll() {
  shown = null;
  loadState();
}

function showPerson() {
  const { person } = app;
  $("person-avatar").replaceChildren(avatar(person.id, person.name));
  $("who").replaceChildren(h("span", { class: "hidden" }, "You are "),
    avatar(person.id, person.name), h("span", { class: "name" }, bdi(person.name)));
  $("text").placeholder = `Message as \u2068${person.name}\u2069`;
  if ($("people").hidden) $("person").value = person.name;
  const facts = [person.username && `@${person.username}`, `id ${person.id}`, person.language,
    person.is_deleted && "deleted account"];
  $("person-facts").textContent = facts.filter(Boolean).join(" · ");
  $("rename").hidden = person.is_deleted;
}

// The list of chats

function botBadge(chat) {
  const isPrivate = chat.type === "private";
  const words = {
    administrator: ["admin", "good"],
    member: isPrivate ? null : ["member", "plain"],
    restricted: ["restricted", "warn"],
    kicked: [isPrivate ? "blocked" : "banned", "bad"],
    left: [isPrivate ? "not started" : "not here", "faint"],
  }[chat.bot_status];
  return words && h("span", { class: `badge ${words[1]}`, title: "the bot here" },
    icon("bot", "bot:"), words[0]);
}

function showChats() {
  const open = app.chat.id;
  const now = Math.max(...state.chats.map((chat) => chat.last_at ?? 0));
  const item = (chat) => (
    { ...chat, now, isOpen: chat.id === open, isUnread: unread.has(chat.id) });
  const inside = state.chats.filter((chat) => chat.is_member).map(item);
  const outside = state.chats.filter((chat) => !chat.is_member).map(item);
  const items = [...inside, { id: "outside", heading: "Not a member of" }, ...outside];
  if (!outside.length) items.pop();
  sync($("chats"), items, (chat) => chat.id, (chat) =>
    chat.heading ? h("li", { class: "heading" }, chat.heading) : h("li", {}, chatButton(chat)));
}

function chatButton(chat) {
  const type = chat.is_forum ? icon("forum", "Forum") : icon(chat.type, TYPES[chat.type]);
  return h("button", {
    type: "button", class: "chat-button", "data-chat": chat.id, "data-type": chat.type,
    "aria-current": chat.isOpen ? "true" : null, tabindex: chat.isOpen ? null : "-1",
    onclick: () => go({ chat: chat.id }, "chat"),
  },
  chat.type === "private"
    ? avatar(state.bot.id, chat.title, "bot")
    : avatar(chat.id, chat.title),
  h("span", { class: "title" }, type, h("span", { class: "name" }, bdi(chat.title))),
  chat.last_at && when(chat.last_at, chat.now),
  h("span", { class: "last", dir: "auto" }, chat.last_text ?? "Nothing said yet"),
  chat.isUnread
    ? h("span", { class: "unread", role: "img", "aria-label": "something new" })
    : botBadge(chat));
}

// What happens meanwhile

function lost(problem) {
  if (state === null) setTimeout(loadAll, 2000);
  $("live").textContent = problem.status ? problem.message : "Reconnecting…";
  $("live").dataset.live = "no";
}

const reactions = {
  update: (event) => noteUpdate(app, event),
  delivery(event) {
    noteDelivery(app, event);
    loadState.soon();
    if (event.status === 200) loadRows.soon();
  },
  call: (event) => noteCall(app, event),
  changed({ chat }) {
    loadState.soon();
    if (chat === app.chat.id) {
      loadMessages.soon();
      loadMembers.soon();
    } else if (state.chats.some((known) => known.id === chat && known.is_member)) unread.add(chat);
  },
  switch(event) {
    showSwitch(app, event);
    if (event.name === "database_away") loadRows.soon();
  },
  migrated({ chat, to }) {
    if (wanted().chat === chat) go({ chat: to });
  },
};

function listen() {
  const events = new EventSource("events");
  events.onopen = () => {
    $("live").textContent = "Live";
    $("live").dataset.live = "yes";
    loadAll();
  };
  events.onerror = () => {
    lost({});
    if (events.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, 2000);
  };
  events.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    if (state !== null) reactions[event.type]?.(event);
  };
}

chooser($("person"), $("people"), {
  people: () => state?.people.filter((person) => !person.is_bot) ?? [],
  choose: (id) => go({ person: id }),
  label: () => (state ? app.person.name : ""),
});
$("who").addEventListener("click", () => {
  show("chats");
  $("person").focus();
});
arrowKeys($("chats"), ".chat-button");
for (const button of document.querySelectorAll(".tabs button")) {
  button.addEventListener("click", () => show(button.dataset.view));
}
addEventListener("hashchange", loadState);
startChat(app);
startDeeds(app);
startEvidence(app);
show("chat");
listen();
