import { isTilewrightError } from '@tilewright/kernels';
import type { CommandOutput } from './terminal.ts';

/**
 * Says what ended a command and returns its exit code: 130 interrupted, 2 a wrong command line, 1 anything else of ours.
 * Throws again what is not.
 */
export function reportFailure(error: unknown, output: CommandOutput, signal?: AbortSignal): number {
  if (signal?.aborted) {
    output.error('interrupted\n');
    return 130;
  }
  if (!isTilewrightError(error)) throw error;
  output.error(`${error.message}\n`);
  return error.code === 'bad-argument' ? 2 : 1;
}
