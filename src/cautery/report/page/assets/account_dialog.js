// Why one account is where it is: its own waterfall, its strongest links, its traffic.
(() => {
  const dialog = document.getElementById("account-dialog");
  if (!dialog) return;
  const { columns, groups } = accountList;
  const { make, text, count, chance, signed } = cautery;

  function table(heads, lines) {
    const made = make("table");
    const top = made.createTHead().insertRow();
    heads.forEach((words, place) => {
      const head = make("th", place ? "number" : "", words);
      head.scope = "col";
      top.append(head);
    });
    const body = made.createTBody();
    for (const [first, number] of lines) {
      const row = body.insertRow();
      const head = make("th");
      head.scope = "row";
      head.append(...first);
      row.append(head, make("td", "number", number));
    }
    return made;
  }

  function isolated(number) {
    return make("bdi", "", text(number));
  }

  function weights(row) {
    const flat = columns.weights[row];
    const lines = [];
    let sum = 0;
    for (let at = 0; at < flat.length; at += 2) {
      lines.push([[isolated(flat[at])], signed(flat[at + 1])]);
      sum += flat[at + 1];
    }
    lines.push([[make("b", "", "Sum")], signed(sum)]);
    return table(["Reason", "Bits"], lines);
  }

  function links(row) {
    const flat = columns.links[row];
    const lines = [];
    for (let at = 0; at < flat.length; at += 3) {
      const reason = [isolated(columns.id[flat[at]]), ": ", isolated(flat[at + 1])];
      lines.push([reason, signed(flat[at + 2])]);
    }
    return table(["Other account and what the two share", "Bits"], lines);
  }

  cautery.openAccount = (row) => {
    const group = groups[columns.group[row]];
    const title = document.getElementById("account-dialog-title");
    title.replaceChildren(isolated(columns.id[row]));
    const facts = make("p", "of");
    facts.append("In ", isolated(group.id), " (", isolated(group.what), "). ");
    if (text(columns.org[row])) facts.append("Organisation ", isolated(columns.org[row]), ". ");
    facts.append(
      `${count(columns.exchanges[row])} exchanges, ${count(columns.harvest[row])} of them thought to be ` +
        `harvest; ${count(columns.tokens[row])} output tokens. Chance of the same operator ` +
        `${chance(columns.linked[row])}, of taking part in an unpermitted campaign ${chance(columns.chance[row])}.`,
    );
    const parts = [facts];
    if (text(columns.use[row])) {
      const allowed = make("p", "note", "Its contract allows ");
      allowed.append(isolated(columns.use[row]), ".");
      parts.push(allowed);
    }
    if (columns.weights[row].length) parts.push(make("h4", "", "Why it is in the group"), weights(row));
    if (columns.links[row].length) parts.push(make("h4", "", "Its strongest links"), links(row));
    document.getElementById("account-dialog-body").replaceChildren(...parts);
    dialog.showModal();
    dialog.scrollTop = 0;
  };

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
})();
