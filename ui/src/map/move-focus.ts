import type { MapCard, MapLayout } from "./layout.ts";

/** Arrows move to the nearest card that lies that way. */
export function moveFocus(event: KeyboardEvent, layout: MapLayout): void {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  const key = (event.target as Element | null)?.getAttribute?.("data-key");
  const from = layout.cards.find((card) => card.key === key);
  if (way === undefined || from === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const [dx = 0, dy = 0] = way;
  const distance = (card: MapCard) => {
    const x = card.x + card.width / 2 - from.x - from.width / 2;
    const y = card.y - from.y;
    const along = x * dx + y * dy;
    return along <= 1 ? Number.POSITIVE_INFINITY : along + 3 * Math.abs(x * dy + y * dx);
  };
  const next = [...layout.cards].sort((a, b) => distance(a) - distance(b))[0];
  if (next === undefined || !Number.isFinite(distance(next))) return;
  const svg = event.currentTarget as SVGSVGElement;
  for (const card of svg.querySelectorAll("[data-key]")) card.setAttribute("tabindex", "-1");
  const element = svg.querySelector<SVGElement>(`[data-key="${CSS.escape(next.key)}"]`);
  element?.setAttribute("tabindex", "0");
  element?.focus();
}
