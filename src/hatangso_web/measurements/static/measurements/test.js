/* The built-in speed test, for browsers as old as ES5: streams by fetch where it can read them, else XMLHttpRequest.
   A direction runs WHOLE_MS on STREAMS connections; the first SKIPPED_MS (slow start) do not count.
   Speed = bits that arrived in the window, over its length. What is sent is acknowledged in large pieces, so there
   pieces under way at the end are waited for, a piece is spread evenly over the time it took, only the part inside the
   window counts, and the speeds of the connections are added. */
(function () {
  "use strict";
  var STREAMS = 6, WHOLE_MS = 8000, SKIPPED_MS = 2000, DRAIN_MS = 4000, PINGS = 20;
  var FIRST_CHUNK = 128 * 1024, MOST_CHUNK = 16 * 1024 * 1024, CHUNK_SECONDS = 0.8;
  var box = document.getElementById("phep-do");
  if (!box) { return; }
  var form = document.getElementById("khai-bao"), asked = 0, located = null;
  var limit = Number(box.getAttribute("data-limit-mb")) * 1024 * 1024, spent = 0;

  function word(name) { return box.getAttribute("data-words-" + name); }
  function address(name) { return box.getAttribute("data-" + name); }
  function byId(id) { return document.getElementById(id); }
  function say(id, text) { byId(id).textContent = text; }
  function now() { return window.performance && performance.now ? performance.now() : new Date().getTime(); }
  function shown(value) { return value.toFixed(1).replace(".", document.documentElement.lang === "en" ? "." : ","); }
  function unique() { return now().toString(36) + Math.random().toString(36).slice(2); }
  function middle(values) {
    var sorted = values.slice().sort(function (a, b) { return a - b; });
    var half = Math.floor(sorted.length / 2);
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
  function send(method, where, body, done) {
    var request = new XMLHttpRequest();
    request.open(method, where);
    if (typeof body === "string") { request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded"); }
    request.onload = function () {
      var answer = {};
      try { answer = JSON.parse(request.responseText); } catch (fault) { answer = {}; }
      done(request.status, answer);
    };
    request.onerror = function () { done(0, {}); };
    request.send(body || null);
  }
  function coded(values) {
    var parts = [], name;
    for (name in values) { if (values[name] !== null && values[name] !== undefined) { parts.push(encodeURIComponent(name) + "=" + encodeURIComponent(values[name])); } }
    return parts.join("&");
  }

  /* One direction: counts bytes with the moment they came, and says at the end how many bits a second there were. */
  function Meter(label, from, to, done) {
    this.start = now(); this.bytes = 0; this.counted = 0; this.edge = null; this.last = null; this.over = false;
    this.label = label; this.from = from; this.to = to; this.done = done; this.requests = []; this.pieces = []; this.flying = 0; this.closes = Infinity; this.faults = 0;
    var meter = this;
    this.clock = setInterval(function () { meter.show(); }, 200);
    this.stopper = setTimeout(function () { meter.close(); }, WHOLE_MS);
  }
  Meter.prototype.add = function (amount) {
    var moment = now();
    spent += amount; this.bytes += amount;
    if (this.over || moment - this.start < SKIPPED_MS) { return; }
    if (this.edge === null) { this.edge = moment; this.last = moment; return; } /* the window opens with the end of a piece */
    this.counted += amount; this.last = moment;
  };
  /* The window closes: nothing new begins; pieces under way are waited for a while. */
  Meter.prototype.close = function () {
    var meter = this;
    if (this.over || this.closes < Infinity) { return; }
    if (!this.flying) { this.finish(); return; }
    this.closes = now();
    clearTimeout(this.stopper);
    this.stopper = setTimeout(function () { meter.finish(); }, DRAIN_MS);
  };
  Meter.prototype.landed = function () {
    this.flying -= 1;
    if (!this.flying && this.closes < Infinity) { this.finish(); }
  };
  Meter.prototype.piece = function (stream, begun, amount) {
    this.add(amount);
    if (!this.over) { this.pieces.push({ stream: stream, begun: begun, ended: now(), amount: amount }); }
  };
  Meter.prototype.byPieces = function () {
    var opens = this.start + SKIPPED_MS, bytes = {}, until = {}, total = 0, number, piece, inside, stream;
    for (number = 0; number < this.pieces.length; number += 1) {
      piece = this.pieces[number]; inside = Math.min(piece.ended, this.closes) - Math.max(piece.begun, opens);
      if (inside > 0) {
        bytes[piece.stream] = (bytes[piece.stream] || 0) + piece.amount * inside / Math.max(1, piece.ended - piece.begun);
        until[piece.stream] = Math.min(piece.ended, this.closes);
      }
    }
    for (stream in bytes) { if (until[stream] - opens > 500) { total += bytes[stream] * 8 / (until[stream] - opens) / 1000; } }
    return total;
  };
  Meter.prototype.mbps = function () {
    var pieces = this.byPieces();
    if (pieces > 0) { return pieces; }
    if (this.edge !== null && this.last - this.edge > 500) { return this.counted * 8 / (this.last - this.edge) / 1000; }
    return this.bytes * 8 / Math.max(1, now() - this.start) / 1000;
  };
  Meter.prototype.show = function () {
    var part = Math.min(1, (now() - this.start) / WHOLE_MS);
    say(this.label, shown(this.mbps()));
    byId("tien-do").value = this.from + (this.to - this.from) * part;
  };
  Meter.prototype.finish = function () {
    if (this.over) { return; }
    var value = this.mbps(), number;
    this.over = true;
    clearInterval(this.clock); clearTimeout(this.stopper);
    for (number = 0; number < this.requests.length; number += 1) { this.requests[number](); }
    say(this.label, shown(value));
    this.done(this.bytes > 0 ? value : null);
  };
  Meter.prototype.fault = function () {
    this.faults += 1;
    if (this.faults > 3 * STREAMS) { this.finish(); }
  };
  Meter.prototype.goesOn = function (chunk) {
    if (!this.over && spent + chunk * STREAMS > limit / 2 * (this.label === "so-xuong" ? 1 : 2)) { this.close(); }
    return !this.over && this.closes === Infinity;
  };
  function better(chunk, seconds) {
    return Math.round(Math.max(64 * 1024, Math.min(MOST_CHUNK, chunk * Math.min(2, CHUNK_SECONDS / Math.max(seconds, 0.05)))));
  }

  function downStream(meter, ticket, chunk) {
    if (!meter.goesOn(chunk)) { return; }
    var where = address("down") + "?phieu=" + ticket + "&byte=" + chunk + "&r=" + unique(), begun = now();
    function again(ok) {
      if (!ok) { meter.fault(); }
      if (!meter.over) { setTimeout(function () { downStream(meter, ticket, ok ? better(chunk, (now() - begun) / 1000) : chunk); }, ok ? 0 : 200); }
    }
    if (window.fetch && window.ReadableStream && window.AbortController) {
      var control = new AbortController();
      meter.requests.push(function () { control.abort(); });
      window.fetch(where, { cache: "no-store", credentials: "omit", signal: control.signal }).then(function (answer) {
        if (!answer.ok || !answer.body) { throw new Error("refused"); }
        var reader = answer.body.getReader();
        function read() {
          return reader.read().then(function (part) {
            if (part.done) { return; }
            meter.add(part.value.length);
            return meter.over ? null : read();
          });
        }
        return read();
      }).then(function () { again(true); }, function () { again(false); });
      return;
    }
    var request = new XMLHttpRequest(), had = 0;
    request.open("GET", where);
    try { request.responseType = "arraybuffer"; } catch (fault) { had = 0; }
    request.onprogress = function (event) { meter.add(event.loaded - had); had = event.loaded; };
    request.onload = function () { if (request.status === 200 && had < chunk) { meter.add(chunk - had); } again(request.status === 200); };
    request.onerror = function () { again(false); };
    meter.requests.push(function () { request.abort(); });
    request.send();
  }

  function noise(length) {
    var block = new Uint8Array(length), step = 65536, at;
    for (at = 0; at < length; at += step) {
      if (window.crypto && crypto.getRandomValues) { crypto.getRandomValues(block.subarray(at, Math.min(length, at + step))); } else { block[at] = Math.random() * 256; }
    }
    return block;
  }
  function upStream(meter, ticket, chunk, block, stream) {
    if (!meter.goesOn(chunk)) { return; }
    var request = new XMLHttpRequest(), begun = now(), parts = [], left = chunk;
    while (left > 0) { parts.push(left >= block.length ? block : block.subarray(0, left)); left -= block.length; }
    request.open("POST", address("up") + "?phieu=" + ticket + "&r=" + unique());
    function again(ok) {
      if (ok) { meter.piece(stream, begun, chunk); } else { meter.fault(); }
      var next = ok ? better(chunk, (now() - begun) / 1000) : chunk;
      meter.landed();
      if (!meter.over) { setTimeout(function () { upStream(meter, ticket, next, block, stream); }, ok ? 0 : 200); }
    }
    request.onload = function () { again(request.status === 200); };
    request.onerror = function () { again(false); };
    meter.flying += 1;
    meter.requests.push(function () { request.abort(); });
    request.send(new Blob(parts, { type: "application/octet-stream" }));
  }

  /* From sending a question to the first byte of its answer, as the browser itself noted it; else by our own clock. */
  function answered(sent) {
    var notes = window.performance && performance.getEntriesByName ? performance.getEntriesByName(sent.where) : [];
    var note = notes.length ? notes[notes.length - 1] : null;
    return note && note.requestStart > 0 && note.responseStart > note.requestStart ? note.responseStart - note.requestStart : sent.took;
  }
  function measureLatency(done) {
    var sent = [], link = document.createElement("a");
    say("viec", word("latency"));
    if (window.performance && performance.clearResourceTimings) { performance.clearResourceTimings(); }
    function once(number) {
      var begun = now();
      link.href = address("ping") + "?r=" + unique();
      var where = link.href;
      send("GET", where, null, function (status) {
        if (status === 200 && number > 0) { sent.push({ where: where, took: now() - begun }); } /* the first one opens the connection */
        byId("tien-do").value = 10 * number / PINGS;
        if (number < PINGS) { once(number + 1); return; }
        if (!sent.length) { done(null, null); return; }
        var changes = 0, times = [], index;
        for (index = 0; index < sent.length; index += 1) { times.push(answered(sent[index])); }
        for (index = 1; index < times.length; index += 1) { changes += Math.abs(times[index] - times[index - 1]); }
        done(middle(times), times.length > 1 ? changes / (times.length - 1) : 0);
      });
    }
    once(0);
  }
  function measureDown(ticket, done) {
    say("viec", word("down"));
    var meter = new Meter("so-xuong", 10, 55, done), number;
    for (number = 0; number < STREAMS; number += 1) { downStream(meter, ticket, FIRST_CHUNK); }
  }
  function measureUp(ticket, done) {
    say("viec", word("up"));
    var meter = new Meter("so-len", 55, 100, done), block = noise(256 * 1024), number;
    for (number = 0; number < STREAMS; number += 1) { upStream(meter, ticket, FIRST_CHUNK, block, number); }
  }

  function fail(text) { say("loi", text || word("failed")); form.hidden = false; byId("dang-do").hidden = true; }
  function run(ticket, code) {
    form.hidden = true; byId("dang-do").hidden = false; say("xong", ""); spent = 0;
    measureLatency(function (latency, jitter) {
      if (latency === null) { fail(); return; }
      say("so-tre", shown(latency)); say("so-bien-dong", shown(jitter));
      measureDown(ticket, function (down) {
        if (down === null) { fail(); return; }
        measureUp(ticket, function (up) {
          if (up === null) { fail(); return; }
          keep({ ticket: ticket, area: code, operator: operator(), technology: byId("cong-nghe").value, connection: connection(), lon: located && located.lon, lat: located && located.lat, download_mbps: down.toFixed(3), upload_mbps: up.toFixed(3), latency_ms: Math.max(latency, 0.01).toFixed(3), jitter_ms: jitter.toFixed(3) });
        });
      });
    });
  }
  function connection() {
    var own = navigator.connection || {};
    return own.type === "cellular" || own.type === "wifi" ? own.type : own.type === "ethernet" ? "wired" : "";
  }
  function keep(values) {
    values.csrfmiddlewaretoken = form.elements.csrfmiddlewaretoken.value;
    send("POST", address("save"), coded(values), function (status, answer) {
      say("viec", status === 200 ? word("done") : answer.error || word("failed"));
      byId("tien-do").value = 100;
      if (status === 200) {
        var link = document.createElement("a");
        link.href = answer.address; link.className = "button button--main"; link.textContent = word("saved");
        byId("xong").appendChild(link);
      }
      box.setAttribute("data-done", status === 200 ? "1" : "0");
    });
  }

  /* A list of its own, not a datalist: phones of before 2019 do not show those. */
  function option(list, value, text) {
    var made = document.createElement("option");
    made.value = value; made.textContent = text; list.appendChild(made);
  }
  function offer(places) {
    var list = byId("cac-noi"), number;
    list.textContent = "";
    if (places.length !== 1) { option(list, "", word("pick")); }
    for (number = 0; number < places.length; number += 1) { option(list, places[number].code, places[number].name); }
    byId("chon-noi").hidden = !places.length;
    say("noi-do-loi", places.length ? "" : word("nowhere"));
  }
  byId("noi-do").addEventListener("input", function () {
    var words = this.value.trim(), turn = asked += 1;
    if (words.length < 2) { byId("chon-noi").hidden = true; return; }
    setTimeout(function () {
      if (turn !== asked) { return; } /* more was typed meanwhile */
      send("GET", address("places") + "?tim=" + encodeURIComponent(words), null, function (status, answer) {
        if (turn === asked && status === 200) { offer(answer.places || []); }
      });
    }, 250);
  });
  function operator() {
    var chosen = byId("nha-mang");
    return chosen && chosen.value !== "*" ? chosen.value : byId("ten-mang").value.trim();
  }
  if (byId("nha-mang")) {
    byId("nha-mang").addEventListener("change", function () { byId("mang-khac").hidden = this.value !== "*"; });
  }
  byId("vi-tri").addEventListener("click", function () {
    if (!navigator.geolocation) { say("vi-tri-loi", word("not-located")); return; }
    navigator.geolocation.getCurrentPosition(function (place) {
      located = { lon: place.coords.longitude.toFixed(3), lat: place.coords.latitude.toFixed(3) };
      say("vi-tri-loi", word("located"));
    }, function () { say("vi-tri-loi", word("not-located")); }, { timeout: 15000, maximumAge: 60000 });
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var code = byId("chon-noi").hidden ? "" : byId("cac-noi").value;
    if (!code) { say("loi", word("choose")); return; }
    if (!operator()) { say("loi", word("operator")); return; }
    if (!byId("dong-y").checked) { say("loi", word("agree")); return; }
    say("loi", "");
    send("POST", address("start"), coded({ consent: "1", csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value }), function (status, answer) {
      if (status !== 200) { fail(answer.error); return; }
      run(answer.ticket, code);
    });
  });
}());
