// The open chat: its head, what was said there, and what one can say.

import { ROLES, deedButton } from "./deeds.js";
import { $, avatar, bdi, clock, count, day, h, icon, straight, sync, toast } from "./dom.js";

const COMMANDS = ["/start", "/me", "/whereami", "/stats", "/seen @name", "/settings", "/privacy", "/admin",
  "/help"];
let messages = [];
let topicOf = null;
let topic = null;
/** Whether the newest message stays in sight. */
let sticks = true;

// Head, deeds and composer

function possible(chat) {
  if (chat.type === "private") {
    return { kicked: ["unblock"], member: ["block"] }[chat.bot_status] ?? [];
  }
  const bot = chat.bot_is_member
    ? [chat.bot_status === "administrator" ? "demote_bot" : "promote_bot", "remove_bot"]
    : ["add_bot"];
  return [chat.is_member ? "leave" : "join", ...bot, ...(chat.type === "group" ? ["migrate"] : [])];
}

/** Why the chosen person cannot write, and what would help. */
function obstacle({ chat, person }) {
  if (person.is_deleted) return ["This account is deleted: it does nothing any more."];
  if (chat.migrated_to_id) return ["This group has become a supergroup."];
  if (chat.type === "private") {
    return chat.bot_status === "kicked" ? ["The bot is blocked here.", "unblock"] : null;
  }
  if (chat.status === "kicked") return ["You are banned here: an administrator has to lift it."];
  if (!chat.is_member) return ["You are not in this chat.", "join"];
  if (chat.status === "restricted") return ["You are muted here."];
  if (chat.type === "channel" && !["creator", "administrator"].includes(chat.status)) {
    return ["Only administrators write in a channel."];
  }
  return null;
}

export function showChat(app) {
  const { chat, person } = app;
  const isPrivate = chat.type === "private";
  const open = `${person.id}/${chat.id}`;
  if (topicOf !== open) {
    [topicOf, topic] = [open, null];
    [messages, sticks] = [[], true];
    $("messages").replaceChildren();
    $("members").replaceChildren();
  }
  $("chat-avatar").replaceChildren(
    isPrivate ? avatar(app.state.bot.id, chat.title, "bot") : avatar(chat.id, chat.title));
  $("chat-title").textContent = chat.title;
  document.title = `${chat.title} – userreg sandbox`;
  const facts = isPrivate
    ? ["private chat", `id ${chat.id}`]
    : [chat.is_forum ? "forum" : chat.type, `you: ${ROLES[chat.status]}`,
        `bot: ${ROLES[chat.bot_status]}`, chat.username && `@${chat.username}`];
  $("chat-facts").textContent = facts.filter(Boolean).join(" · ");
  $("topic-field").hidden = !chat.is_forum;
  const topics = [{ id: "", name: "All topics" }, ...chat.topics];
  sync($("topic"), topics, ({ id }) => id, ({ id, name }) => h("option", { value: id }, name));
  $("topic").value = topic ?? "";
  $("show-members").hidden = isPrivate;
  $("members-count").textContent = count(chat.member_count);
  const isWanted = $("show-members").getAttribute("aria-expanded") === "true";
  $("members-panel").hidden = isPrivate || !isWanted;
  sync($("deeds"), possible(chat), (name) => name, (name) => deedButton(app, name));
  $("deeds-row").hidden = !possible(chat).length;
  const [why, remedy] = obstacle(app) ?? [];
  $("composer").hidden = Boolean(why);
  $("notice").hidden = !why;
  if (why) sync($("notice"), [{ why, remedy }], ({ why }) => why, () =>
    h("span", {}, why, " ", remedy && deedButton(app, remedy)));
}

async function write(app, text) {
  if (!text.trim()) return false;
  const done = await app.deed("write", { text, topic });
  return done !== null;
}

function fillSeen(app) {
  const usernames = new Map(app.state.people.map((person) => [person.id, person.username]));
  usernames.delete(app.person.id);
  const name = messages.map(({ author }) => usernames.get(author?.id)).findLast(Boolean) ?? "name";
  $("text").value = `/seen @${name}`;
  $("text").focus();
  $("text").setSelectionRange(7, 7 + name.length);
  grow();
}

function grow() {
  const field = $("text");
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
}

// Messages

function toEnd() {
  sticks = true;
  $("messages").scrollTop = $("messages").scrollHeight;
  $("newer").hidden = true;
}

const stick = () => sticks && toEnd();

export function showMessages(app, found = messages) {
  const log = $("messages");
  const last = messages.at(-1)?.message_id;
  messages = found;
  const shown = messages.filter((message) => topic === null || message.topic_id === topic);
  const byId = new Map(messages.map((message) => [message.message_id, message]));
  const topics = new Map(app.chat.topics.map(({ id, name }) => [id, name]));
  const items = [];
  let before = null;
  for (const message of shown) {
    const today = day(message.date);
    if (today !== (before && day(before.date))) items.push({ key: `day ${today}`, day: today });
    const isNext = Boolean(before && !before.service && !message.service && before.author
      && before.author.id === message.author?.id && message.date - before.date < 300
      && today === day(before.date) && before.topic_id === message.topic_id);
    const quoted = byId.get(message.reply_to);
    items.push({
      ...message, key: message.message_id, isNext,
      topic: topic === null && !isNext ? topics.get(message.topic_id) : null,
      quote: quoted && {
        name: quoted.author?.name ?? quoted.sender_chat,
        text: quoted.text || quoted.service || (quoted.photo ? "Photo" : "File"),
      },
    });
    before = message;
  }
  if (!items.length) items.push({ key: "none", isPrivate: app.chat.type === "private" });
  sync(log, items, ({ key }) => key, (item) => build(app, item));
  if (sticks) toEnd();
  else if (messages.at(-1)?.message_id !== last) $("newer").hidden = false;
}

function build(app, item) {
  if (item.day) return h("p", { class: "day" }, item.day);
  if (item.key === "none") return empty(app, item);
  const { author, message_id: id } = item;
  if (item.service) {
    return h("p", { class: "service", dir: "auto", "data-message": id }, straight(item.service));
  }
  const name = author?.name ?? item.sender_chat ?? "Somebody";
  const kind = item.is_own ? "own" : author?.is_bot ? "bot" : "other";
  const bubble = h("div", { class: "bubble" },
    !item.is_own && !item.isNext && h("p", { class: `author hue-${Math.abs(author?.id ?? 0) % 8}` },
      bdi(name), author?.is_bot && h("span", { class: "tag" }, "bot")),
    item.topic && h("p", { class: "topic" }, icon("forum", "Topic"), bdi(item.topic)),
    item.quote && h("blockquote", { class: "reply" },
      h("b", {}, bdi(item.quote.name)), h("span", { dir: "auto" }, item.quote.text)),
    item.photo && h("img", { src: item.photo, alt: "Photo", onload: stick }),
    item.document && h("a",
      { class: "file", href: item.document.url, download: item.document.name },
      icon("file"), bdi(item.document.name)),
    item.text && h("div", { class: "text", dir: "auto" },
      renderText(item.text, item.entities, (command) => write(app, command))),
    h("p", { class: "at" }, item.edit_date && "edited ", clock(item.date)));
  const unseen = item.is_own ? "You: " : item.isNext ? `${name}: ` : "";
  const who = h("span", { class: "hidden" }, unseen);
  return h("article", {
    class: `message ${kind}${item.isNext ? " next" : ""}`,
    "data-message": id, "data-author": author?.id,
  },
    kind === "own" ? null : avatar(author?.id ?? 0, name, author?.is_bot && "bot"),
    h("div", { class: "stack" }, who, bubble, keyboard(app, item)));
}

function empty(app, { isPrivate }) {
  return h("div", { class: "empty" },
    h("p", {}, "Nothing was said here yet."),
    isPrivate && h("button", {
      type: "button", class: "button primary", onclick: () => write(app, "/start"),
    }, "Start"));
}

function keyboard(app, { buttons, message_id }) {
  if (!buttons?.length) return null;
  return h("div", { class: "keyboard" }, buttons.map((row) => h("div", {}, row.map((button) => {
    if (/^(https?|tg):/i.test(button.url ?? "")) {
      return h("a", {
        class: "button", href: button.url, target: "_blank", rel: "noopener noreferrer",
        dir: "auto",
      }, button.text);
    }
    if (button.web_app) {
      return h("button", {
        type: "button", class: "button", dir: "auto",
        onclick: () => openWebApp(app, { message_id, data: button.web_app.url }),
      }, button.text);
    }
    return h("button", {
      type: "button", class: "button", dir: "auto", "data-press": button.callback_data,
      disabled: button.callback_data === undefined,
      onclick: async ({ currentTarget }) => {
        currentTarget.setAttribute("aria-busy", "true");
        const answer = await app.deed("press", { message_id, data: button.callback_data });
        currentTarget.removeAttribute("aria-busy");
        if (answer?.alert) toast(answer.alert);
      },
    }, button.text);
  }))));
}

/** In a window of its own, which browsers open only at once. */
async function openWebApp(app, pressed) {
  const opened = open("", "_blank");
  const answer = await app.deed("open", pressed);
  if (!answer) opened?.close();
  else if (opened) {
    opened.opener = null;
    opened.location.replace(answer.url);
  } else toast("The browser opens no window for this page.", "error");
}

// A text with its entities: offsets count UTF-16 units, as JavaScript does

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const SAFE = /^(https?|tg|mailto):/i;

function link(address, content) {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
  if (!SAFE.test(full)) return h("span", {}, content);
  return h("a", { href: full, target: "_blank", rel: "noopener noreferrer" }, content);
}

function wrap(entity, text, content, send) {
  const { type } = entity;
  if (TAGS[type]) return h(TAGS[type], {}, content);
  if (type === "text_link") return link(entity.url ?? "", content);
  if (type === "url") return link(text, content);
  if (type === "spoiler") return h("span", { class: "spoiler", tabindex: "0" }, content);
  if (type === "bot_command") {
    return h("button", {
      type: "button", class: "command", dir: "ltr", onclick: () => send(text),
    }, content);
  }
  return h("span", { class: "mention" }, content);
}

/** The nodes of `text`; entities may lie in one another. A command that is pressed is sent. */
function renderText(text, entities, send) {
  const waiting = entities
    .filter(({ offset, length }) => offset >= 0 && length > 0 && offset + length <= text.length)
    .sort((a, b) => a.offset - b.offset || b.length - a.length);
  const between = (from, to) => {
    const nodes = [];
    let at = from;
    while (waiting.length && waiting[0].offset < to) {
      const entity = waiting.shift();
      if (entity.offset < at) continue;
      const end = Math.min(entity.offset + entity.length, to);
      nodes.push(text.slice(at, entity.offset));
      nodes.push(wrap(entity, text.slice(entity.offset, end), between(entity.offset, end), send));
      at = end;
    }
    return [...nodes, text.slice(at, to)];
  };
  return between(0, text.length);
}

// Wiring

export function startChat(app) {
  $("commands").append(...COMMANDS.map((command) => h("button", {
    type: "button", class: "chip", "data-command": command.split(" ")[0],
    onclick: () => (command.startsWith("/seen") ? fillSeen(app) : write(app, command)),
  }, command)));
  $("composer").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = $("text").value;
    $("text").value = "";
    grow();
    toEnd();
    if (!(await write(app, text)) && !$("text").value) $("text").value = text;
  });
  $("text").addEventListener("input", grow);
  $("text").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("composer").requestSubmit();
  });
  $("messages").addEventListener("scroll", ({ target: log }) => {
    sticks = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    if (sticks) $("newer").hidden = true;
  });
  new ResizeObserver(stick).observe($("messages"));
  $("newer").addEventListener("click", toEnd);
  $("topic").addEventListener("change", () => {
    topic = $("topic").value ? Number($("topic").value) : null;
    $("messages").replaceChildren();
    showMessages(app);
  });
}
