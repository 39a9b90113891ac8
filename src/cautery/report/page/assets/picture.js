// Pictures of accounts: the pointer or the arrow keys choose a dot, its links light up.
(() => {
  const { columns, groups } = accountList;
  const { text, chance, count } = cautery;
  const SVG = "http://www.w3.org/2000/svg";
  const CELL = 24;

  function shape(name, classes, attributes) {
    const made = document.createElementNS(SVG, name);
    made.setAttribute("class", classes);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  // Rows by the square of the board they stand in, so that the nearest dot is found at once.
  function squares(rows) {
    const found = new Map();
    for (const row of rows) {
      const [x, y] = columns.place[row];
      const key = `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
      if (!found.has(key)) found.set(key, []);
      found.get(key).push(row);
    }
    return found;
  }

  function nearest(found, x, y) {
    let best = null;
    let least = CELL * CELL;
    for (let column = -1; column <= 1; column++) {
      for (let line = -1; line <= 1; line++) {
        const key = `${Math.floor(x / CELL) + column} ${Math.floor(y / CELL) + line}`;
        for (const row of found.get(key) ?? []) {
          const [left, top] = columns.place[row];
          const away = (left - x) ** 2 + (top - y) ** 2;
          if (away < least) [best, least] = [row, away];
        }
      }
    }
    return best;
  }

  function animate(figure) {
    const group = Number(figure.dataset.group);
    const board = figure.querySelector(".picture-board");
    const still = board.querySelector("svg");
    const over = board.querySelector(".picture-mark");
    const said = figure.querySelector(".picture-said");
    const width = still.viewBox.baseVal.width;
    let rows = null;
    let found = null;
    let chosen = null;
    let waiting = null;

    function prepare() {
      if (rows) return;
      rows = [];
      columns.group.forEach((one, row) => {
        if (one === group) rows.push(row);
      });
      rows.sort((a, b) => columns.place[a][1] - columns.place[b][1] || columns.place[a][0] - columns.place[b][0]);
      found = squares(rows);
    }

    function choose(row) {
      if (row === chosen) return;
      chosen = row;
      if (row === null) {
        over.replaceChildren();
        said.textContent = "";
        return;
      }
      const [x, y] = columns.place[row];
      const flat = columns.links[row];
      const parts = [];
      for (let at = 0; at < flat.length; at += 3) {
        const [toX, toY] = columns.place[flat[at]];
        parts.push(shape("line", "mark-line", { x1: x, y1: y, x2: toX, y2: toY }));
        parts.push(shape("circle", "mark-other", { cx: toX, cy: toY, r: 3 }));
      }
      parts.push(shape("circle", "mark-dot", { cx: x, cy: y, r: 6 }));
      over.replaceChildren(...parts);
      said.textContent =
        `${text(columns.id[row])}: chance ${chance(columns.chance[row])}, ` +
        `${count(columns.exchanges[row])} exchanges, linked to ${flat.length / 3} accounts in the picture.`;
    }

    board.tabIndex = 0;
    board.setAttribute("role", "group");
    board.setAttribute(
      "aria-label",
      `Accounts of ${text(groups[group].id)}: arrow keys go from account to account, Enter opens one`,
    );
    board.addEventListener("pointermove", (event) => {
      const first = waiting === null;
      waiting = event;
      if (!first) return;
      requestAnimationFrame(() => {
        prepare();
        const box = still.getBoundingClientRect();
        const scale = width / box.width;
        choose(nearest(found, (waiting.clientX - box.left) * scale, (waiting.clientY - box.top) * scale));
        waiting = null;
      });
    });
    board.addEventListener("pointerleave", () => choose(null));
    board.addEventListener("click", () => {
      if (chosen !== null) cautery.openAccount(chosen);
    });
    board.addEventListener("keydown", (event) => {
      prepare();
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
      if (event.key in steps) {
        event.preventDefault();
        const at = rows.indexOf(chosen);
        choose(rows[Math.max(0, Math.min(rows.length - 1, at + steps[event.key]))]);
      } else if (event.key === "Enter" && chosen !== null) {
        event.preventDefault(); // or the same key would close the dialog that it opens
        cautery.openAccount(chosen);
      }
    });
  }

  if (accountList.size) document.querySelectorAll(".picture").forEach(animate);
})();
