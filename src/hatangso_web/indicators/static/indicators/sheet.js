// The sheet of figures: arrows and Enter, paste from a spreadsheet, autosave that never says "saved" before the
// server did; what could not be sent stays in this browser until it is.
"use strict";
(() => {
  const form = document.getElementById("bang");
  const state = document.getElementById("tinh-trang-luu");
  if (!form || !state) return;
  const key = form.dataset.key;
  const cells = [...form.querySelectorAll("input.cell")];
  const fields = [...cells, ...form.querySelectorAll("input.cell-word")];
  const byName = new Map(fields.map((field) => [field.name, field]));
  let timer = 0, sending = false, leaving = false;
  const say = (text, kind) => { state.textContent = text; state.className = "sheet-state" + (kind ? " sheet-state--" + kind : ""); };
  const read = () => { try { return JSON.parse(localStorage.getItem(key) || "{}"); } catch { return {}; } };
  const write = (waiting) => {
    try { Object.keys(waiting).length ? localStorage.setItem(key, JSON.stringify(waiting)) : localStorage.removeItem(key); } catch { /* no room: the form itself still holds it */ }
  };
  let waiting = read();
  const mark = () => fields.forEach((field) => field.classList.toggle("cell--waiting", field.name in waiting));
  const sayWaiting = () => say(form.dataset.waiting.replace("{n}", Object.keys(waiting).length), "waiting");
  const later = (milliseconds) => { clearTimeout(timer); timer = setTimeout(send, milliseconds); };

  function changed(field) {
    waiting[field.name] = field.value;
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
  async function send() {
    const names = Object.keys(waiting);
    if (sending || leaving || !names.length) return;
    sending = true;
    const sent = { ...waiting };
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const name of names) body.append(name, sent[name]);
    say(form.dataset.sending, "");
    try {
      const answer = await fetch(location.pathname, { method: "POST", body, headers: { "X-Tu-Luu": "1" }, redirect: "error" });
      if (answer.status === 409) { say((await answer.json()).fault, "waiting"); sending = false; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const result = await answer.json();
      for (const name of names) {
        if (waiting[name] !== sent[name]) continue; // typed on meanwhile
        const figure = "o-" + name.slice(2);
        if (result.saved.includes(figure)) delete waiting[name];
      }
      write(waiting); mark(); showProblems(result.problems);
      const left = names.filter((name) => name in waiting).length;
      if (!left) say(form.dataset.saved.replace("{gio}", result.saved_at), "saved"); else state.textContent = "";
      sending = false;
      if (Object.keys(waiting).some((name) => !(name in sent) || waiting[name] !== sent[name])) later(300);
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
  for (const field of fields) field.addEventListener("input", () => changed(field));
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
  const copy = document.getElementById("chep-ky-truoc");
  if (copy) {
    copy.hidden = false;
    copy.addEventListener("click", () => {
      for (const cell of cells) {
        const before = cell.closest("tr").querySelector("[data-before]");
        if (!cell.value && before && before.dataset.before) { cell.value = before.dataset.before; changed(cell); }
      }
    });
  }
  addEventListener("online", () => later(0));
  addEventListener("offline", () => { if (Object.keys(waiting).length) sayWaiting(); });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) { event.preventDefault(); sayWaiting(); return; }
    clearTimeout(timer); leaving = true; write({});
  });
  const restored = Object.entries(waiting).filter(([name, value]) => byName.has(name) && byName.get(name).value !== value);
  waiting = Object.fromEntries(restored);
  for (const [name, value] of restored) byName.get(name).value = value;
  write(waiting); mark();
  if (restored.length) { say(form.dataset.restored.replace("{n}", restored.length), "waiting"); later(1500); }
})();
