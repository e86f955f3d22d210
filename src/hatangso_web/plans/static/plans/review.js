// Confirming with the keyboard and without reloading to look at another finding. The page works without it.
"use strict";

const review = () => document.getElementById("ra-soat");
const cards = () => [...review().querySelectorAll("[data-finding]")];
const chosenCard = () => review().querySelector(".finding--chosen");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function show(element, box, behavior = calm.matches ? "auto" : "smooth") {
  if (!element) return;
  const scrolls = box && box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY !== "visible";
  if (!scrolls) return;
  const place = element.getBoundingClientRect(), frame = box.getBoundingClientRect();
  if (place.top >= frame.top + 40 && place.bottom <= frame.bottom - 40) return;
  box.scrollTo({ top: box.scrollTop + place.top - frame.top - frame.height / 3, behavior });
}

function choose(id, { focus = false } = {}) {
  for (const card of cards()) card.classList.toggle("finding--chosen", card.dataset.finding === id);
  let first = null;
  for (const mark of review().querySelectorAll("mark[data-findings]")) {
    const here = mark.dataset.findings.split(" ").includes(id);
    mark.classList.toggle("mark--chosen", here);
    mark.removeAttribute("id");
    if (here && !first) first = mark;
  }
  if (first) first.id = "cau";
  const card = chosenCard();
  show(first, document.getElementById("van-ban"));
  show(card, document.getElementById("noi-dung-doc"));
  if (focus && card) card.querySelector("[data-choose]").focus({ preventScroll: true });
  history.replaceState(history.state, "", `?chon=${id}`);
}

function step(by) {
  const all = cards(), at = all.indexOf(chosenCard());
  const page = review().querySelector(`[data-page="${by > 0 ? "after" : "before"}"]`);
  if (page && !all[at + by]) return page.click();
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  if (next) { choose(next.dataset.finding, { focus: true }); next.scrollIntoView({ block: "nearest" }); }
}

function press(key) {
  const inCard = chosenCard()?.querySelector(`[data-key="${key}"]`);
  const target = inCard ?? review().querySelector(`.review__bar [data-key="${key}"]`);
  if (!target) return false;
  const button = target.matches("form") ? target.querySelector("button") : target;
  if (key === "n") {
    const words = String(getSelection()).trim();
    if (words) {
      const address = new URL(button.href);
      address.searchParams.set("cau", words.slice(0, 1500));
      location.assign(address);
      return true;
    }
  }
  button.click();
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#ra-soat [data-choose]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    event.stopPropagation();
    choose(link.dataset.choose);
    return;
  }
  const mark = event.target.closest("#ra-soat mark[data-findings]");
  if (mark && String(getSelection()) === "") {
    const known = mark.dataset.findings.split(" ").find((id) => document.getElementById(`f-${id}`));
    if (known) choose(known);
    else location.assign(`?chon=${mark.dataset.findings.split(" ")[0]}#cau`);
  }
}, true);

document.addEventListener("keydown", (event) => {
  if (!review() || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  const key = event.key;
  if (key === "j" || key === "k") { step(key === "j" ? 1 : -1); event.preventDefault(); }
  else if ("aernu".includes(key) && key.length === 1) { if (press(key)) event.preventDefault(); }
  else if (key === "?") { document.getElementById("phim-tat")?.showModal(); event.preventDefault(); }
});

function settle() {
  const card = review() && chosenCard();
  if (!card) return;
  review().querySelector(".review__tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  show(document.getElementById("cau"), document.getElementById("van-ban"), "auto");
  show(card, document.getElementById("noi-dung-doc"), "auto");
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "ra-soat" && !event.target.querySelector?.("#ra-soat")) return;
  settle();
  const form = review().querySelector(".finding__form");
  const next = form ? form.querySelector("select, input:not([type=hidden]), textarea") : chosenCard()?.querySelector("[data-choose]");
  if (document.activeElement === document.body) next?.focus({ preventScroll: true });
});
// Nothing counts as saved before the server said so. What was typed stays on the screen.
let signedOut = false;

function tell(words, link = null) {
  const notice = document.createElement("div");
  notice.className = `notice notice--${link || signedOut ? "warning" : "error"}`;
  notice.setAttribute("role", "alert");
  const line = document.createElement("p");
  line.textContent = words;
  if (link) line.append(" ", link);
  notice.append(line);
  document.getElementById("thong-bao").replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

for (const fault of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(fault, (event) => {
    signedOut = [401, 403].includes(event.detail.xhr?.status);
    if (!signedOut) return tell(review().dataset.unsent);
    const link = document.createElement("a");
    link.href = review().dataset.signIn;
    link.target = "_blank";
    link.textContent = review().dataset.signInWords;
    tell(review().dataset.signedOut, link);
  });
}

// Back from signing in in another tab: take up the new mark of the forms, so that what was typed can be sent.
document.addEventListener("visibilitychange", async () => {
  if (!signedOut || document.hidden || !review()) return;
  const answer = await fetch(location.pathname, { credentials: "same-origin" }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[name=csrfmiddlewaretoken]");
  if (!fresh) return;
  for (const mark of document.querySelectorAll("[name=csrfmiddlewaretoken]")) mark.value = fresh.value;
  signedOut = false;
  tell(review().dataset.signedIn);
});
document.addEventListener("DOMContentLoaded", settle);
