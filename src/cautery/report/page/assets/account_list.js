// The rows of the account table as numbers: which are shown, in which order, and their CSV.
const accountList = (() => {
  const { columns, groups, bands } = cautery.data;
  const size = columns ? columns.id.length : 0;
  const text = cautery.text;
  let lowered = null;

  // Which texts have a word in them: each text is looked at once, however many rows it stands in.
  function holding(word) {
    lowered ??= cautery.data.texts.map((one) => one.toLowerCase());
    return Uint8Array.from(lowered, (one) => (one.includes(word) ? 1 : 0));
  }

  function matching(wanted, group, band) {
    const found = [];
    const held = wanted.toLowerCase().split(/\s+/).filter(Boolean).map(holding);
    const searched = [columns.id, columns.org, columns.reason];
    for (let row = 0; row < size; row++) {
      const own = columns.group[row];
      if (group !== "" && own !== Number(group)) continue;
      if (band !== "" && columns.band[row] !== Number(band)) continue;
      const { id, what } = groups[own];
      const fits = (has) => has[id] || has[what] || searched.some((column) => has[column[row]]);
      if (held.every(fits)) found.push(row);
    }
    return found;
  }

  // Ranks of texts, so that sorting compares numbers only.
  const ranks = new Map();
  function ranked(name) {
    if (!ranks.has(name)) {
      const numbers = [...new Set(columns[name])];
      numbers.sort((one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0));
      const rank = new Map(numbers.map((number, place) => [number, place]));
      ranks.set(name, columns[name].map((number) => rank.get(number)));
    }
    return ranks.get(name);
  }

  function sorted(rows, name, ascending) {
    const keys = ["id", "first", "last", "reason"].includes(name) ? ranked(name) : columns[name];
    const sign = ascending ? 1 : -1;
    return rows.sort((one, other) => sign * (keys[one] - keys[other]) || one - other);
  }

  function cell(number) {
    const written = cautery.data.cells[number] ?? text(number);
    return /[",\n\r]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
  }

  // The columns of accounts.csv, in its order.
  const HEADER =
    "account_id,campaign_id,operator_id,linked_probability,distillation_probability," +
    "permitted_use,probability,band,exchanges,output_tokens,first_seen,last_seen,top_reason";

  function csv(rows) {
    const lines = rows.map((row) => {
      const group = groups[columns.group[row]];
      return [
        cell(columns.id[row]),
        cell(group.id),
        cell(group.operator),
        columns.linked[row],
        group.distilling,
        cell(columns.use[row]),
        columns.chance[row],
        bands[columns.band[row]],
        columns.exchanges[row],
        columns.tokens[row],
        cell(columns.first[row]),
        cell(columns.last[row]),
        cell(columns.reason[row]),
      ].join(",");
    });
    return [HEADER, ...lines, ""].join("\n");
  }

  return { size, columns, groups, matching, sorted, csv };
})();
