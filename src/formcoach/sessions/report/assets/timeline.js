/* The timeline of a formcoach report: one chart an angle, one moment and one stretch of time for all of them. */
(function () {
  "use strict";

  var source = document.getElementById("timeline-data");
  if (!source || typeof uPlot === "undefined") return;

  var data = JSON.parse(source.textContent);
  var video = document.getElementById("film");
  var slider = document.getElementById("now");
  var clockOutput = document.getElementById("clock");
  var length = Math.max(data.end - data.start, 0.001);
  var shortest = Math.min(length, 0.5); // nobody zooms in further than this, in seconds
  var view = { min: data.start, max: data.end };
  var pinned = data.start; // where the slider stands; pointing at a chart only looks elsewhere for a while
  var charts = [];
  var drawing = formcoachDrawing;
  var colours = drawing.colours;

  function clock(seconds) {
    var tenths = Math.round(seconds * 10);
    if (tenths < 600) return (tenths / 10).toFixed(1) + " s";
    var rest = ((tenths % 600) / 10).toFixed(1);
    return Math.floor(tenths / 600) + ":" + (rest.length < 4 ? "0" : "") + rest;
  }

  function degrees(value) { return String(Math.round(value) + 0).replace("-", "−") + "°"; }

  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }

  /* ---- data */

  function decode(track) {
    var count = track.ticks.length;
    var time = new Array(count), value = new Array(count), low = new Array(count), high = new Array(count);
    for (var row = 0, at = 0; row < count; row++) {
      at += track.ticks[row];
      time[row] = at / 1000;
      var known = track.value[row] !== null, sure = known && track.sigma[row] !== null;
      value[row] = known ? track.value[row] / 10 : null;
      low[row] = sure ? (track.value[row] - track.sigma[row]) / 10 : null;
      high[row] = sure ? (track.value[row] + track.sigma[row]) / 10 : null;
    }
    return [time, value, low, high];
  }

  function nearest(time, at) {
    var low = 0, high = time.length - 1;
    while (high - low > 1) {
      var middle = (low + high) >> 1;
      if (time[middle] <= at) low = middle; else high = middle;
    }
    return Math.abs(time[low] - at) <= Math.abs(time[high] - at) ? low : high;
  }

  function standing(bars, at) {
    return bars.filter(function (bar) {
      var slack = bar.start === bar.end ? (view.max - view.min) / 150 : 0;
      return bar.start - slack <= at && at <= bar.end + slack;
    });
  }

  function readTrack(track, columns, at) {
    var row = nearest(columns[0], at);
    if (columns[1][row] === null) return "not checked";
    var text = degrees(columns[1][row]);
    if (columns[2][row] !== null) text += " ± " + degrees(columns[1][row] - columns[2][row]);
    var flags = standing(track.flags, at).map(function (bar) { return bar.kind; });
    return flags.length ? text + " · " + flags.join(", ") : text;
  }

  function readLanes(at) {
    var found = [];
    data.lanes.forEach(function (lane) {
      standing(lane.bars, at).forEach(function (bar) { found.push(bar.words); });
    });
    return found.join(" · ") || "no hold, no flag";
  }

  /* ---- drawing */

  function drawTrack(track) {
    return function (u) {
      u.ctx.save();
      drawing.drawLimits(u, track.limits);
      track.flags.forEach(function (bar) { drawing.fillBar(u, bar, u.bbox.top - 9 * devicePixelRatio, 7 * devicePixelRatio); });
      u.ctx.restore();
    };
  }

  function drawLanes(u) {
    var height = u.bbox.height / data.lanes.length;
    u.ctx.save();
    data.lanes.forEach(function (lane, row) {
      lane.bars.forEach(function (bar) { drawing.fillBar(u, bar, u.bbox.top + row * height + 0.2 * height, 0.6 * height); });
    });
    u.ctx.restore();
  }

  function axis(more) {
    return Object.assign({
      stroke: function () { return colours.soft; },
      font: "11px system-ui, sans-serif",
      grid: { stroke: function () { return colours.line; }, width: 1 },
      ticks: { show: false },
    }, more);
  }

  function seconds(u, splits) {
    return splits.map(function (at) { return clock(at).replace(".0", ""); });
  }

  // The same for all charts, so that a moment stands above itself.
  function leftSize(u) { return u.width < 600 ? 76 : 96; }

  function options(more) {
    return Object.assign({
      legend: { show: false },
      focus: { alpha: 1 },
      cursor: { y: false, drag: { x: true, y: false, setScale: true }, points: { show: more.points } },
      hooks: {
        drawClear: [function (u) { drawing.fillHolds(u, data.holds); }],
        draw: [more.draw],
        setCursor: [onCursor],
        setScale: [onScale],
      },
    }, more.options);
  }

  var timeAxis = function () { return axis({ size: 26, values: seconds, incrs: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200] }); };

  function makeTrack(track) {
    var columns = decode(track);
    var hidden = { stroke: "transparent", width: 0, points: { show: false } };
    var figure = document.querySelector('figure[data-angle="' + track.angle + '"]');
    add(figure, columns, function (at) { return readTrack(track, columns, at); }, options({
      points: true,
      draw: drawTrack(track),
      options: {
        height: 160,
        padding: [14, 16, 0, 0],
        scales: { x: { time: false }, y: { range: [track.low, track.high] } },
        series: [{}, { stroke: function () { return colours.value; }, width: 1.6, points: { show: false } }, hidden, hidden],
        bands: [{ series: [3, 2], fill: function () { return colours.band; } }],
        axes: [timeAxis(), axis({ size: leftSize, values: function (u, splits) { return splits.map(degrees); } })],
      },
    }));
  }

  function makeOverview() {
    var count = data.lanes.length;
    add(document.getElementById("overview"), [[data.start, data.end], [null, null]], readLanes, options({
      points: false,
      draw: drawLanes,
      options: {
        height: 24 * count + 34,
        padding: [8, 16, 0, 0],
        scales: { x: { time: false }, y: { range: [0, count] } },
        series: [{}, { points: { show: false } }],
        axes: [timeAxis(), axis({
          size: leftSize,
          grid: { show: false },
          splits: function () { return data.lanes.map(function (lane, row) { return count - row - 0.5; }); },
          values: function () { return data.lanes.map(function (lane) { return lane.name; }); },
        })],
      },
    }));
  }

  function add(figure, columns, read, settings) {
    var place = figure.querySelector(".live");
    settings.width = Math.max(place.clientWidth, 200);
    var chart = new uPlot(settings, columns, place);
    var entry = { chart: chart, read: read, readout: figure.querySelector(".readout") };
    charts.push(entry);
    new ResizeObserver(function () {
      var width = place.clientWidth;
      if (width && width !== chart.width) chart.setSize({ width: width, height: settings.height });
      point(entry, pinned);
    }).observe(place);
    listen(chart);
  }

  /* ---- one moment for all charts */

  function point(entry, at) {
    var u = entry.chart;
    var inside = view.min <= at && at <= view.max;
    u.setCursor({ left: inside ? u.valToPos(at, "x") : -10, top: u.over.clientHeight / 2 }, false);
    entry.readout.textContent = entry.read(at);
  }

  function show(at, except) {
    at = clamp(at, data.start, data.end);
    charts.forEach(function (entry) {
      if (entry.chart === except) entry.readout.textContent = entry.read(at); else point(entry, at);
    });
    clockOutput.textContent = clock(at);
  }

  function pin(at, seek) {
    pinned = clamp(at, data.start, data.end);
    slider.value = pinned;
    slider.setAttribute("aria-valuetext", clock(pinned) + ": " + readLanes(pinned));
    if (pinned < view.min || pinned > view.max) {
      var half = (view.max - view.min) / 2;
      zoomTo(pinned - half, pinned + half);
    }
    show(pinned);
    if (seek && video) video.currentTime = pinned;
  }

  function onCursor(u) {
    if (u.cursor.left === undefined) return;
    if (u.cursor.left < 0) show(pinned); else show(u.posToVal(u.cursor.left, "x"), u);
  }

  /* ---- one stretch of time for all charts */

  function zoomTo(min, max) {
    var span = clamp(max - min, shortest, length);
    min = clamp(min, data.start, data.end - span);
    view = { min: min, max: min + span };
    charts.forEach(function (entry) { entry.chart.setScale("x", view); });
    document.querySelector('[data-do="all"]').disabled = span >= length;
    requestAnimationFrame(function () { show(pinned); });
  }

  function onScale(u, key) {
    if (key !== "x" || !charts.length) return;
    var min = u.scales.x.min, max = u.scales.x.max;
    if (Math.abs(min - view.min) + Math.abs(max - view.max) > 1e-6) zoomTo(min, max);
  }

  function zoomBy(factor, around) {
    var share = (around - view.min) / (view.max - view.min);
    var span = clamp((view.max - view.min) * factor, shortest, length);
    zoomTo(around - share * span, around + (1 - share) * span);
  }

  function showAll() { zoomTo(data.start, data.end); }

  function move(share) { pin(pinned + share * (view.max - view.min), true); }

  /* ---- what people do */

  function listen(u) {
    var pressedAt = null;
    u.over.addEventListener("mousedown", function (event) { pressedAt = event.clientX; });
    u.over.addEventListener("click", function (event) {
      if (pressedAt !== null && Math.abs(event.clientX - pressedAt) > 3) return; // that was a zoom
      pin(u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x"), true);
    });
    u.over.addEventListener("dblclick", function (event) { event.stopImmediatePropagation(); showAll(); }, true);
    u.over.addEventListener("wheel", function (event) {
      if (!event.ctrlKey) return; // a page must still scroll
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 0.8 : 1.25, u.posToVal(event.clientX - u.over.getBoundingClientRect().left, "x"));
    }, { passive: false });
  }

  var actions = {
    "earlier": function () { move(-0.02); },
    "later": function () { move(0.02); },
    "in": function () { zoomBy(0.5, pinned); },
    "out": function () { zoomBy(2, pinned); },
    "all": showAll,
  };
  var keys = {
    "ArrowLeft": "earlier", "ArrowDown": "earlier", "ArrowRight": "later", "ArrowUp": "later",
    "+": "in", "=": "in", "-": "out", "0": "all", "Escape": "all",
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && video) {
      if (video.paused) video.play(); else video.pause();
    } else if (keys[event.key]) {
      actions[keys[event.key]]();
    } else {
      return;
    }
    event.preventDefault();
  }

  function goTo(event) {
    var link = event.target.closest("a[data-time]");
    if (!link) return;
    event.preventDefault();
    var at = Number(link.dataset.time);
    if (length > 60) zoomTo(at - 10, at + 20);
    pin(at, true);
    document.getElementById("timeline").scrollIntoView();
    slider.focus({ preventScroll: true });
  }

  function follow() {
    if (video.seeking) return;
    pin(video.currentTime, false);
    if (!video.paused && !video.ended) requestAnimationFrame(follow);
  }

  /* ---- the beginning */

  drawing.readColours();
  document.documentElement.classList.add("charted");
  try {
    if (data.lanes.length) makeOverview();
    data.tracks.forEach(makeTrack);
  } catch (error) {
    document.documentElement.classList.remove("charted"); // the drawings that are printed are shown instead
    throw error;
  }
  slider.min = data.start;
  slider.max = data.end;
  document.querySelector(".controls").hidden = false;
  document.getElementById("how").hidden = false;
  slider.addEventListener("input", function () { pin(Number(slider.value), true); });
  slider.addEventListener("keydown", onKey);
  document.querySelectorAll("button[data-do]").forEach(function (button) {
    button.addEventListener("click", function () { actions[button.dataset.do](); });
  });
  document.addEventListener("click", goTo);
  if (video) {
    ["play", "seeked", "timeupdate"].forEach(function (name) { video.addEventListener(name, follow); });
    video.addEventListener("error", function () { video.hidden = true; }); // it does not lie beside the report any more
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
    drawing.readColours();
    charts.forEach(function (entry) { entry.chart.redraw(false, true); });
  });
  showAll();
  pin(data.holds.length ? data.holds[0].start : data.start, true);
})();
