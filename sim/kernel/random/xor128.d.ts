/** seedrandom ships no types for its subpaths; this one is all that the kernel needs of it. */
declare module "seedrandom/lib/xor128.js" {
  export interface Xor128State {
    x: number;
    y: number;
    z: number;
    w: number;
  }

  export interface Xor128 {
    (): number;
    /** A whole number of 32 bits, with sign. */
    int32(): number;
    state(): Xor128State;
  }

  const xor128: (seed: string, options: { state: true | Xor128State }) => Xor128;
  export default xor128;
}
