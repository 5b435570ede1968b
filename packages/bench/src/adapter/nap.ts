// Dawn in Node looks for finished work on every turn of the event loop, which keeps one core busy for as long as it
// waits. On a software adapter that core is half of the GPU, or the compiler.

/** How long a wait goes on before it gives its core away: below this, the latency counts. */
const patientAfterMs = 2;
/** What one nap may add to a wait, as a part of what has been waited already. */
const napShare = 1 / 32;
const longestNapMs = 0.5;

let installed = false;

/**
 * Lets this thread sleep a little between two looks of Dawn, from now on: it replaces the global `setImmediate`, through
 * which Dawn asks for its next turn. Others' calls mean what they did; a few kinds of them may come half a millisecond later.
 */
export function napBetweenPolls(): void {
  if (installed) return;
  installed = true;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let waitingSince = 0;
  let inPoll = false;

  const nap = (): void => {
    const now = performance.now();
    // A poll that finds nothing asks for the next one before it returns; whoever asks otherwise begins to wait.
    if (!inPoll) waitingSince = now;
    const waited = now - waitingSince;
    if (waited > patientAfterMs) Atomics.wait(cell, 0, 0, Math.min(longestNapMs, waited * napShare));
  };
  const observed = (poll: () => void) => (): void => {
    inPoll = true;
    try {
      poll();
    } finally {
      inPoll = false;
    }
  };

  globalThis.setImmediate = new Proxy(setImmediate, {
    apply(target, self, words: [() => void, ...unknown[]]) {
      if (words.length > 1 || !isNative(words[0])) return Reflect.apply(target, self, words);
      nap();
      return Reflect.apply(target, self, [observed(words[0])]);
    },
  });
}

/** Dawn's polls are functions of its addon, and have no argument. Scripts rarely have such: bound ones, and those of promises. */
const isNative = (callback: unknown): boolean =>
  typeof callback === 'function' && Function.prototype.toString.call(callback).endsWith('{ [native code] }');
