/* Small helps; every page works without them. */
(function () {
  "use strict";

  // Two sessions can be chosen.
  var list = document.getElementById("choose");
  if (list) {
    var button = document.getElementById("compare");
    var words = document.getElementById("chosen");
    var count = function () {
      var chosen = list.querySelectorAll("input:checked").length;
      button.disabled = chosen !== 2;
      words.textContent = chosen === 2 ? "" : chosen === 1 ? "One more" : chosen ? "Two only" : "Choose two sessions above";
    };
    list.addEventListener("change", count);
    addEventListener("pageshow", count);
  }

  // On a narrow screen the newest sessions are at the far end.
  document.querySelectorAll(".trend .scroll").forEach(function (one) { one.scrollLeft = one.scrollWidth; });

  // What cannot be undone is asked for again.
  document.addEventListener("click", function (event) {
    var asked = event.target.closest("[data-confirm]");
    if (asked && !confirm(asked.dataset.confirm)) event.preventDefault();
  });
})();
