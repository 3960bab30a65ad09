/** The name of a zone or a region: `us-east-1c`. */
const places = /([a-z]{2}(?:-[a-z]+)+-\d[a-z]?)/;

/** A sentence in which no name of a zone is broken at its hyphens. */
export function ZoneWords({ text }: { text: string }) {
  return (
    <>
      {text.split(places).map((part, at) =>
        at % 2 === 0 ? (
          part
        ) : (
          <span key={at} class="kept-together">
            {part}
          </span>
        ),
      )}
    </>
  );
}
