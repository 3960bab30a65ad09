/** Whether colours can be read against the page, and told apart by normal, protan, deutan and tritan sight. */
export const healthNames = ["healthy", "degraded", "failed", "unknown"] as const;

const contrastMin = 4.5;
/** CIE76. */
const distanceMin = 24;

type Rgb = readonly [number, number, number];

function linear(hex: string): Rgb {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function contrast(a: string, b: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

/** Machado, Oliveira and Fernandes (2009), severity 1. */
const sights: Readonly<Record<string, readonly Rgb[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function labOf(hex: string, sight: readonly Rgb[]): Rgb {
  const colour = linear(hex);
  const [red = 0, green = 0, blue = 0] = sight.map((row) =>
    Math.max(0, Math.min(1, row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2])),
  );
  const f = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** `#fff` is `#ffffff`: a style sheet that was made small has the short form. */
function sixDigits(colour: string): string {
  return colour.length === 4 ? colour.replace(/[0-9a-f]/gi, "$&$&") : colour;
}

/** What is wrong with a theme's colours, by name: `#rrggbb` of each health and of the surface. */
export function tooAlike(colours: Readonly<Record<string, string>>): readonly string[] {
  const wrong: string[] = [];
  const of = (name: string) => sixDigits(colours[name] ?? "");
  const surface = of("surface");
  healthNames.forEach((name, at) => {
    const own = of(name);
    if (!(contrast(own, surface) >= contrastMin)) wrong.push(`${name} (${own}) on ${surface}`);
    for (const other of healthNames.slice(at + 1)) {
      for (const [sight, matrix] of Object.entries(sights)) {
        const a = labOf(own, matrix);
        const b = labOf(of(other), matrix);
        const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
        if (!(distance >= distanceMin)) wrong.push(`${name} and ${other}, ${sight}`);
      }
    }
  });
  return wrong;
}
