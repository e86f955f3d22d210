// The sheet of figures: arrows and Enter, paste from a spreadsheet, autosave that never says "saved" before the
// server did; what could not be sent stays in this browser until it is.
"use strict";
(() => {
  const form = document.getElementById("bang");
  const state = document.getElementById("tinh-trang-luu");
  if (!form || !state) return;
  const key = form.dataset.key;
  const cells = [...form.querySelectorAll("input.cell")];
  const looks = [...form.querySelectorAll("input[name^='x-']")].filter((box) => box.name !== "x-tat-ca");
  const fields = [...cells, ...form.querySelectorAll("input.cell-word"), ...looks];
  const byName = new Map(fields.map((field) => [field.name, field]));
  const shown = form.elements.namedItem("thay"), seen = JSON.parse(shown.value || "{}"), stuck = new Set();
  let timer = 0, sending = false, leaving = false;
  const say = (text, kind) => { state.textContent = text; state.className = "sheet-state" + (kind ? " sheet-state--" + kind : ""); };
  const read = () => { try { return JSON.parse(localStorage.getItem(key) || "{}"); } catch { return {}; } };
  const write = (waiting) => {
    try { Object.keys(waiting).length ? localStorage.setItem(key, JSON.stringify(waiting)) : localStorage.removeItem(key); } catch { /* no room: the form itself still holds it */ }
  };
  let waiting = read();
  const valueOf = (field) => field.type === "checkbox" ? (field.checked ? "1" : "") : field.value;
  const mark = () => fields.forEach((field) => field.classList.toggle("cell--waiting", field.name in waiting));
  const sayWaiting = () => say(form.dataset.waiting.replace("{n}", Object.keys(waiting).length), "waiting");
  const sayConflict = () => say(form.dataset.conflict.replace("{n}", stuck.size), "waiting");
  const later = (milliseconds) => { clearTimeout(timer); timer = setTimeout(send, milliseconds); };

  // What a field showed when the person began to change it goes along, so that nobody's figure is written over unseen.
  function changed(field) {
    const former = waiting[field.name];
    waiting[field.name] = { value: valueOf(field), seen: former ? former.seen : seen[field.name] || "" };
    if (field.type === "checkbox") { if (field.checked) changed(byName.get("o-" + field.name.slice(2))); else delete waiting[field.name]; }
    write(waiting); mark(); later(700);
  }
  function showProblems(problems) {
    for (const cell of cells) {
      const list = document.getElementById(cell.name + "-loi");
      const found = problems[cell.name] || [];
      if (list) list.replaceChildren(...found.map(([severity, sentence]) => Object.assign(document.createElement("li"), { className: "cell-faults__" + severity, textContent: sentence })));
      found.some(([severity]) => severity === "error") ? cell.setAttribute("aria-invalid", "true") : cell.removeAttribute("aria-invalid");
    }
  }
  function button(words, deed) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet", textContent: words });
    made.addEventListener("click", deed);
    return made;
  }
  function showConflict(name, theirs) {
    const cell = byName.get(name), word = byName.get("g-" + name.slice(2)), list = document.getElementById(name + "-loi");
    const settle = (keep) => {
      for (const [field, stands] of [[cell, theirs.figure], [word, theirs.word]]) {
        if (!field) continue;
        seen[field.name] = stands;
        if (keep) { field.value = stands; delete waiting[field.name]; }
        else if (field.name in waiting) waiting[field.name].seen = stands;
      }
      stuck.delete(name); list.replaceChildren(); cell.removeAttribute("aria-invalid"); write(waiting); mark();
      Object.keys(waiting).length ? later(0) : say("", "");
    };
    const filled = (text) => text.replace("{by}", theirs.by).replace("{figure}", theirs.figure || "–").replace("{at}", theirs.at);
    const line = Object.assign(document.createElement("li"), { className: "cell-conflict", textContent: filled(form.dataset.theirs) });
    line.append(button(filled(form.dataset.keep), () => settle(true)), button(form.dataset.mine, () => settle(false)));
    stuck.add(name); cell.setAttribute("aria-invalid", "true"); list.append(line);
  }
  const isStuck = (name) => stuck.has("o-" + name.slice(2));
  function took(names, sent, result) {
    for (const name of names) {
      if (!result.saved.includes("o-" + name.slice(2))) continue;
      seen[name] = sent[name].value;
      if (waiting[name] && waiting[name].value === sent[name].value) delete waiting[name];
      else if (waiting[name]) waiting[name].seen = sent[name].value; // typed on meanwhile
      const note = byName.get(name).closest("td").querySelector("[data-prefilled]");
      if (note) { note.remove(); byName.get("o-" + name.slice(2)).classList.remove("cell--prefilled"); }
    }
  }
  async function send() {
    const names = Object.keys(waiting).filter((name) => byName.has(name) && !isStuck(name));
    if (sending || leaving || !names.length) return;
    sending = true;
    const sent = Object.fromEntries(names.map((name) => [name, { ...waiting[name] }]));
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const name of names) body.append(name, sent[name].value);
    const showed = {};
    for (const name of names) for (const one of ["o-", "g-"].map((part) => part + name.slice(2))) showed[one] = sent[one] ? sent[one].seen : seen[one] || "";
    body.append("thay", JSON.stringify(showed));
    say(form.dataset.sending, "");
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, headers: { "X-Tu-Luu": "1" }, redirect: "error" });
      if (answer.status === 409) { say((await answer.json()).fault, "waiting"); sending = false; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const result = await answer.json();
      took(names, sent, result);
      write(waiting); mark(); showProblems(result.problems);
      for (const [name, theirs] of Object.entries(result.conflicts)) showConflict(name, theirs);
      const left = names.filter((name) => name in waiting).length;
      if (stuck.size) sayConflict();
      else if (!left) say(form.dataset.saved.replace("{gio}", result.saved_at), "saved"); else state.textContent = "";
      sending = false;
      if (Object.keys(waiting).some((name) => !isStuck(name) && (!(name in sent) || waiting[name].value !== sent[name].value))) later(300);
    } catch {
      sending = false;
      sayWaiting();
      later(5000);
    }
  }
  function move(from, down, right) {
    const row = from.closest("tr"), inRow = [...row.querySelectorAll("input.cell")];
    if (right) { const next = cells[cells.indexOf(from) + right]; if (next) next.focus(); return; }
    const rows = [...row.parentElement.rows], target = rows[rows.indexOf(row) + down];
    const next = target && target.querySelectorAll("input.cell")[inRow.indexOf(from)];
    if (next) { next.focus(); next.select(); }
  }
  function paste(event) {
    const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) return;
    event.preventDefault();
    const start = event.target, row = start.closest("tr"), rows = [...row.parentElement.rows];
    const column = [...row.querySelectorAll("input.cell")].indexOf(start);
    text.split("\n").forEach((line, down) => {
      const target = rows[rows.indexOf(row) + down];
      if (!target) return;
      const inputs = target.querySelectorAll("input.cell");
      line.split("\t").forEach((value, right) => {
        const cell = inputs[column + right];
        if (cell) { cell.value = value.trim(); changed(cell); }
      });
    });
  }
  for (const field of fields) field.addEventListener(field.type === "checkbox" ? "change" : "input", () => changed(field));
  for (const cell of cells) {
    cell.addEventListener("paste", paste);
    cell.addEventListener("keydown", (event) => {
      const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], Enter: [event.shiftKey ? -1 : 1, 0] }[event.key];
      if (step) { event.preventDefault(); move(cell, step[0], 0); return; }
      const at = cell.selectionStart, end = cell.value.length;
      if (event.key === "ArrowRight" && at === end) { event.preventDefault(); move(cell, 0, 1); }
      if (event.key === "ArrowLeft" && at === 0 && cell.selectionEnd === 0) { event.preventDefault(); move(cell, 0, -1); }
    });
  }
  addEventListener("online", () => later(0));
  addEventListener("offline", () => { if (Object.keys(waiting).length) sayWaiting(); });
  // What goes with the form stays here until the server is known to have saved since: then it is dropped on the next visit.
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) { event.preventDefault(); sayWaiting(); return; }
    clearTimeout(timer); leaving = true;
    const showed = { ...seen };
    for (const [name, one] of Object.entries(waiting)) showed[name] = one.seen;
    shown.value = JSON.stringify(showed);
    try { localStorage.setItem(key + "-gui", form.dataset.savedAt); } catch { /* no room */ }
  });
  let sentAt = null;
  try { sentAt = localStorage.getItem(key + "-gui"); localStorage.removeItem(key + "-gui"); } catch { /* none */ }
  if (sentAt !== null && sentAt !== form.dataset.savedAt) waiting = {};
  const restored = Object.entries(waiting).filter(([name, one]) => byName.has(name) && one && typeof one === "object" && valueOf(byName.get(name)) !== one.value);
  waiting = Object.fromEntries(restored);
  for (const [name, one] of restored) { const field = byName.get(name); field.type === "checkbox" ? field.checked = one.value === "1" : field.value = one.value; }
  write(waiting); mark();
  if (restored.length) { say(form.dataset.restored.replace("{n}", restored.length), "waiting"); later(1500); }
})();
