/**
 * What the tests need besides npm packages: the other JavaScript engines, and a browser with a font.
 * Installed when we may (root on Debian); otherwise one line says what to install.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const needed = [
  { package: "gjs", path: "/usr/bin/gjs" },
  { package: "libjavascriptcoregtk-4.0-bin", path: "/usr/bin/jsc" },
  { package: "chromium", path: "/usr/bin/chromium" },
  { package: "fonts-dejavu-core", path: "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" },
];

/** Whether everything is there now. */
export function ensureRequirements() {
  if (missingPackages().length === 0) return true;
  if (process.getuid?.() === 0) install(missingPackages());
  const missing = missingPackages();
  if (missing.length === 0) return true;
  console.error(
    `The tests need more programs; install them with: sudo apt-get install -y --no-install-recommends ${missing.join(" ")}`,
  );
  return false;
}

function missingPackages() {
  return needed.filter((each) => !existsSync(each.path)).map((each) => each.package);
}

/** @param {readonly string[]} packages */
function install(packages) {
  console.log(`Installing ${packages.join(", ")} for the tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=120", "-qq"];
  /** @param {string[]} args */
  const aptGet = (args) =>
    spawnSync("apt-get", [...wait, ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
  aptGet(["update"]);
  aptGet(["install", "-y", "--no-install-recommends", ...packages]);
}
