// The rows of the account table as numbers: which are shown, in which order, and their CSV.
const accountList = (() => {
  const { columns, groups, bands } = cautery.data;
  const size = columns ? columns.id.length : 0;
  const text = cautery.text;
  const lowered = new Map();

  // What a filter looks at; made once for each row, when it is first looked at.
  function searched(row) {
    let words = lowered.get(row);
    if (words === undefined) {
      const group = groups[columns.group[row]];
      words = [columns.id[row], columns.org[row], columns.reason[row], group.id, group.what]
        .map(text)
        .join("\n")
        .toLowerCase();
      lowered.set(row, words);
    }
    return words;
  }

  function matching(wanted, group, band) {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (let row = 0; row < size; row++) {
      if (group !== "" && columns.group[row] !== Number(group)) continue;
      if (band !== "" && columns.band[row] !== Number(band)) continue;
      if (words.length && !words.every((word) => searched(row).includes(word))) continue;
      found.push(row);
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
