// Elements, requests, times, lists that change in place, and a field to search people in.

/** An element. Whatever is said or named becomes text: nothing is ever read as markup. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  const shown = children.flat(Infinity).filter((child) => child || child === 0);
  element.append(...shown.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

export const $ = (id) => document.getElementById(id);

export function icon(name, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A sentence with names in it, without the characters that would turn what follows them. */
export const straight = (text) => text.replace(/[\u202a-\u202e]/g, "");

/** A name that turns nothing around it, in whatever direction it runs. */
export const bdi = (name) => h("bdi", {}, name);

export function avatar(id, name, sign) {
  const letter = /\p{L}|\p{N}/u.exec(name ?? "")?.[0].toLocaleUpperCase() ?? "?";
  const look = `avatar hue-${Math.abs(Number(id) || 0) % 8}`;
  return h("span", { class: look, "aria-hidden": "true" }, sign ? icon(sign) : letter);
}

// Requests

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  throw Object.assign(new Error(body.error ?? `The server answered ${response.status}.`), {
    status: response.status,
  });
}

export const get = async (path, query = {}) =>
  answer(await fetch(`${path}?${new URLSearchParams(query)}`));

export const post = async (path, body) =>
  answer(
    await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );

/** Calls that come close together are one, at the latest after so many milliseconds. */
export function gathered(work, milliseconds) {
  let timer = 0;
  return () => {
    timer ||= setTimeout(() => {
      timer = 0;
      work();
    }, milliseconds);
  };
}

// Times are UTC, as in the registry

const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const CLOCK = format({ hour: "2-digit", minute: "2-digit" });
const SECONDS = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = format({ day: "numeric", month: "long", year: "numeric" });
const SHORT = format({ day: "numeric", month: "short" });

export const day = (unix) => DAY.format(unix * 1000);
export const seconds = (unix) => SECONDS.format(unix * 1000);
export const isoTime = (unix) => new Date(unix * 1000).toISOString().replace(".000Z", "Z");
const whole = (unix) => `${day(unix)}, ${seconds(unix)} UTC`;

export const clock = (unix) =>
  h("time", { datetime: isoTime(unix), title: whole(unix) }, CLOCK.format(unix * 1000));

/** The hour today, the day before. */
export function when(unix, now) {
  const text = day(unix) === day(now) ? CLOCK.format(unix * 1000) : SHORT.format(unix * 1000);
  return h("time", { datetime: isoTime(unix), title: whole(unix) }, text);
}

export const count = (number) => Number(number).toLocaleString("en");

// Lists

const signatures = new WeakMap();

/** Makes the children of `list` those of `items`; what has not changed stays where it is. */
export function sync(list, items, keyOf, build) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const old = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let lost = null;
  const nodes = items.map((item) => {
    const key = String(keyOf(item));
    const signature = JSON.stringify(item);
    const known = old.get(key);
    old.delete(key);
    if (known && signatures.get(known) === signature) return known;
    const made = build(item);
    made.dataset.key = key;
    signatures.set(made, signature);
    if (known?.contains(focused)) lost = made;
    known?.replaceWith(made);
    return made;
  });
  for (const gone of old.values()) gone.remove();
  let next = list.firstElementChild;
  for (const node of nodes) {
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
  if (lost) (lost.querySelector("button, a") ?? lost).focus({ preventScroll: true });
  else if (focused?.isConnected) focused.focus({ preventScroll: true });
}

/** The arrow keys go through the buttons of a list, which is one stop of the Tab key. */
export function arrowKeys(list, selector) {
  const all = () => [...list.querySelectorAll(selector)];
  list.addEventListener("keydown", (event) => {
    const buttons = all();
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length]?.focus();
  });
}

// People to choose from

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** `person.note` is whatever else there is to say of somebody. */
export function personLine(person) {
  const facts = [person.username && `@${person.username}`, person.note, person.is_bot && "bot",
    person.is_deleted && "deleted"].filter(Boolean);
  return [
    avatar(person.id, person.name, person.is_bot && "bot"),
    h("span", { class: "line" },
      h("span", { class: "name" }, bdi(person.name)),
      h("span", { class: "facts" }, facts.join(" · ") || `id ${person.id}`)),
  ];
}

/** A combobox over `people()`: by name, username or id. `label()` is what it shows at rest. */
export function chooser(input, list, { people, choose, label }) {
  let active = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    const all = options();
    active = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  };
  const open = (text) => {
    const wanted = plain(text).trim().replace(/^@/, "");
    const found = people().filter((person) =>
      plain(`${person.name} ${person.username ?? ""} ${person.id}`).includes(wanted));
    list.replaceChildren(...found.map((person) => h("li", {
      role: "option", id: `${list.id}-${person.id}`, "data-person": person.id,
      "aria-selected": "false",
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => take(person.id),
    }, personLine({ ...person, note: person.language }))));
    if (!found.length) {
      list.append(h("li", { class: "none", role: "presentation" }, "Nobody is called that"));
    }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(text ? 0 : Math.max(0, found.findIndex((person) => person.name === label())));
  };
  const take = (id) => {
    close();
    choose(id);
    input.value = label();
  };
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", () => list.hidden && open(""));
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("blur", () => {
    close();
    input.value = label();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) open("");
      else mark(active + step);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      if (active >= 0) take(Number(options()[active].dataset.person));
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
      input.value = label();
      input.select();
    }
  });
}

// What has to be said once

export function toast(text, kind = "note") {
  const box = h("div", { class: `toast ${kind}`, role: kind === "error" ? "alert" : null },
    h("p", { dir: "auto" }, straight(text)),
    h("button", {
      type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => box.remove(),
    }, icon("close")));
  $("toasts").append(box);
  while ($("toasts").children.length > 3) $("toasts").firstElementChild.remove();
  setTimeout(() => box.remove(), 8000);
}
