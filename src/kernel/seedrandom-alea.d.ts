/** The one generator of `seedrandom` that we use; imported by path, since its index asks for node's `crypto`. */
declare module 'seedrandom/lib/alea.js' {
  interface AleaDraw {
    /** In [0, 1), 32 bits. */
    (): number;
    /** In [0, 1), 53 bits. */
    double(): number;
    int32(): number;
  }
  function alea(seed: string): AleaDraw;
  namespace alea {
    export type { AleaDraw };
  }
  export = alea;
}
