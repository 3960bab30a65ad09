import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Fact } from "../../../sim/facts/facts.ts";
import type { Parameter } from "../../../sim/facts/parameter.ts";
import { type Chart, componentCharts } from "../charts/chart-data.ts";
import { ChartView } from "../charts/chart-view.tsx";
import { latePart } from "../late-part.ts";
import { fullTitle, nodesOf } from "../map/layout.ts";
import { metricName } from "../playback/metric-names.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { serviceName } from "../playback/service-names.ts";
import * as state from "../state.ts";
import { placeKey, placesOf } from "./break-faults.ts";

/** One component: its state, its metrics by the names AWS gives them, and every number it works with. */
export function ComponentPanel() {
  const view = state.steadyView.value;
  const id = state.selected.value;
  const nodes = useMemo(() => (view === undefined ? [] : nodesOf(view)), [view?.head.topology]);
  const node = nodes.find((each) => each.id === id);
  if (view === undefined) return null;
  if (node === undefined) {
    const example = nodes.find(({ service }) => service === "matching-service");
    return (
      <p class="empty">
        Here is what a component does, and every number it works with. Choose one on the map
        {example === undefined ? null : (
          <>
            {", for example "}
            <button type="button" class="link" onClick={() => state.choose(example.id)}>
              {example.title}
            </button>
          </>
        )}
        .
      </p>
    );
  }
  return (
    <Component
      key={node.id}
      view={view}
      id={node.id}
      title={fullTitle(node, nodes)}
      members={node.members}
    />
  );
}

function Component(options: {
  view: RecordingView;
  id: string;
  title: string;
  members: readonly string[];
}) {
  const { view, members } = options;
  const first = members[0] ?? "";
  const service = view.byId.get(first)?.service ?? "";
  const canBreak = useMemo(
    () => placesOf(view).some(({ key }) => key === placeKey("component", options.id)),
    [view.head.topology, options.id],
  );
  const now = useComputed(() => state.picture.value?.components.get(first));
  const charts = useMemo(() => restingLast(componentCharts(view, members)), [view, members]);
  return (
    <section aria-label={options.title} data-component={options.id}>
      <header class="component-head">
        <h2>{options.title}</h2>
        {canBreak && (
          <button
            type="button"
            class="quiet"
            title="At the instant on screen (B)"
            onClick={() => {
              state.breakPlace.value = placeKey("component", options.id);
              state.dialog.value = "break";
            }}
          >
            Break it
          </button>
        )}
        <button
          type="button"
          class="quiet"
          title="Fill the map with it (Enter)"
          hidden={state.opened.value === options.id}
          onClick={() => {
            state.opened.value = options.id;
          }}
        >
          Open
        </button>
      </header>
      <p class="muted">
        {serviceName(service)}
        {members.length > 1 ? ` ×${members.length}` : ""}
      </p>
      <p class="state" data-health={now.value?.health}>
        <svg width="10" height="10" aria-hidden="true">
          <use href={`#glyph-${now.value?.health ?? "unknown"}`} width="10" height="10" />
        </svg>{" "}
        {now.value?.words} <span class="muted">{now.value?.figure}</span>
        {now.value?.control ? (
          <span class="control">control plane: {now.value.control}</span>
        ) : null}
      </p>
      <h3>Metrics</h3>
      <div class="small-charts">
        {charts.map((chart) => (
          <div key={chart.id}>
            <ChartView chart={chart} height={64} />
            <MetricName
              service={
                charts.some(({ id }) => id === "flows-active") ? `network-${service}` : service
              }
              channel={chart.id}
            />
          </div>
        ))}
      </div>
      <h3>Parameters</h3>
      <Parameters
        parameters={view.head.components.find(({ id }) => id === first)?.parameters ?? {}}
      />
    </section>
  );
}

/** Figures that never leave zero say least, and stand at the end. */
function restingLast(charts: readonly Chart[]): readonly Chart[] {
  const rests = ({ lines }: Chart) =>
    lines.every(({ values }) => values.every((each) => each === 0));
  return [...charts.filter((chart) => !rests(chart)), ...charts.filter(rests)];
}

/** What CloudWatch calls it, where CloudWatch has it. */
function MetricName({ service, channel }: { service: string; channel: string }) {
  const name = metricName(service, channel);
  return name === undefined ? null : <p class="metric-name">{name}</p>;
}

type FactLookup = (key: string) => Fact | undefined;

function Parameters({ parameters }: { parameters: Readonly<Record<string, Parameter>> }) {
  const [factOf, setFactOf] = useState<FactLookup | undefined>(undefined);
  useEffect(() => {
    // The catalogue is large and wanted by few.
    void latePart(
      import("../../../sim/facts/facts.ts"),
      "The sources of parameters are not linked",
    ).then((facts) => {
      if (facts === undefined) return;
      const byKey = new Map<string, Fact>(facts.allFacts().map((fact) => [fact.key, fact]));
      setFactOf(() => (key: string) => byKey.get(key));
    });
  }, []);
  return (
    <dl class="parameters">
      {Object.entries(parameters).map(([name, parameter]) => (
        <ParameterRow
          key={name}
          name={name}
          parameter={parameter}
          fact={parameter.factKey === undefined ? undefined : factOf?.(parameter.factKey)}
        />
      ))}
    </dl>
  );
}

function ParameterRow(options: { name: string; parameter: Parameter; fact: Fact | undefined }) {
  const { name, parameter, fact } = options;
  const unit = unitOf(name, parameter);
  const isAssured = parameter.origin === "fact" && parameter.confidence !== "from-memory";
  const why =
    parameter.origin === "override"
      ? `changed in the scenario from ${valueText(unit, parameter.replaced ?? 0)}`
      : parameter.origin === "assumption"
        ? `assumption: ${parameter.why ?? "no reason given"}`
        : `${parameter.confidence ?? ""}, ${parameter.factKey ?? ""}`;
  return (
    <div class="parameter" data-origin={parameter.origin}>
      <dt>{wordsOf(name)}</dt>
      <dd>
        <span class={isAssured ? "value" : "value unassured"} title={why}>
          {valueText(unit, parameter.value)}
        </span>
        <span class="origin">{parameter.origin}</span>
        <p class="muted">
          {fact === undefined ? (
            why
          ) : (
            <>
              {why}.{" "}
              <a href={fact.source} rel="noreferrer">
                {hostOf(fact.source)}
              </a>{" "}
              <span class="kept-together">{fact.asOf}</span>
            </>
          )}
        </p>
      </dd>
    </div>
  );
}

function hostOf(source: string): string {
  try {
    return new URL(source).hostname;
  } catch {
    return source;
  }
}

function wordsOf(name: string): string {
  const words = name
    // The unit stands with the value.
    .replace(/(?:Us|Ms|Seconds|S)(?=P\d|PerMb|$)/, "")
    .replace(/PerMb$/, "")
    .replace(/([A-Z])/g, " $1")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A fact of several figures names all their units: the one of this figure is in its name. */
function unitOf(name: string, { unit }: Parameter): string {
  if (unit.includes(", ")) return /S$|Seconds$/.test(name) ? "s" : "";
  return unit.replace(/^us\b(?=.)/, "µs");
}

function valueText(unit: string, value: number): string {
  if (unit === "us") {
    if (value >= 1_000_000) return `${+(value / 1_000_000).toFixed(3)} s`;
    if (value >= 1000) return `${+(value / 1000).toFixed(3)} ms`;
    return `${value} µs`;
  }
  return `${value.toLocaleString("en-US", { maximumFractionDigits: 6 })} ${unit}`.trim();
}
