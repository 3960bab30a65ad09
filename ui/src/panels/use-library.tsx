import { useEffect, useState } from "preact/hooks";
import { type Library, library } from "../library.ts";

interface Fetching {
  readonly shipped: Library | undefined;
  /** Why it is not here and will not come; empty while it may. */
  readonly problem: string;
}

/** What ships with the page, once it is here. */
export function useLibrary(): Fetching {
  const [fetching, setFetching] = useState<Fetching>({ shipped: undefined, problem: "" });
  useEffect(() => {
    library().then(
      (shipped) => setFetching({ shipped, problem: "" }),
      (error: unknown) => setFetching({ shipped: undefined, problem: String(error) }),
    );
  }, []);
  return fetching;
}

/** What stands in the place of the library until it is here. */
export function LibraryWords({ problem }: { problem: string }) {
  return (
    <p role="status">
      {problem === ""
        ? "Reading the scenarios…"
        : `The shipped scenarios could not be fetched (${problem}). See that what serves this page still runs, then open this again.`}
    </p>
  );
}
