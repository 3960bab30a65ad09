/** What the page is showing, as signals. The recording and the instant decide the picture; the rest is the reader's choice. */
import { computed, effect, signal } from "@preact/signals";
import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import type { Outage } from "../../sim/twin/results-types.ts";
import { faultInstantsOf, markersOf } from "./playback/markers.ts";
import { type Picture, pictureAt } from "./playback/picture.ts";
import type { RecordingView } from "./playback/recording-view.ts";
import type { SpeedChoice } from "./playback/speed.ts";
import type { ToldMistake } from "./worker/messages.ts";

export type Tab = "charts" | "book" | "events" | "component" | "compare";
export const tabs: readonly { id: Tab; title: string }[] = [
  { id: "charts", title: "Charts" },
  { id: "book", title: "Order book" },
  { id: "events", title: "Events" },
  { id: "component", title: "Component" },
  { id: "compare", title: "Compare" },
];

export type Theme = "system" | "light" | "dark";

/** Where a recording came from; the start page and the address say it. */
export interface Source {
  readonly kind: "demonstration" | "scenario" | "file" | "branch";
  readonly name: string;
}

/** What makes a second run differ from the one on screen: a further fault, another scenario, another topology, a file. */
export type Decision =
  | { readonly kind: "fault"; readonly fault: FaultSpec }
  | { readonly kind: "scenario"; readonly id: string }
  | { readonly kind: "topology"; readonly name: string }
  | { readonly kind: "file" };

/** A run beside the one on screen. */
export interface Branch {
  readonly id: string;
  readonly title: string;
  readonly view: RecordingView;
  /** Instant at which it parts from the run; 0 for another design. */
  readonly fromUs: number;
  readonly decision: Decision;
}

export const view = signal<RecordingView | undefined>(undefined);
export const source = signal<Source>({ kind: "demonstration", name: "" });
export const instantUs = signal(0);
export const isPlaying = signal(false);
export const speed = signal<SpeedChoice>("fit");
export const tab = signal<Tab>("charts");
/** Component, group of components or zone that is open; empty for none. */
export const selected = signal("");
/** Region in view; empty for all of them. */
export const region = signal("");
/** Whether the map is replaced by its list. */
export const isList = signal(false);
/** Event whose causes are shown. */
export const whySeq = signal<number | undefined>(undefined);
export const theme = signal<Theme>("system");
/** What the system asks for. */
export const systemIsDark = signal(false);
/** The theme on screen. */
export const shownTheme = computed<"light" | "dark">(() =>
  theme.value === "system" ? (systemIsDark.value ? "dark" : "light") : theme.value,
);
export const singleKeys = signal(true);
/** Span of the timeline in view, microseconds. */
export const span = signal<readonly [number, number] | undefined>(undefined);
export const marks = signal<readonly number[]>([]);
export const notices = signal<readonly string[]>([]);
export const dialog = signal<
  "" | "help" | "start" | "open" | "break" | "design" | "find" | "goto" | "orders" | "export"
>("");
/** Where the dialog to break something begins, as `break-faults.ts` names places; empty for what is selected. */
export const breakPlace = signal("");
export const branches = signal<readonly Branch[]>([]);
export const compareId = signal("");
export const isSwapped = signal(false);
/** Whether the three first buttons have been used. */
export const isIntroduced = signal(false);
export const announcement = signal("");

export interface RunningRun {
  readonly title: string;
  readonly doneUs: number;
  readonly durationUs: number;
  /** Simulated seconds a second. */
  readonly rate: number;
  readonly startedMs: number;
}
export const running = signal<RunningRun | undefined>(undefined);
/** What ended before its time, or never came, and what there is to do about it. */
export interface Failure {
  readonly title: string;
  readonly lines: readonly string[];
  /** What to hand on to whoever mends it. */
  readonly report: string;
  readonly again: { readonly label: string; readonly act: () => void };
}
export const failure = signal<Failure | undefined>(undefined);

export const reducedMotion = signal(false);
/** Whether the page is as narrow as a telephone. */
export const isNarrow = signal(false);

/** The recording for what is slow to draw: charts follow a live run by the second, not by the slice. */
export const steadyView = signal<RecordingView | undefined>(undefined);
const steadyEveryMs = 1500;
let steadyMs = 0;
effect(() => {
  const now = view.value;
  const before = steadyView.peek();
  const isSameRun = now?.isLive === true && before?.head.topology === now.head.topology;
  if (isSameRun && performance.now() - steadyMs < steadyEveryMs) return;
  steadyMs = performance.now();
  steadyView.value = now;
});

export const markers = computed(() => (view.value === undefined ? [] : markersOf(view.value)));
export const faultInstants = computed(() =>
  view.value === undefined ? [] : faultInstantsOf(view.value),
);
export const durationUs = computed(() => view.value?.head.durationUs ?? 0);

/** Frame on screen and number of events so far: what a picture depends on, coarser than the instant. */
export const picture = computed<Picture | undefined>(() =>
  view.value === undefined ? undefined : pictureAt(view.value, instantUs.value),
);

export const compared = computed(() => branches.value.find(({ id }) => id === compareId.value));
export const branchPicture = computed<Picture | undefined>(() =>
  compared.value === undefined ? undefined : pictureAt(compared.value.view, instantUs.value),
);

export function choose(component: string): void {
  selected.value = component;
  if (component !== "") tab.value = "component";
}

export function notify(text: string): void {
  notices.value = [...notices.value.filter((each) => each !== text), text];
}

/** Node of the map that fills it; empty while the region is in view. */
export const opened = signal("");
/** Pan and zoom of the map against its fitted place. */
export const mapView = signal({ x: 0, y: 0, k: 1 });

/** Mistakes of the scenario or file that was given last. */
export const mistakes = signal<
  | {
      readonly title: string;
      readonly kind: "scenario" | "file";
      readonly mistakes: readonly ToldMistake[];
    }
  | undefined
>(undefined);

/** The scenario that is being written, or was read from a file to be mended. */
export const draft = signal("");

/** Outage whose parts the why panel shows. */
export const whyOutage = signal<Outage | undefined>(undefined);
