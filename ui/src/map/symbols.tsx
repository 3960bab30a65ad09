/** State is told by shape as well as by colour. */
export function Symbols() {
  return (
    <defs>
      <symbol id="glyph-healthy" viewBox="0 0 10 10">
        <circle cx="5" cy="5" r="4.2" fill="currentColor" />
      </symbol>
      <symbol id="glyph-degraded" viewBox="0 0 10 10">
        <circle cx="5" cy="5" r="3.9" fill="none" stroke="currentColor" stroke-width="1.2" />
        <path d="M5 0.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor" />
      </symbol>
      <symbol id="glyph-failed" viewBox="0 0 10 10">
        <path d="M1.5 1.5 8.5 8.5M8.5 1.5 1.5 8.5" stroke="currentColor" stroke-width="2.2" />
      </symbol>
      <symbol id="glyph-unknown" viewBox="0 0 10 10">
        <circle
          cx="5"
          cy="5"
          r="3.9"
          fill="none"
          stroke="currentColor"
          stroke-width="1.2"
          stroke-dasharray="2 1.4"
        />
      </symbol>
    </defs>
  );
}
