/** What `stormbell ui` does: serves the built page on this machine, with a file to open if one is named. */
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { basename, extname, join, normalize } from "node:path";
import { TwinError } from "../sim/errors/twin-error.ts";
import { onInterrupt } from "./interrupt.ts";
import { projectRoot } from "./project-root.ts";
import { readInput } from "./read-input.ts";
import { print } from "./terminal.ts";

export interface UiOptions {
  readonly port: string;
  readonly host: string;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".yaml": "text/plain; charset=utf-8",
  ".stormrec": "application/octet-stream",
};

/** Nothing but this page's own files: it asks nobody else for anything. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:";

export async function uiCommand(files: readonly string[], options: UiOptions): Promise<void> {
  const server = createPageServer({ root: pageFolder(), files });
  const port = portOf(options.port);
  await listening(server, port, options.host);
  const address = server.address();
  const used = typeof address === "object" && address !== null ? address.port : port;
  const host = options.host === "0.0.0.0" || options.host === "::" ? "localhost" : options.host;
  print(`http://${host}:${used}/`);
  onInterrupt(() => server.close());
}

/** Serves the folder, and files of the user's beside it: one to open, a second one to compare it with. */
export function createPageServer(options: {
  readonly root: string;
  readonly files: readonly string[];
}): Server {
  const { root, files } = options;
  // Read once at the start, so that a mistake is told before a browser is opened.
  const contents = new Map(files.map((file, at) => [`/file/${at + 1}`, readInput(file)]));
  return createServer((request, response) => {
    const path = pathOf(request);
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Cache-Control", "no-cache");
    const content = contents.get(path);
    if (content !== undefined) {
      response.writeHead(200, { "Content-Type": "application/octet-stream" });
      response.end(content);
      return;
    }
    const found = join(root, path === "/" ? "index.html" : path);
    if (!found.startsWith(root) || !existsSync(found) || !statSync(found).isFile()) {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.end("There is no such file.\n");
      return;
    }
    if (basename(found) === "index.html" && files.length > 0) {
      sendPage(response, readFileSync(found, "utf8"), files.map(shownName));
      return;
    }
    response.writeHead(200, {
      "Content-Type": types[extname(found)] ?? "application/octet-stream",
    });
    createReadStream(found).pipe(response);
  });
}

/** What is packed has been unpacked when it was read. */
function shownName(file: string): string {
  return basename(file).replace(/\.gz$/, "");
}

function sendPage(response: ServerResponse, page: string, names: readonly string[]): void {
  const metas = names.map((file) => {
    const name = file.replace(/&/g, "&amp;").replace(/"/g, "&quot;").replace(/</g, "&lt;");
    return `<meta name="stormbell-file" content="${name}">`;
  });
  response.writeHead(200, { "Content-Type": types[".html"] ?? "" });
  response.end(page.replace("</head>", () => `${metas.join("")}</head>`));
}

function pathOf({ url }: IncomingMessage): string {
  const [path = "/"] = (url ?? "/").split("?");
  try {
    return normalize(decodeURIComponent(path));
  } catch {
    return "/";
  }
}

function pageFolder(): string {
  const folder = join(projectRoot(), "dist", "ui");
  if (existsSync(join(folder, "index.html"))) return folder;
  throw new TwinError({
    code: "ui.not-built",
    problem: "The page has not been built",
    remedy: "Run: npm run build",
    at: folder,
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new TwinError({
    code: "ui.port",
    problem: `"${text}" is no port`,
    remedy: "Give a number from 0 to 65535; 0 takes any that is free",
    at: "--port",
  });
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(
        new TwinError(
          {
            code: "ui.port-taken",
            problem: `Nothing can listen on ${host}:${port} (${cause.code ?? cause.message})`,
            remedy: "Choose another with --port, or 0 for any that is free",
            at: "--port",
          },
          { cause },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}
