/**
 * Dots as pixels: thousands a frame are written into an image that is put on the canvas at once. Without a graphics processor
 * a frame of 4,000 circles took six milliseconds to draw, as rectangles two, and this a fifth of one.
 */

/** Parts of a pixel, each way, at which a dot can stand. */
const phases = 4;
/** Each way, to find how much of a pixel a circle covers. */
const samples = 8;

interface Stamp {
  readonly size: number;
  /** By phase, how much of each pixel is covered, 0..255. */
  readonly covers: readonly Uint8Array[];
}

export interface DotCanvas {
  /** Forgets every dot; those that follow have this colour and this radius in device pixels. */
  begin(colour: string, radius: number): void;
  /** Where its centre stands, in device pixels. */
  dot(x: number, y: number): void;
  /** Puts them on the canvas. */
  end(): void;
}

/** For a canvas of the size it has now, which holds at least a pixel. */
export function createDotCanvas(context: CanvasRenderingContext2D): DotCanvas {
  const { width, height } = context.canvas;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  let stamp = stampOf(1);
  let stampRadius = 1;
  let colour = "";
  /** The colour without its alpha; red is the lowest byte. */
  let ink = 0;
  return {
    begin(named, radius) {
      pixels.fill(0);
      if (radius !== stampRadius) stamp = stampOf(radius);
      stampRadius = radius;
      if (named !== colour) ink = inkOf(context, named);
      colour = named;
    },
    dot(x, y) {
      const { size, covers } = stamp;
      const left = Math.round((x - size / 2) * phases);
      const top = Math.round((y - size / 2) * phases);
      const [column, row] = [Math.floor(left / phases), Math.floor(top / phases)];
      if (column < 0 || row < 0 || column + size > width || row + size > height) return;
      const cover = covers[(top - row * phases) * phases + left - column * phases];
      if (cover === undefined) return;
      let from = 0;
      for (let at = row * width + column, end = at + size * width; at < end; at += width) {
        for (let pixel = at; pixel < at + size; pixel += 1) {
          const alpha = cover[from] ?? 0;
          from += 1;
          // Where dots lie on each other the fuller one is seen.
          if (alpha > (pixels[pixel] ?? 0) >>> 24) pixels[pixel] = (alpha << 24) | ink;
        }
      }
    },
    end() {
      context.putImageData(image, 0, 0);
    },
  };
}

function stampOf(radius: number): Stamp {
  // A dot that stands between two pixels touches one more.
  const size = Math.ceil(2 * radius) + 1;
  const covers: Uint8Array[] = [];
  for (let down = 0; down < phases; down += 1) {
    for (let right = 0; right < phases; right += 1) {
      const [x, y] = [size / 2 + right / phases, size / 2 + down / phases];
      covers.push(coverOf({ size, radius, x, y }));
    }
  }
  return { size, covers };
}

function coverOf(circle: { size: number; radius: number; x: number; y: number }): Uint8Array {
  const { size, radius, x, y } = circle;
  const cover = new Uint8Array(size * size);
  for (let at = 0; at < cover.length; at += 1) {
    let inside = 0;
    for (let sample = 0; sample < samples * samples; sample += 1) {
      const dx = (at % size) + ((sample % samples) + 0.5) / samples - x;
      const dy = Math.floor(at / size) + (Math.floor(sample / samples) + 0.5) / samples - y;
      if (dx * dx + dy * dy <= radius * radius) inside += 1;
    }
    cover[at] = Math.round((255 * inside) / (samples * samples));
  }
  return cover;
}

/** A colour as it is written by a name or a function, as the canvas itself understands it. */
function inkOf(context: CanvasRenderingContext2D, colour: string): number {
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  return ((data[2] ?? 0) << 16) | ((data[1] ?? 0) << 8) | (data[0] ?? 0);
}
