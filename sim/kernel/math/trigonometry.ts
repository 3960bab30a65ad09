/** Pi / 2 in three parts of 33 bits; the products with a quadrant below 2^20 are exact. */
const piHalf1 = 1.5707963267341256;
const piHalf2 = 6.077100506303966e-11;
const piHalf3 = 2.0222662487959506e-21;

/** Sine of an angle in radians, |x| up to 1,000,000, within 2 units in the last place; the same bits in every engine. */
export function sin(x: number): number {
  return quadrant(x, 0);
}

/** Cosine of an angle in radians, |x| up to 1,000,000, within 2 units in the last place. */
export function cos(x: number): number {
  return quadrant(x, 1);
}

/** The angle is brought to within pi / 4 of a multiple of pi / 2, where fdlibm's two polynomials hold. */
function quadrant(x: number, turn: number): number {
  if (!(x <= 1e6 && x >= -1e6)) return Number.NaN;
  const n = Math.floor(x / 1.5707963267948966 + 0.5);
  const high = x - n * piHalf1 - n * piHalf2;
  const r = high - n * piHalf3;
  const rest = x - n * piHalf1 - n * piHalf2 - r - n * piHalf3;
  const part = (((n + turn) % 4) + 4) % 4;
  const value = part % 2 === 0 ? sinNear(r, rest) : cosNear(r, rest);
  return part < 2 ? value : -value;
}

function sinNear(x: number, rest: number): number {
  const z = x * x;
  const series =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  const cube = z * x;
  return x - (z * (0.5 * rest - cube * series) - rest + cube * 0.16666666666666632);
}

function cosNear(x: number, rest: number): number {
  const z = x * x;
  const series =
    z *
    (0.0416666666666666 +
      z *
        (-0.00138888888888741 +
          z *
            (2.480158728947673e-5 +
              z *
                (-2.7557314351390663e-7 +
                  z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  const half = 0.5 * z;
  const one = 1 - half;
  return one + (1 - one - half + (z * series - x * rest));
}
