// What can be made to happen: by people to a chat, to each other and to their names, and trouble.

import { $, arrowKeys, chooser, count, h, icon, personLine, sync } from "./dom.js";

export const ROLES = {
  creator: "owner", administrator: "admin", member: "member", restricted: "muted",
  left: "not a member", kicked: "banned",
};
const MENU = {
  administrator: ["demote", "ban"],
  member: ["promote", "mute", "ban"],
  restricted: ["unmute", "ban"],
  left: ["add", "mute", "ban"],
  kicked: ["unban"],
};
const WORDS = {
  join: "Join", leave: "Leave", add_bot: "Add the bot", remove_bot: "Remove the bot",
  promote_bot: "Promote the bot", demote_bot: "Demote the bot",
  migrate: "Make supergroup", block: "Block the bot", unblock: "Unblock the bot",
  add: "Add", ban: "Ban", unban: "Lift the ban", mute: "Mute", unmute: "Unmute",
  promote: "Make administrator", demote: "Make a plain member",
};
const GRAVE = new Set(["ban", "remove_bot", "block", "leave"]);

export function deedButton(app, name, extra, words = WORDS[name]) {
  return h("button", {
    type: "button", class: GRAVE.has(name) ? "button grave" : "button", "data-deed": name,
    onclick: async ({ currentTarget: button }) => {
      button.disabled = true;
      await app.deed(name, extra);
      button.disabled = false;
    },
  }, words);
}

// Members

export function showMembers(app, { members, total }) {
  sync($("members"), members, ({ id }) => id, (member) =>
    h("li", { "data-member": member.id, "data-status": member.status },
      personLine({ ...member, note: member.id === app.person.id && "you" }),
      h("span", { class: `badge ${member.is_member ? "plain" : "faint"} ${member.status}` },
        member.status === "restricted" && !member.is_member ? "out, muted" : ROLES[member.status]),
      member.id === app.state.bot.id ? h("span", { class: "gap" }) : h("button", {
        type: "button", class: "quiet", "aria-haspopup": "menu", "data-menu": member.id,
        "aria-label": `What to do with ${member.name}`,
        onclick: ({ currentTarget }) => openMenu(app, member, currentTarget),
      }, icon("more"))));
  const rest = total - members.filter((member) => member.is_member).length;
  $("members-rest").textContent = rest > 0 ? `and ${count(rest)} more` : "";
}

function openMenu(app, member, opener) {
  const menu = $("member-menu");
  const deeds = member.id === app.person.id ? [] : (MENU[member.status] ?? []);
  const isRestrictedOut = member.status === "restricted" && !member.is_member;
  const names = isRestrictedOut ? ["add", ...deeds] : deeds;
  const entry = (words, properties, act) => h("button", {
    type: "button", role: "menuitem", ...properties,
    onclick: () => {
      menu.hidePopover();
      opener.focus();
      act();
    },
  }, words);
  menu.replaceChildren(
    ...names.map((name) => entry(
      WORDS[name],
      { "data-deed": name, "data-target": member.id, class: GRAVE.has(name) && "grave" },
      () => app.deed(name, { target: member.id }))),
    ...(member.is_bot || member.id === app.person.id ? []
      : [entry("Be this person", { "data-be": member.id }, () => app.go({ person: member.id }))]));
  if (!menu.childElementCount) menu.append(h("p", {}, "This is you."));
  menu.setAttribute("aria-label", member.name);
  menu.showPopover();
  const at = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isLow = at.bottom + height + 8 > innerHeight;
  menu.style.left = `${Math.max(8, Math.min(at.right - width, innerWidth - width - 8))}px`;
  menu.style.top = `${isLow ? Math.max(8, at.top - height - 4) : at.bottom + 4}px`;
  menu.querySelector("button")?.focus();
}

// Trouble

const SWITCHES = [
  ["twice", "Deliver twice", "every update comes again"],
  ["out_of_order", "Out of order", "queues overtake each other"],
  ["slow", "Telegram slow", "each call takes 3 s"],
  ["life", "People talk by themselves", "something every 3 s"],
  ["database_away", "Database away for 10 s", "writes hang: 503 after 4 s"],
];
/** For how long the database is away, in seconds. */
const AWAY = 10;
let awayUntil = 0;
let ticking = 0;

export function showSwitches(app) {
  for (const [name, on] of Object.entries(app.state.switches)) showSwitch(app, { name, on });
}

export function showSwitch(app, { name, on }) {
  const button = $("switches").querySelector(`[data-switch="${CSS.escape(name)}"]`);
  if (!button) return;
  if (name !== "database_away") return button.setAttribute("aria-checked", String(on));
  if (!on) awayUntil = 0;
  else if (!awayUntil) awayUntil = Date.now() + AWAY * 1000;
  countDown();
}

function countDown() {
  const button = $("switches").querySelector("[data-switch=database_away]");
  const left = Math.ceil((awayUntil - Date.now()) / 1000);
  button.disabled = awayUntil > 0;
  const back = `Database back in ${Math.max(left, 0)} s`;
  button.querySelector("b").textContent = awayUntil ? back : SWITCHES.at(-1)[1];
  clearTimeout(ticking);
  if (awayUntil) ticking = setTimeout(countDown, 250);
}

// Wiring

export function startDeeds(app) {
  $("switches").append(...SWITCHES.map(([name, words, hint]) => {
    const isSwitch = name !== "database_away";
    const look = isSwitch ? "knob" : "knob bolt";
    const knob = h("span", { class: look }, !isSwitch && icon("trouble"));
    return h("button", {
      type: "button", "data-switch": name, title: hint,
      role: isSwitch && "switch", "aria-checked": isSwitch && "false",
      onclick: ({ currentTarget }) => app.turn(name, currentTarget.ariaChecked !== "true"),
    }, knob, h("b", {}, words), h("span", {}, hint));
  }));
  const openMembers = (isOpen) => {
    $("show-members").setAttribute("aria-expanded", String(isOpen));
    $("members-panel").hidden = !isOpen;
  };
  openMembers(matchMedia("(min-width: 2200px)").matches);
  $("show-members").addEventListener("click", () => openMembers($("members-panel").hidden));
  $("hide-members").addEventListener("click", () => {
    openMembers(false);
    $("show-members").focus();
  });
  arrowKeys($("member-menu"), "button");
  chooser($("add-person"), $("addable"), {
    people: () => app.state?.people.filter((person) => person.id !== app.person.id) ?? [],
    choose: (id) => app.deed("add", { target: id }),
    label: () => "",
  });
  startRenaming(app);
}

function startRenaming(app) {
  const dialog = $("rename-dialog");
  $("rename").addEventListener("click", () => {
    const { name, first_name = name, last_name, username } = app.person;
    $("first-name").value = first_name;
    $("last-name").value = last_name ?? "";
    $("username").value = username ?? "";
    dialog.showModal();
  });
  $("rename-cancel").addEventListener("click", () => dialog.close());
  $("rename-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const names = Object.fromEntries(new FormData($("rename-form")));
    const done = await app.deed("rename", { ...names, username: names.username.replace(/^@/, "") });
    if (done !== null) dialog.close();
  });
}
