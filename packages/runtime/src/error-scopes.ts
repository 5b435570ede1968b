// Errors of WebGPU come late, and to whoever listens. A device may have an owner beside us, whose mistakes are not ours
// to report and whose listeners should not hear of ours: so every call of ours stands between a push and a pop.
import { TilewrightError } from '@tilewright/kernels';

export interface ErrorScopes {
  /**
   * Runs calls to the device, synchronously, and has the errors they cause reported some time later: {@link settled} waits
   * for them. Inside another `run` or `watch` nothing more is pushed: a step has one pair of scopes, however many calls it
   * makes. `report` is for calls that tell their errors in another way too.
   */
  run<T>(calls: () => T, report?: (error: GPUError) => void): T;
  /** The same for one who waits: the device's error comes back instead of being reported. */
  watch<T>(calls: () => T): Promise<{ readonly result: T; readonly error: GPUError | undefined }>;
  /** Settles once the errors of all calls so far are reported; undefined where they are already. */
  settled(): Promise<unknown> | undefined;
}

const filters = ['validation', 'out-of-memory'] as const;

/** `reportError` is told what WebGPU says of our own calls, some time after them. */
export function createErrorScopes(device: GPUDevice, reportError: (error: GPUError) => void): ErrorScopes {
  const pending = new Set<Promise<unknown>>();
  let open = false;

  const pop = async (): Promise<GPUError | undefined> => {
    const popped = filters.map(() => device.popErrorScope());
    // A lost device may refuse to answer; its loss is told elsewhere.
    const errors = await Promise.all(popped.map((scope) => scope.catch(() => null)));
    return errors.find((error) => error !== null) ?? undefined;
  };
  const within = <T>(
    calls: () => T,
  ): { readonly result: T; readonly popped: Promise<GPUError | undefined> } => {
    for (const filter of filters) device.pushErrorScope(filter);
    open = true;
    let result: T;
    let popped: Promise<GPUError | undefined>;
    try {
      result = calls();
    } finally {
      open = false;
      popped = pop();
    }
    return { result, popped };
  };
  return {
    run(calls, report = reportError) {
      if (open) return calls();
      const { result, popped } = within(calls);
      const reported = popped.then((error) => {
        pending.delete(reported);
        if (error) report(error);
      });
      pending.add(reported);
      return result;
    },
    async watch(calls) {
      if (open) return { result: calls(), error: undefined };
      const { result, popped } = within(calls);
      return { result, error: await popped };
    },
    settled: () => (pending.size > 0 ? Promise.all(pending) : undefined),
  };
}

/** What an error of WebGPU is of ours. */
export const deviceError = ({ message }: GPUError): TilewrightError =>
  new TilewrightError(/out of memory/i.test(message) ? 'out-of-memory' : 'invariant', {
    subject: 'device',
    problem: `WebGPU reported: ${message.trim().replace(/\.$/, '')}`,
  });
