// Acts without leaving the page: a form is sent once, its button rests while it runs, a refusal takes the form's place
// with everything that was typed. The key in the form makes a second sending safe, whatever became of the first.

const PATIENCE = 15000;
const PATIENCE_WITH_FILE = 180000;

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-act]");
  if (!form) return;
  form.dataset.dirty = "";
  if (event.target.type === "file") weigh(event.target);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-act]")) return;
  event.preventDefault();
  if (form.dataset.busy !== undefined) return;
  const file = form.querySelector("input[type=file]");
  if (file && !weigh(file)) { file.focus(); return; }
  send(form);
});

function weigh(input) {
  const fits = [...input.files].every((file) => file.size <= Number(input.dataset.largest));
  input.closest(".ask").querySelector(".too-large").hidden = fits;
  return fits;
}

async function send(form) {
  const button = form.querySelector("button[type=submit]");
  const lost = form.querySelector(".lost-answer");
  const file = form.querySelector("input[type=file]");
  const body = new FormData(form);
  form.dataset.busy = "";
  button.disabled = true;
  lost.hidden = true;
  let answer = null;
  let text = "";
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { "Sikua-Act": "1" }, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(file?.files.length ? PATIENCE_WITH_FILE : PATIENCE) });
    text = await answer.text();
  } catch {
    answer = null;
  }
  delete form.dataset.busy;
  button.disabled = false;
  if (answer === null) {
    form.dataset.dirty = "";
    lost.hidden = false;
    button.focus();
  } else if (answer.status === 204) {
    done(form);
  } else {
    again(form, text, answer.status);
  }
}

function done(form) {
  delete form.dataset.dirty;
  const leave = form.closest("[data-leave]");
  if (leave) { location.assign(leave.dataset.leave); return; }
  const details = form.closest("details.act");
  const said = document.getElementById("said");
  if (details) { details.open = false; details.querySelector("summary").focus({ preventScroll: true }); }
  said.textContent = form.dataset.done;
  said.hidden = false;
  setTimeout(() => { said.hidden = true; }, 6000);
  document.dispatchEvent(new CustomEvent("acted", { detail: form.dataset.act }));
}

function again(form, text, status) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const drawn = page.querySelector("form[data-act]");
  if (!drawn) {
    // Not the form: signed out, or the project is gone. The page that tells so is shown instead.
    if (status === 401) location.reload(); else tell(form, page);
    return;
  }
  const fresh = document.importNode(drawn, true);
  fresh.dataset.dirty = "";
  form.replaceWith(fresh);
  fresh.querySelector(".wrong")?.focus();
}

function tell(form, page) {
  form.querySelector(".wrong")?.remove();
  const box = document.createElement("div");
  box.className = "wrong";
  box.setAttribute("role", "alert");
  box.textContent = [...page.querySelectorAll("main h1, main h1 ~ p:not(:last-child), main li")].map((each) => each.textContent).join(" ") || "?";
  form.prepend(box);
}
