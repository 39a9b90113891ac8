// The account table: only the rows in sight are in the page, whatever their number.
(() => {
  const frame = document.getElementById("account-live");
  if (!frame || !accountList.size) return;
  const { columns, groups } = accountList;
  const { make, text, count, chance } = cautery;
  const HEIGHT = 36;
  const SPARE = 6;
  const body = frame.querySelector("tbody");
  const table = frame.querySelector("table");
  const filter = document.getElementById("account-filter");
  const group = document.getElementById("account-group");
  const band = document.getElementById("account-band");
  const marks = ["● very likely", "◐ likely", "○ watch", "· no band"];
  // Days stand without their year where it is the same for all.
  const years = new Set([...new Set([...columns.first, ...columns.last])].map((n) => text(n).slice(0, 4)));
  const cut = years.size === 1 && /^\d{4}$/.test([...years][0]) ? 5 : 0;
  table.classList.toggle("full-days", cut === 0);
  let rows = [];
  let order = ["chance", false];
  let first = -1;
  let last = -1;

  function field(classes, words, isolated) {
    const cell = make("td", classes);
    cell.append(isolated ? make("bdi", "", words) : words);
    if (words.length > 20) cell.title = words;
    return cell;
  }

  function drawn(place) {
    const row = rows[place];
    const line = make("tr");
    line.setAttribute("aria-rowindex", String(place + 2));
    const head = make("th", "c-id");
    head.scope = "row";
    const button = make("button");
    button.type = "button";
    button.dataset.place = String(place);
    button.append(make("bdi", "", text(columns.id[row])));
    head.append(button);
    const reason = text(columns.reason[row]);
    line.append(
      head,
      field("c-group", text(groups[columns.group[row]].id), true),
      field(`c-band band band-${3 - columns.band[row]}`, marks[columns.band[row]]),
      field("c-chance", chance(columns.chance[row])),
      field("c-number", count(columns.exchanges[row])),
      field("c-number", count(columns.tokens[row])),
      field("c-day", text(columns.first[row]).slice(cut, 10), true),
      field("c-day", text(columns.last[row]).slice(cut, 10), true),
      field("c-reason", reason, true),
    );
    return line;
  }

  function spacer(height) {
    const line = make("tr", "spacer");
    line.setAttribute("aria-hidden", "true");
    const cell = make("td");
    cell.colSpan = 9;
    cell.style.height = `${height}px`;
    line.append(cell);
    return line;
  }

  function show(again) {
    const sight = Math.ceil(frame.clientHeight / HEIGHT);
    const from = Math.max(0, Math.floor(frame.scrollTop / HEIGHT) - SPARE);
    const to = Math.min(rows.length, from + sight + 2 * SPARE);
    if (!again && from === first && to === last) return;
    [first, last] = [from, to];
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    const lines = [spacer(from * HEIGHT)];
    for (let place = from; place < to; place++) lines.push(drawn(place));
    lines.push(spacer((rows.length - to) * HEIGHT));
    body.replaceChildren(...lines);
    if (focused !== null) (buttonAt(Number(focused)) ?? frame).focus({ preventScroll: true });
  }

  function buttonAt(place) {
    return body.querySelector(`button[data-place="${place}"]`);
  }

  function choose() {
    rows = accountList.sorted(accountList.matching(filter.value, group.value, band.value), ...order);
    table.setAttribute("aria-rowcount", String(rows.length + 1));
    const sum = (name) => count(rows.reduce((total, row) => total + columns[name][row], 0));
    document.getElementById("account-count").textContent =
      `${count(rows.length)} of ${count(accountList.size)} accounts`;
    document.getElementById("account-sums").textContent =
      `${sum("exchanges")} exchanges, ${sum("tokens")} output tokens`;
    frame.scrollTop = 0;
    show(true);
  }

  function sortBy(button) {
    const name = button.dataset.sort;
    const falling = ["chance", "exchanges", "tokens"].includes(name);
    order = [name, order[0] === name ? !order[1] : !falling];
    for (const head of frame.querySelectorAll("th[aria-sort]")) head.setAttribute("aria-sort", "none");
    button.parentElement.setAttribute("aria-sort", order[1] ? "ascending" : "descending");
    choose();
  }

  function move(event) {
    const at = event.target.dataset?.place;
    if (at === undefined) return;
    const page = Math.floor(frame.clientHeight / HEIGHT) - 2;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const place = Math.max(0, Math.min(rows.length - 1, Number(at) + steps[event.key]));
    const top = place * HEIGHT;
    if (top < frame.scrollTop) frame.scrollTop = top;
    const below = top + 2.2 * HEIGHT - frame.clientHeight;
    if (below > frame.scrollTop) frame.scrollTop = below;
    show(false);
    buttonAt(place)?.focus({ preventScroll: true });
  }

  function save() {
    const blob = new Blob([accountList.csv(rows)], { type: "text/csv;charset=utf-8" });
    const link = make("a");
    link.href = URL.createObjectURL(blob);
    link.download = "accounts-in-groups.csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  groups.forEach((one, number) => {
    const option = make("option", "", text(one.id));
    option.value = String(number);
    group.append(option);
  });
  for (const place of document.querySelectorAll(".account-tools, .account-live, .account-sums")) place.hidden = false;
  frame.tabIndex = 0;
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", "Accounts, scrolls");
  filter.addEventListener("input", choose);
  group.addEventListener("change", choose);
  band.addEventListener("change", choose);
  frame.addEventListener("scroll", () => requestAnimationFrame(() => show(false)), { passive: true });
  frame.addEventListener("keydown", move);
  frame.querySelector("thead").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sortBy(button);
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) cautery.openAccount(rows[Number(button.dataset.place)]);
  });
  document.getElementById("account-save").addEventListener("click", save);
  new ResizeObserver(() => show(false)).observe(frame);
  choose();
})();
