// Runs before the first paint, so that a chosen theme does not flash; a plain
// script because modules run too late for that.
(function () {
  var theme = "";
  try {
    theme = JSON.parse(localStorage.getItem("rightnow.theme") || '""');
  } catch (error) {
    theme = "";
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.classList.add("scripted");
})();
