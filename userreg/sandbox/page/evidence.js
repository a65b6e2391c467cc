// The evidence: what Telegram sent and the bot asked for, and what the registry holds.

import { $, bdi, count, h, icon, isoTime, seconds, sync } from "./dom.js";

const KEPT = 200;
/** For how long a changed cell stays marked, in milliseconds; style.css knows it too. */
const MARKED = 6000;

// Updates and calls, newest first

/** The chat that an update is about, wherever it names it. */
function chatIn(value, depth = 3) {
  if (!value || typeof value !== "object" || depth === 0) return null;
  if (value.chat?.id) return value.chat;
  for (const inner of Object.values(value)) {
    const found = chatIn(inner, depth - 1);
    if (found) return found;
  }
  return null;
}

const userName = (user) =>
  user && bdi([user.first_name, user.last_name].filter(Boolean).join(" ") || "Deleted account");
const chatName = (chat) => chat && bdi(chat.title ?? "private");
const told = (text) =>
  h("span", { class: "told", dir: "auto" }, String(text).split("\n")[0].slice(0, 120));
const SERVICE = {
  new_chat_title: "changed the title",
  migrate_to_chat_id: "became a supergroup", migrate_from_chat_id: "was a group before",
  photo: "photo", document: "file", sticker: "sticker", pinned_message: "pinned a message",
};

/** One line that tells what an update tells. */
function summary(kind, body) {
  const inner = body[kind] ?? {};
  const who = userName(inner.from ?? inner.user) ?? chatName(inner.sender_chat);
  const chat = chatIn(inner);
  const where = chat && chat.type !== "private" ? [" in ", chatName(chat)] : [];
  const came = inner.new_chat_members ?? (inner.left_chat_member && [inner.left_chat_member]);
  if (came) {
    const [verb, done] = inner.new_chat_members ? ["joined", "added"] : ["left", "removed"];
    const by = came.some(({ id }) => id === inner.from?.id) ? [] : [`, ${done} by `, who];
    const names = came.flatMap((user) => [", ", userName(user)]).slice(1);
    return [names, ` ${verb} `, chatName(chat), by];
  }
  if (kind === "callback_query") return [who, " pressed ", told(inner.data ?? ""), where];
  if (inner.old_chat_member) {
    const { user, status } = inner.new_chat_member;
    const by = inner.from?.id === user.id ? [] : [" by ", userName(inner.from)];
    return [userName(user), where, `: ${inner.old_chat_member.status} → ${status}`, by];
  }
  if (inner.new_reaction) {
    const signs = inner.new_reaction.map((reaction) => reaction.emoji ?? "★").join("");
    return [who ?? "Somebody", " reacted ", signs || "no more", where];
  }
  if (kind === "chat_join_request") return [who, " asks to join ", chatName(inner.chat)];
  const service = Object.keys(SERVICE).find((name) => name in inner);
  const text = inner.text ?? inner.caption ?? (service && SERVICE[service]);
  return [who ?? chatName(chat) ?? kind, where, text && [": ", told(text)]];
}

function put(app, entry, chat) {
  const list = $("updates");
  if (chat !== null) entry.dataset.chat = chat;
  entry.hidden = !isShown(app, entry);
  list.prepend(entry);
  while (list.children.length > KEPT) list.lastElementChild.remove();
}

function isShown(app, entry) {
  const { chat } = entry.dataset;
  return !$("only-chat").checked || !chat || Number(chat) === app.chat.id;
}

/** Raw JSON is made only for those who open it. */
function foldable(head, value) {
  return h("details", {
    ontoggle: ({ currentTarget }) => {
      if (currentTarget.open && currentTarget.children.length === 1) {
        currentTarget.append(h("pre", { tabindex: "0" }, JSON.stringify(value, null, 2)));
      }
      if (currentTarget.open) currentTarget.scrollIntoView({ block: "nearest" });
    },
  }, h("summary", {}, head));
}

function entryOf(id) {
  return $("updates").querySelector(`[data-update="${Number(id)}"]`);
}

export function noteUpdate(app, { update_id, kind, body, at }) {
  const hooks = { class: "entry update", "data-update": update_id, "data-kind": kind };
  const entry = h("li", hooks, foldable([
    icon("in", "From Telegram"), h("b", {}, kind), h("span", { class: "number" }, update_id),
    h("span", { class: "deliveries" }, h("span", { class: "pill waiting" }, "on its way")),
    h("time", { datetime: isoTime(at) }, seconds(at)),
    h("span", { class: "summary" }, summary(kind, body)),
  ], body));
  put(app, entry, chatIn(body)?.id ?? null);
}

export function noteDelivery(app, { update_id, attempt, status, error, ms, retry_in }) {
  let entry = entryOf(update_id);
  if (!entry) {
    entry = h("li", { class: "entry update", "data-update": update_id },
      h("p", {}, icon("in", "From Telegram"), h("b", {}, "update"),
        h("span", { class: "number" }, update_id), h("span", { class: "deliveries" }),
        h("span", { class: "summary" }, "from before this page was opened")));
    put(app, entry, null);
  }
  const isGood = status >= 200 && status < 300;
  const kind = isGood ? "ok" : [429, 503].includes(status) ? "later" : "failed";
  const wait = retry_in > 0 ? `in ${Number(retry_in.toFixed(1))} s` : "at once";
  const again = retry_in === null ? "" : ` · again ${wait}`;
  const place = entry.querySelector(".deliveries");
  place.querySelector(".waiting")?.remove();
  place.append(h("span", {
    class: `pill ${kind}`, "data-status": status ?? "none", "data-attempt": attempt,
    title: error ?? `attempt ${attempt}`,
  }, `${status ?? "no answer"} · ${duration(ms)}${again}`));
  if (place.children.length > 6) place.firstElementChild.remove();
}

const duration = (ms) =>
  ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;

const SIGNS = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };

/** What a person reads of Telegram's HTML. */
const withoutTags = (markup) =>
  markup.replace(/<\/?[a-z][^>]*>/g, "").replace(/&(?:lt|gt|quot|amp);/g, (sign) => SIGNS[sign]);

export function noteCall(app, { method, parameters, ok, error, ms }) {
  const chat = Number(parameters.chat_id) || null;
  const text = withoutTags(parameters.text ?? parameters.caption ?? "");
  const entry = h("li", { class: "entry call", "data-method": method, "data-ok": ok }, foldable([
    icon("out", "From userreg"), h("b", {}, method),
    h("span", { class: "summary" }, chat && bdi(app.nameOf(chat)), text && [": ", told(text)]),
    h("span", { class: "deliveries" },
      h("span", { class: `pill ${ok ? "ok" : "failed"}` }, `${error ?? "ok"} · ${duration(ms)}`)),
  ], parameters));
  put(app, entry, chat);
}

// The registry

/** By which columns the rows of a table are told apart; what changes most comes first. */
const KEYS = {
  memberships: ["user_id", "chat_id"],
  membership_events: ["chat_id", "user_id", "at", "update_id"],
  users: ["id"],
  known_names: ["user_id", "kind", "name"],
  chats: ["id"],
  daily_activity: ["chat_id", "user_id", "day"],
};
/** The newest rows of a table come first. */
const latest = (row) => String(row.at ?? row.last_at ?? row.day ?? "");
const AT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:\+00:00|Z)?$/;
const RARE = /^(via_.*|is_carried_over|is_bot|is_premium|is_gone|is_forum)$/;

/** What seldom matters to a reader: ties, keys that mean nothing, and nothing at all. */
const isMinor = (table, column, value) =>
  value === null || /update_id$|_is_dated$|^(profile|language|member_count)_at$/.test(column)
  || (RARE.test(column) && !value)
  || (column === "id" && !["users", "chats"].includes(table))
  || (["chat_id", "user_id"].includes(column));

function shownValue(value) {
  if (value === null) return "none";
  if (typeof value === "object") return JSON.stringify(value);
  const time = AT.exec(String(value));
  return time ? `${time[1]} ${time[2]}` : String(value);
}

function mark(element) {
  element.classList.remove("changed");
  void element.offsetWidth; // so that the flash begins anew
  element.classList.add("changed");
  clearTimeout(Number(element.dataset.timer));
  element.dataset.timer = setTimeout(() => element.classList.remove("changed"), MARKED);
}

function showCells(table, card, row, isFirst) {
  const list = card.querySelector("dl");
  const known = new Map([...list.children].map((cell) => [cell.dataset.column, cell]));
  for (const [column, value] of Object.entries(row)) {
    const raw = JSON.stringify(value);
    let cell = known.get(column);
    if (cell?.dataset.value === raw) continue;
    if (!cell) {
      const parts = [h("dt", {}, column), h("dd", { dir: "auto" })];
      cell = h("div", { class: "cell", "data-column": column }, parts);
      list.append(cell);
    }
    cell.dataset.value = raw;
    cell.classList.toggle("minor", isMinor(table, column, value));
    cell.classList.toggle("null", value === null);
    cell.querySelector("dd").textContent = shownValue(value);
    if (!isFirst) mark(cell);
  }
}

/** `rows` of the chosen person and chat; `isOther`: of others than before, so nothing changed. */
export function showRows({ rows, isOther, problem }) {
  const registry = $("registry");
  $("away").hidden = !problem;
  $("away").textContent = problem ?? "";
  registry.classList.toggle("stale", Boolean(problem));
  if (problem) return;
  if (isOther) registry.replaceChildren();
  const isFirst = !registry.childElementCount;
  for (const [name, columns] of Object.entries(KEYS)) {
    const found = (rows[name] ?? []).toSorted((a, b) => latest(b).localeCompare(latest(a)));
    let section = registry.querySelector(`[data-table="${name}"]`);
    if (!section) {
      section = h("section", { "data-table": name },
        h("h3", {}, name, " ", h("span", { class: "number" })), h("div", { class: "rows" }));
      registry.append(section);
    }
    const number = ["nothing", "1 row"][found.length] ?? `${count(found.length)} rows`;
    section.querySelector(".number").textContent = number;
    const keyOf = (row) => columns.map((column) => row[column]).join("/");
    const cards = section.querySelector(".rows");
    const before = new Set([...cards.children].map((card) => card.dataset.key));
    sync(cards, found.map((row) => ({ key: keyOf(row) })), ({ key }) => key,
      () => h("div", { class: "card" }, h("dl")));
    for (const row of found) {
      const card = [...cards.children].find((child) => child.dataset.key === keyOf(row));
      const isNew = !before.has(card.dataset.key);
      showCells(name, card, row, isFirst || isNew);
      if (isNew && !isFirst) mark(card);
    }
  }
}

// Wiring

export function startEvidence(app) {
  $("only-chat").addEventListener("change", () => filterUpdates(app));
  addEventListener("hashchange", () => filterUpdates(app));
  $("clear").addEventListener("click", () => $("updates").replaceChildren());
  $("every-column").addEventListener("change", ({ target }) => {
    $("registry").classList.toggle("brief", !target.checked);
  });
  for (const button of document.querySelectorAll(".segments button")) {
    button.addEventListener("click", () => {
      document.body.dataset.evidence = button.dataset.show;
      for (const other of button.parentElement.children) {
        other.setAttribute("aria-pressed", String(other === button));
      }
    });
  }
}

function filterUpdates(app) {
  for (const entry of $("updates").children) entry.hidden = !isShown(app, entry);
}
