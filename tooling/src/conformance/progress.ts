import type { Terminal } from '@tilewright/bench/process';

/** Says on the error stream how far a run is. */
export interface Progress {
  /** So many cases are done. */
  readonly at: (done: number) => void;
  /** Takes away what would stand before the next line. */
  readonly clear: () => void;
}

/** Between two lines where they cannot be overwritten, as in a file. */
const secondsApart = 10;

/** On a screen a line that is overwritten, else one every ten seconds; `now` in milliseconds. */
export function progressOf(
  { interactive, error }: Terminal,
  total: number,
  now: () => number = () => performance.now(),
): Progress {
  let last = now();
  return {
    at(done) {
      if (interactive) error(`\r\u001B[Kcase ${done + 1} of ${total}`);
      else if (now() - last >= 1000 * secondsApart) {
        last = now();
        error(`${done}/${total} cases\n`);
      }
    },
    clear() {
      if (interactive) error('\r\u001B[K');
    },
  };
}
