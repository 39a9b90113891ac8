// The page without this script shows everything; the script adds zooming, filtering and saving.
// Texts of a log get into the page as textContent only: the policy forbids every other way.
"use strict";
const cautery = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  root.classList.add("scripted");

  // Makes an element: what it is, its classes, its text.
  function make(name, classes, text) {
    const element = document.createElement(name);
    if (classes) element.className = classes;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  const whole = new Intl.NumberFormat("en-US");

  // Writes a chance as the printed page does: never as a certainty.
  function chance(probability) {
    const hundredths = Math.round(probability * 10000);
    if (hundredths >= 10000) return "> 99.99 %";
    if (hundredths <= 0) return "< 0.01 %";
    return `${(hundredths / 100).toFixed(2)} %`;
  }

  function signed(tenths) {
    return `${tenths < 0 ? "-" : "+"}${(Math.abs(tenths) / 10).toFixed(1)}`;
  }

  // Gives a colour of the style sheet as a plain one, for a canvas.
  const probe = make("span", "hidden");
  document.body.append(probe);
  function colour(name) {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  }

  const watchers = [];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  }

  function themeChanged() {
    button.setAttribute("aria-pressed", String(isDark()));
    for (const watcher of watchers) watcher();
  }

  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    themeChanged();
  });
  dark.addEventListener("change", themeChanged);
  document.getElementById("print").addEventListener("click", () => window.print());
  document.querySelector(".tools").hidden = false;
  button.setAttribute("aria-pressed", String(isDark()));

  return {
    data,
    make,
    chance,
    signed,
    colour,
    count: (number) => whole.format(number),
    text: (number) => data.texts[number],
    whenThemeChanges: (watcher) => watchers.push(watcher),
  };
})();
