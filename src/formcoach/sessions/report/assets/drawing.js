/* What is drawn on the charts beside their lines: flags, holds, thresholds. */
var formcoachDrawing = (function () {
  "use strict";

  var colours = {};
  var words = { hold: "hold-fill", tip: "tip-fill", warn: "warn-fill", strong: "strong-fill", felt: "ink" };

  function readColours() {
    var style = getComputedStyle(document.documentElement);
    ["ground", "ink", "soft", "line", "edge", "value", "band", "held", "hold-fill", "tip-fill", "warn-fill", "strong-fill"]
      .forEach(function (name) { colours[name] = style.getPropertyValue("--" + name).trim(); });
  }

  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }

  function stripes(context) {
    var tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    var pen = tile.getContext("2d");
    pen.fillStyle = colours.ground;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = colours["warn-fill"];
    pen.lineWidth = 3;
    [-8, 0, 8].forEach(function (shift) {
      pen.beginPath();
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
      pen.stroke();
    });
    return context.createPattern(tile, "repeat");
  }

  function fillBar(u, bar, top, height) {
    var left = u.valToPos(bar.start, "x", true), right = u.valToPos(bar.end, "x", true);
    if (right < u.bbox.left || left > u.bbox.left + u.bbox.width) return;
    var thin = (bar.kind === "felt" ? 4 : 1.5) * devicePixelRatio;
    left = clamp(left, u.bbox.left, u.bbox.left + u.bbox.width - thin);
    right = clamp(right, u.bbox.left, u.bbox.left + u.bbox.width);
    u.ctx.fillStyle = bar.kind === "warn" ? stripes(u.ctx) : colours[words[bar.kind]];
    u.ctx.fillRect(left, top, Math.max(right - left, thin), height);
    if (bar.kind === "warn") {
      u.ctx.strokeStyle = colours["warn-fill"];
      u.ctx.lineWidth = devicePixelRatio;
      u.ctx.strokeRect(left, top, Math.max(right - left, thin), height);
    }
  }

  function fillHolds(u, holds) {
    u.ctx.save();
    holds.forEach(function (hold) {
      var left = clamp(u.valToPos(hold.start, "x", true), u.bbox.left, u.bbox.left + u.bbox.width);
      var right = clamp(u.valToPos(hold.end, "x", true), u.bbox.left, u.bbox.left + u.bbox.width);
      u.ctx.fillStyle = colours.held;
      u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    });
    u.ctx.restore();
  }

  function drawLimits(u, limits) {
    var pixel = devicePixelRatio;
    u.ctx.font = 11 * pixel + "px system-ui, sans-serif";
    u.ctx.textAlign = "right";
    u.ctx.textBaseline = "alphabetic";
    var foot = u.bbox.top + u.bbox.height;
    var shown = limits
      .map(function (limit) { return { limit: limit, y: u.valToPos(limit.at, "y", true) }; })
      .filter(function (one) { return one.y >= u.bbox.top && one.y <= foot; });
    // All lines first, or one would run through the words of another.
    u.ctx.strokeStyle = colours.edge;
    u.ctx.lineWidth = pixel;
    u.ctx.setLineDash([5 * pixel, 3 * pixel]);
    shown.forEach(function (one) {
      u.ctx.beginPath();
      u.ctx.moveTo(u.bbox.left, one.y);
      u.ctx.lineTo(u.bbox.left + u.bbox.width, one.y);
      u.ctx.stroke();
    });
    u.ctx.setLineDash([]);
    u.ctx.lineWidth = 3 * pixel;
    u.ctx.strokeStyle = colours.ground;
    u.ctx.fillStyle = colours.soft;
    var edge = u.bbox.left + u.bbox.width - 3 * pixel;
    var taken = [];
    function inTheWay(side) {
      return taken.filter(function (other) { return Math.abs(other.line - side) < 11 * pixel; });
    }
    shown.forEach(function (one) {
      var below = one.y < u.bbox.top + 14 * pixel || (one.limit.below && one.y < foot - 14 * pixel);
      var sides = [one.y + 11 * pixel, one.y - 3 * pixel];
      if (!below) sides.reverse();
      var free = sides.find(function (side) { return side <= foot && !inTheWay(side).length; });
      var line = free === undefined ? sides[0] : free;
      // Where neither side is free, beside the words that stand there.
      var right = Math.min.apply(null, [edge].concat(inTheWay(line).map(function (other) { return other.left - 8 * pixel; })));
      taken.push({ line: line, left: right - u.ctx.measureText(one.limit.words).width });
      u.ctx.strokeText(one.limit.words, right, line);
      u.ctx.fillText(one.limit.words, right, line);
    });
  }

  return { colours: colours, readColours: readColours, fillBar: fillBar, fillHolds: fillHolds, drawLimits: drawLimits };
})();
