// Draws what /figures says, and asks again every few seconds while somebody looks.
"use strict";

const REFRESH_MS = 5000;
const SHORTEST_S = 15 * 60;
const WORDS = { OK: "OK", ALARM: "IN ALARM", INSUFFICIENT_DATA: "no data" };
const UNITS = { None: "", Count: "", Milliseconds: "ms", Microseconds: "µs", Seconds: "s", Bytes: "B", Percent: "%" };
const DASHES = ["solid", "dot", "dash", "longdash", "dashdot"];
const dark = matchMedia("(prefers-color-scheme: dark)");
// Okabe and Ito's colours, told apart by the colour-blind, turned to keep 3:1 on either card.
const palette = () => dark.matches
  ? ["#56b4e9", "#ff9d4d", "#2fc49a", "#bf9cf2", "#f08cc0", "#e6d54a", "#b9c4d0"]
  : ["#0072b2", "#d55e00", "#00805d", "#8a4fbf", "#c2478f", "#8a6d00", "#46515e"];
const $ = (id) => document.getElementById(id);
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const plain = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
const utc = (second) => new Date(second * 1000).toISOString();
const clock = (second) => utc(second).slice(11, 16);
const unitOf = (unit) => UNITS[unit] ?? unit;

function figure(value, unit = "") {
  const format = Math.abs(value) >= 1e5 ? { notation: "compact" } : {};
  const text = new Intl.NumberFormat("en", { maximumSignificantDigits: 4, ...format }).format(value);
  return unit ? `${text} ${unit}` : text;
}

// CloudFormation names a resource <stack>-<logical id>-<suffix>, of which only the middle is to be read.
const logicalId = (name) => /^.+-(\w+)-[0-9A-Z]{8,}$/.exec(name)?.[1] ?? name;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// ---- widgets ------------------------------------------------------------------------------------
const fill = {
  text(body, widget) { body.innerHTML = widget.html; }, // rendered with raw HTML off
  alarm(body, { alarms }) {
    const open = body.querySelector("details")?.open;
    const tile = (alarm) => {
      const since = `${alarm.exact ? "" : "before "}${clock(alarm.since)} UTC`;
      const state = make("span", {}, `${WORDS[alarm.state]}${alarm.state === "ALARM" ? ` since ${since}` : ""}`);
      const id = logicalId(alarm.name);
      const name = make("a", { href: `/runbook#${id.toLowerCase()}` }, make("b", {}, id));
      const item = make("li", { class: alarm.state, title: `${alarm.name}: ${alarm.description}` }, name, state);
      if (alarm.state === "ALARM") item.append(make("p", {}, `${alarm.description} `, make("a", { href: `/runbook#${id.toLowerCase()}` }, "What to do")));
      return item;
    };
    const list = (some) => make("ul", { class: "alarms" }, ...some.map(tile));
    const calm = alarms.filter(({ state }) => state === "OK");
    const others = alarms.filter(({ state }) => state !== "OK");
    const folded = make("details", open ? { open: "" } : {}, make("summary", {}, others.length ? `${calm.length} alarms are OK` : `All ${calm.length} alarms are OK`), list(calm));
    body.replaceChildren(...(others.length ? [list(others)] : []), ...(calm.length ? [folded] : []));
  },
  log(body, { query }) {
    const note = make("p", { class: "note" }, "Saved queries run in CloudWatch; the tables above show the newest requests of this stack.");
    body.replaceChildren(note, make("details", {}, make("summary", {}, "The query"), make("pre", { tabindex: 0 }, query)));
  },
  other(body, { note }) { body.replaceChildren(make("p", { class: "note" }, `Not shown here: ${note}.`)); },
  metric(body, widget, span) {
    const colors = palette();
    widget.curves.forEach((curve, at) => {
      curve.color ||= colors[at % colors.length];
      curve.dash = DASHES[Math.floor(at / colors.length) % DASHES.length];
      curve.unit = unitOf(curve.unit);
      // The minute that still runs would show a part of itself; a legend tells the last whole one.
      const whole = curve.points.filter(([time, value]) => value !== null && time + curve.period <= span.now);
      curve.latest = (whole.at(-1) ?? curve.points.at(-1))?.[1];
    });
    const note = make("p", { class: "note" }, widget.note);
    note.hidden = !widget.note;
    if (widget.view === "timeSeries") series(body, widget, span, note);
    else body.replaceChildren(values(widget), note);
  },
};

function values({ view, curves, axes }) {
  return make("ul", { class: "values" }, ...curves.map((curve) => {
    const known = curve.latest !== undefined;
    const item = make("li", {}, make("b", {}, known ? figure(curve.latest, curve.unit) : "no data"), curve.label);
    if (view === "gauge" && known) {
      item.append(make("meter", { min: axes.left?.min ?? 0, max: axes.left?.max ?? 100, value: curve.latest, "aria-label": curve.label }));
    }
    return item;
  }));
}

function series(body, widget, span, note) {
  const { curves, thresholds } = widget;
  if (!body.plot) {
    body.plot = make("div", { class: "plot" });
    body.chart = make("div", { class: "chart", role: "img" }, body.plot);
    body.legend = make("ul", { class: "legend" });
  }
  // A scroll bar or a fold changes a card's width, and the window says nothing.
  body.observer ??= new ResizeObserver(() => body.plot.data && Plotly.Plots.resize(body.plot));
  body.observer.observe(body.chart);
  body.replaceChildren(body.chart, body.legend, note);
  body.legend.replaceChildren(...curves.map((curve) => {
    const silent = curve.latest === undefined;
    const label = curve.axis === "right" ? `${curve.label} (right axis)` : curve.label;
    return make("li", silent ? { class: "silent" } : {}, swatch(curve), label, make("b", {}, silent ? "no data" : figure(curve.latest, curve.unit)));
  }));
  const empty = !curves.some((curve) => curve.points.length);
  body.chart.classList.toggle("empty", empty);
  if (!window.Plotly) return; // it is large, and everything else need not wait for it
  body.chart.setAttribute("aria-label", `Chart of ${widget.title}; the latest values follow.`);
  const side = (curve) => (curve.axis === "right" ? "y2" : "y");
  const traces = curves.map((curve) => ({
    x: curve.points.map(([time]) => utc(time)), y: curve.points.map(([, value]) => value),
    name: plain(curve.label), yaxis: side(curve), mode: "lines+markers",
    line: { color: curve.color, width: 2, dash: curve.dash }, marker: { size: 5 },
    ...(widget.stacked && { stackgroup: side(curve) }),
    ...(curve.band && { fill: "tonexty", fillcolor: `${curve.color}40` }), // the band down to the curve before
    hovertemplate: `%{y:.4~g} ${plain(curve.unit)}`,
  }));
  // A threshold is a curve too, so that the axis reaches it.
  const limits = thresholds.map((limit) => ({
    x: [utc(span.start), utc(span.end)], y: [limit.value, limit.value], mode: "lines", hoverinfo: "skip",
    yaxis: side({ axis: limit.yAxis }), line: { color: limit.color || ink("--alarm"), width: 1.5, dash: "dash" },
  }));
  const annotations = thresholds.map((limit) => ({
    text: plain(limit.label || ""), x: 1, xref: "paper", xanchor: "right", y: limit.value, yref: side({ axis: limit.yAxis }),
    yanchor: "bottom", yshift: -1, showarrow: false, font: { color: limit.color || ink("--alarm") },
  }));
  const axis = (name) => {
    const said = widget.axes[name] ?? {};
    const own = curves.filter((curve) => (curve.axis === "right") === (name === "right"));
    const flat = ![...own.flatMap(({ points }) => points.map(([, value]) => value)), ...thresholds.map(({ value }) => value)].some(Boolean);
    // A title that ends with the unit has said it.
    const units = [...new Set(own.map((curve) => curve.unit).filter((unit) => unit && !widget.title.includes(`(${unit})`)))];
    return {
      title: { text: plain(said.label ?? units.join(", ")), standoff: 6 }, gridcolor: ink("--line"), zerolinecolor: ink("--line"), fixedrange: true, automargin: true,
      nticks: 5, rangemode: "tozero", visible: !empty, ...(flat && { range: [0, 1] }), ...("min" in said || "max" in said ? { range: [said.min ?? null, said.max ?? null] } : {}),
    };
  };
  Plotly.react(body.plot, empty ? [] : [...traces, ...limits], {
    margin: { l: 36, r: 12, t: 14, b: 24 }, showlegend: false, hovermode: "x unified", dragmode: false,
    paper_bgcolor: "transparent", plot_bgcolor: "transparent", font: { color: ink("--quiet"), size: 11.5, family: "system-ui, sans-serif" },
    hoverlabel: { bgcolor: ink("--card"), font: { color: ink("--ink") } },
    xaxis: { type: "date", range: [utc(span.start), utc(span.end)], gridcolor: ink("--line"), fixedrange: true, nticks: 6, hoverformat: "%H:%M UTC", tickformat: "%H:%M" },
    annotations: empty ? [] : annotations,
    yaxis: axis("left"), yaxis2: { ...axis("right"), overlaying: "y", side: "right", showgrid: false, tickmode: "auto" },
  }, { displayModeBar: false, responsive: true });
}

function swatch(curve) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "line");
  const attributes = { x1: 0, x2: 18, y1: 4, y2: 4, stroke: curve.color, "stroke-width": 3 };
  if (curve.dash !== "solid") attributes["stroke-dasharray"] = "4 2";
  for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, value);
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(line);
  return drawing;
}

// ---- page ---------------------------------------------------------------------------------------
let built = "";
let bodies = [];

function build(widgets) {
  const shape = JSON.stringify(widgets.map(({ type, title, x, y, width, height, view }) => [type, title, x, y, width, height, view]));
  if (shape === built) return;
  built = shape;
  bodies = widgets.map(() => make("div", { class: "body" }));
  $("grid").replaceChildren(...widgets.map((widget, at) => {
    const section = make("section", { class: widget.type });
    section.style.setProperty("--column", Number.isInteger(widget.x) ? widget.x + 1 : "auto");
    section.style.setProperty("--row", Number.isInteger(widget.y) ? widget.y + 1 : "auto");
    section.style.setProperty("--width", widget.width ?? 6);
    // A text needs less room here than in CloudWatch.
    section.style.setProperty("--height", widget.type === "text" ? Math.min(widget.height, 2) : widget.height ?? 6);
    if (widget.title) {
      section.setAttribute("aria-labelledby", `title-${at}`);
      section.append(make("h2", { id: `title-${at}` }, widget.title));
    }
    section.append(bodies[at]);
    return section;
  }));
}

async function refresh() {
  const minutes = $("minutes").value;
  try {
    const asked = new URLSearchParams(location.search);
    if (minutes) asked.set("minutes", minutes);
    const answer = await fetch(`/figures?${asked}`);
    const drawn = await answer.json();
    if (!answer.ok) throw new Error(drawn.error);
    draw(drawn, Boolean(minutes));
    tell(drawn.verdict);
    await recent();
    $("status").textContent = `Figures of ${utc(drawn.now).slice(0, 19).replace("T", " ")} UTC`;
    $("status").classList.remove("broken");
  } catch (error) {
    $("status").textContent = error instanceof TypeError ? "The stack does not answer; these figures are old." : error.message;
    $("status").classList.add("broken");
  }
}

// ---- what no widget of CloudWatch says ------------------------------------------------------------
function tell(verdict) {
  $("verdict").className = verdict.state;
  $("verdict").replaceChildren(make("b", {}, verdict.answer), ` ${verdict.reason}`);
}

const table = (heads, rows, none) => (rows.length
  ? make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", {}, head)))), make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))))
  : make("p", { class: "note" }, none));

async function recent() {
  const { messages, refusals } = await (await fetch("/recent")).json();
  $("messages").replaceChildren(table(["Received (UTC)", "Contract", "Message"], messages.map((one) => [one.received_at.slice(11, 19), one.contract, one.message_id]), "None since the stack was started."));
  $("refusals").replaceChildren(table(["Answered (UTC)", "Status", "Request", "Reason"], refusals.map((one) => [utc(one.time).slice(11, 19), String(one.status), one.request, one.reason]), "None since the stack was started."));
}

function draw({ name, start, end, now, widgets }, exact) {
  document.title = $("name").textContent = name;
  // A stack that was just deployed would hide in the right margin: begin where its figures begin.
  const times = widgets.flatMap(({ curves = [] }) => curves.flatMap(({ points }) => points.slice(0, 1).map(([time]) => time)));
  const first = Math.min(...times, end - SHORTEST_S) - 60;
  const span = { start: exact ? start : Math.max(start, first), end, now };
  build(widgets);
  widgets.forEach((widget, at) => {
    const drawn = JSON.stringify([widget, span.start, span.end, Math.floor(span.now / 60), dark.matches, Boolean(window.Plotly)]);
    if (bodies[at].drawn === drawn) return;
    bodies[at].drawn = drawn;
    fill[widget.type](bodies[at], widget, span);
  });
}

async function live() {
  if (!document.hidden) await refresh();
  setTimeout(live, REFRESH_MS);
}

$("minutes").addEventListener("change", refresh);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
dark.addEventListener("change", refresh);
$("plotly").addEventListener("load", refresh);
live();
