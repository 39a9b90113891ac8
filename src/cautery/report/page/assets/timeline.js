// The timeline on a canvas: drag to look closer, arrow keys to read one day at a time.
(() => {
  const line = cautery.data.timeline;
  const place = document.querySelector(".timeline-live");
  if (!line || !place) return;
  const values = [...document.querySelectorAll(".legend .key-value")];
  const names = [...document.querySelectorAll(".legend .key-name")].map((one) => one.textContent);
  const still = document.querySelector(".timeline-still");
  const days = line.seconds.length;
  let plot = null;

  // The sums from below: the highest is drawn first, and each lower one over it.
  const sums = line.counts.map(() => new Array(days).fill(0));
  for (let day = 0; day < days; day++) {
    let sum = 0;
    line.counts.forEach((counts, series) => {
      sum += counts[day];
      sums[series][day] = sum;
    });
  }

  function drawReleases(drawn) {
    const { ctx } = drawn;
    ctx.save();
    ctx.strokeStyle = cautery.colour("--ink");
    ctx.fillStyle = cautery.colour("--ink");
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.font = `${12 * devicePixelRatio}px Arial, sans-serif`;
    ctx.textBaseline = "alphabetic";
    const labels = [...still.querySelectorAll(".release-name")].map((one) => one.textContent);
    line.marks.forEach((second, mark) => {
      if (second < drawn.scales.x.min || second > drawn.scales.x.max) return;
      const x = Math.round(drawn.valToPos(second, "x", true));
      const { top, height, left, width } = drawn.bbox;
      ctx.beginPath();
      ctx.moveTo(x, top - 7 * devicePixelRatio);
      ctx.lineTo(x, top + height);
      ctx.stroke();
      const part = (x - left) / width;
      ctx.textAlign = part > 0.8 ? "right" : part < 0.2 ? "left" : "center";
      ctx.fillText(labels[mark], x, top - 12 * devicePixelRatio);
    });
    ctx.restore();
  }

  function say(day) {
    line.counts.forEach((counts, series) => {
      values[series].textContent = day === null ? "" : cautery.count(counts[day]);
    });
    if (day === null) return;
    const when = new Date(line.seconds[day] * 1000).toISOString().slice(0, 10);
    const parts = line.counts.map((counts, series) => `${names[series]} ${cautery.count(counts[day])}`);
    place.setAttribute("aria-valuetext", `${when}: ${parts.join(", ")}`);
    place.setAttribute("aria-valuenow", String(day));
  }

  // Labels stand under bars, at noon, and no closer than they can be read.
  function labelled(drawn, _, low, high) {
    const seen = line.seconds.filter((second) => second >= low && second <= high);
    const step = Math.ceil(seen.length / Math.max(1, Math.floor(drawn.width / 70)));
    return seen.filter((_second, place) => place % step === 0);
  }

  function dayOf(second) {
    return new Date(second * 1000).toISOString().slice(5, 10);
  }

  function axis(options) {
    return {
      stroke: cautery.colour("--soft"),
      grid: { stroke: cautery.colour("--line"), width: 1 },
      ticks: { show: false },
      font: "12px Arial, sans-serif",
      ...options,
    };
  }

  function draw() {
    if (plot) plot.destroy();
    const bars = uPlot.paths.bars({ size: [0.72, 46], gap: 0 });
    const series = line.numbers.map((number, index) => ({
      fill: cautery.colour(`--fill-${number}`),
      stroke: cautery.colour("--paper"),
      width: 1,
      paths: bars,
      points: { show: false },
      label: names[index],
    }));
    plot = new uPlot(
      {
        width: place.clientWidth,
        height: 280,
        padding: [26, 8, 0, 0],
        tzDate: (second) => uPlot.tzDate(new Date(second * 1000), "UTC"),
        legend: { show: false },
        cursor: { points: { show: false }, y: false, drag: { x: true, y: false } },
        scales: {
          x: { range: (_, low, high) => [low - 43200, high + 43200] },
          y: { range: (_, low, high) => [0, Math.max(4, high * 1.05)] },
        },
        axes: [
          axis({
            grid: { show: false },
            splits: labelled,
            values: (_, seconds) => seconds.map(dayOf),
            size: 30,
          }),
          axis({ values: (_, ticks) => ticks.map(cautery.count), size: 56 }),
        ],
        series: [{}, ...series.reverse()],
        hooks: { draw: [drawReleases], setCursor: [(drawn) => say(drawn.cursor.idx ?? null)] },
      },
      [line.seconds, ...[...sums].reverse()],
      place,
    );
    const canvas = place.querySelector("canvas");
    canvas.setAttribute("aria-hidden", "true");
  }

  place.hidden = false;
  document.querySelector(".timeline-hint").hidden = false;
  still.style.display = "none";
  place.tabIndex = 0;
  place.setAttribute("role", "slider");
  place.setAttribute("aria-label", "Day of the timeline");
  place.setAttribute("aria-valuemin", "0");
  place.setAttribute("aria-valuemax", String(days - 1));
  place.setAttribute("aria-valuenow", "0");
  draw();
  place.addEventListener("keydown", (event) => {
    const now = plot.cursor.idx ?? -1;
    const moves = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: days - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    const day = Math.max(0, Math.min(days - 1, moves[event.key]));
    plot.setCursor({ left: plot.valToPos(line.seconds[day], "x"), top: 10 });
    say(day);
  });
  new ResizeObserver(() => {
    if (place.clientWidth && plot.width !== place.clientWidth) {
      plot.setSize({ width: place.clientWidth, height: 280 });
    }
  }).observe(place);
  cautery.whenThemeChanges(draw);
})();
