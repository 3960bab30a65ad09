import { effect } from "@preact/signals";
import { render } from "preact";
import {
  type Address,
  applyAddress,
  keepAddress,
  readAddress,
  runNow,
  withoutWriting,
} from "./address.ts";
import { announceWhatHappens } from "./announce.ts";
import { App } from "./app.tsx";
import { bindKeys } from "./keyboard.ts";
import { loadFromAddress, repeatBranches } from "./runs/open-address.ts";
import { loadDemonstration, openFile, openServedFiles } from "./runs/open-recording.ts";
import * as state from "./state.ts";
import { offerTestDoor } from "./test-door.ts";
import "./styles.css";

const isTesting = new URLSearchParams(location.search).has("testing");

function keepPreferences(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  state.systemIsDark.value = dark.matches;
  dark.addEventListener("change", () => {
    state.systemIsDark.value = dark.matches;
  });
  const motion = matchMedia("(prefers-reduced-motion: reduce)");
  state.reducedMotion.value = motion.matches;
  motion.addEventListener("change", () => {
    state.reducedMotion.value = motion.matches;
  });
  const narrow = matchMedia("(max-width: 700px)");
  state.isNarrow.value = narrow.matches;
  narrow.addEventListener("change", () => {
    state.isNarrow.value = narrow.matches;
  });
  if (narrow.matches) state.isList.value = true;
  const stored = readStored();
  if (stored.theme !== undefined) state.theme.value = stored.theme;
  if (stored.singleKeys !== undefined) state.singleKeys.value = stored.singleKeys;
  // Before anything is painted.
  effect(() => {
    document.documentElement.dataset["theme"] = state.shownTheme.value;
  });
  effect(() => {
    const kept = JSON.stringify({ theme: state.theme.value, singleKeys: state.singleKeys.value });
    try {
      localStorage.setItem("stormbell", kept);
    } catch {
      // Storage may be forbidden; then a choice lasts as long as the page.
    }
  });
}

function readStored(): { theme?: state.Theme; singleKeys?: boolean } {
  try {
    return JSON.parse(localStorage.getItem("stormbell") ?? "{}");
  } catch {
    return {};
  }
}

function acceptDrops(): void {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    const [first, second] = event.dataTransfer?.files ?? [];
    if (first === undefined) return;
    state.dialog.value = "";
    // Of two the second one is put beside the first.
    void openFile(first).then((isOpen) => isOpen && second !== undefined && openFile(second, true));
  });
}

async function begin(): Promise<void> {
  const address = readAddress(location.hash);
  if (await openServedFiles()) {
    // Without an address the files say what is shown: two of them are compared.
    if (location.hash.length > "#/".length) applyAddress(address);
  } else if (address.run === "" || address.run === "demonstration") {
    await loadDemonstration({ autoplay: address.run === "" && !isTesting });
    if (address.run !== "") await followDemonstration(address);
  } else {
    await loadFromAddress(address);
    withoutWriting(() => applyAddress(address));
  }
  keepAddress();
}

/** Goes where the address says: within the run on screen, or to another one. */
async function follow(address: Address): Promise<void> {
  if (address.run !== runNow()) {
    if (address.run === "" || address.run === "demonstration") {
      await loadDemonstration({ autoplay: false });
      await followDemonstration(address);
      return;
    }
    await loadFromAddress(address);
  }
  withoutWriting(() => applyAddress(address));
}

/** Shows the instant at once; branches that the link lists are simulated meanwhile, and the one it compares with is shown then. */
async function followDemonstration(address: Address): Promise<void> {
  withoutWriting(() => applyAddress(address));
  if (address.decisions === "") return;
  await repeatBranches(address);
  withoutWriting(() => applyAddress(address));
}

keepPreferences();
bindKeys();
acceptDrops();
announceWhatHappens();
addEventListener("popstate", () => void follow(readAddress(location.hash)));
const container = document.getElementById("app");
if (container !== null) render(<App />, container);
offerTestDoor(isTesting);
void begin();
