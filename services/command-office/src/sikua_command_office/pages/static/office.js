// Keeps the screen fresh: follows the feed, fetches this same page when something happened, and puts its new content in
// place. Nothing moves while a pointer rests on it or a control in it has the focus: then the news waits, and says so.
// What follows on an act of one's own is shown.

const SILENT_AFTER = 4500; // pulses come every 2 s
const TRY_AGAIN = 1500;
const GATHER = 250;
const LATEST = 1500;

const body = document.body;
const live = document.getElementById("live");
const news = document.getElementById("news");
const lost = document.getElementById("lost");

let source = null;
let after = Number(body.dataset.after || 0);
let day = body.dataset.day || "";
let heard = performance.now();
let wanted = 0;        // what happened since the content on the screen
let waiting = null;    // new content that must not be shown yet
let timer = 0;
let first = 0;
let fetching = false;
let pointed = false;
let mine = false;      // an act of one's own: its effect is shown at once

function connect() {
  if (source) source.close();
  source = new EventSource(`${body.dataset.stream}?after=${after}`);
  source.addEventListener("pulse", (event) => {
    heard = performance.now();
    const told = JSON.parse(event.data);
    write("fresh-zh", told.zh);
    write("fresh-en", told.en);
    if (told.day !== day) { day = told.day; wanted += 1; soon(); }
    if (body.classList.contains("is-lost")) { sayLost(false); wanted += 1; soon(); }
  });
  source.addEventListener("message", (event) => {
    heard = performance.now();
    const told = JSON.parse(event.data);
    after = told.number;
    wanted += 1;
    markChanged(told.project_id);
    soon();
  });
}

function sayLost(is) {
  body.classList.toggle("is-lost", is);
  lost.hidden = !is;
}

function watch() {
  const silent = performance.now() - heard;
  if (silent > SILENT_AFTER) sayLost(true);
  if (source && source.readyState === EventSource.CLOSED && silent > TRY_AGAIN) connect();
}

function write(id, text) {
  const place = document.getElementById(id);
  if (place && place.textContent !== text) place.textContent = text;
}

function markChanged(project) {
  if (!project) return;
  for (const card of live.querySelectorAll("[data-project]")) {
    if (card.dataset.project === project) card.classList.add("changed");
  }
}

function soon() {
  const now = performance.now();
  if (!timer) first = now;
  clearTimeout(timer);
  timer = setTimeout(() => refresh(), Math.max(0, Math.min(GATHER, first + LATEST - now)));
}

async function refresh(now = false) {
  timer = 0;
  mine = mine || now;
  if (fetching) { soon(); return; }
  fetching = true;
  const seen = wanted;
  const own = mine;      // a fetch that was begun before the act does not show its effect
  mine = false;
  try {
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (new URL(answer.url).pathname.endsWith("/sign-in")) { location.reload(); return; }
    if (!answer.ok) { mine = mine || own; return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    waiting = { content: page.getElementById("live"), seen };
    show(own);
  } catch {
    mine = mine || own;
    setTimeout(soon, TRY_AGAIN);
  } finally {
    fetching = false;
  }
}

function orphaned() {
  // Something typed that the new content has no place for: somebody else's act must not take it away unasked.
  return [...live.querySelectorAll("form[data-dirty]")].some((form) => !counterpart(waiting.content, form));
}

function counterpart(content, form) {
  return [...content.querySelectorAll("form[data-act]")].find((each) => each.dataset.act === form.dataset.act);
}

function held() {
  const focus = document.activeElement;
  return pointed || (focus !== live && live.contains(focus) && focus.matches("input, select, textarea, button"));
}

function show(now) {
  if (!waiting) return;
  if (live.querySelector("form[data-busy]") || (!now && (held() || orphaned()))) {
    write("news-count", String(wanted));
    news.hidden = false;
    return;
  }
  const { content, seen } = waiting;
  waiting = null;
  news.hidden = true;
  put(content);
  wanted -= seen;
  if (wanted > 0) soon(); else wanted = 0;
}

function put(content) {
  const open = new Map([...live.querySelectorAll("details[id]")].map((each) => [each.id, each.open]));
  const active = document.activeElement;
  const opener = active.matches("details[id] > summary") ? active.parentElement.id : null;
  const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const typed = [...live.querySelectorAll("form[data-dirty]")];
  const board = live.querySelector(".board");
  const across = board ? board.scrollLeft : 0;
  live.replaceChildren(...[...content.childNodes].map((node) => document.importNode(node, true)));
  for (const each of live.querySelectorAll("details[id]")) if (open.has(each.id)) each.open = open.get(each.id);
  for (const form of typed) counterpart(live, form)?.replaceWith(form);
  const again = live.querySelector(".board");
  if (again) again.scrollLeft = across;
  if (typed.some((form) => form.contains(active))) active.focus({ preventScroll: true });
  if (opener) (document.getElementById(opener)?.querySelector("summary") ?? live).focus({ preventScroll: true });
  if (focused) {
    const link = [...live.querySelectorAll("a")].find((each) => each.getAttribute("href") === focused);
    if (link) link.focus({ preventScroll: true });
  }
}

function step(by) {
  const links = [...live.querySelectorAll(".card .name")].filter((each) => each.offsetParent !== null);
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

function opener(key) {
  const link = [...document.querySelectorAll(".top nav a[data-key]")].find((each) => each.dataset.key === key);
  return link && (() => link.click());
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input, select, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = {
    "/": () => document.getElementById("q")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    r: () => (waiting ? show(true) : soon()),
    "?": () => document.getElementById("help")?.showModal(),
  }[event.key] ?? opener(event.key);
  if (act) { event.preventDefault(); act(); }
}

if (body.dataset.stream) {
  const point = (event) => { if (event.pointerType === "mouse") pointed = true; };
  live.addEventListener("pointerenter", point);
  live.addEventListener("pointermove", point);
  live.addEventListener("pointerleave", () => { pointed = false; show(false); });
  live.addEventListener("focusout", () => setTimeout(() => show(false), 0));
  document.documentElement.addEventListener("mouseleave", () => { pointed = false; show(false); });
  news.addEventListener("click", () => show(true));
  connect();
  setInterval(watch, 500);
  addEventListener("online", connect);
  // The pointer rests where one has just acted: until it moves it points at nothing, and effects that come late are shown.
  document.addEventListener("acted", () => { pointed = false; refresh(true); });
}
document.addEventListener("keydown", key);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-instant] select")) event.target.form.requestSubmit();
});
