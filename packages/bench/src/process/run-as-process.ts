import { onClosedPipe } from './closed-pipe.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/**
 * Runs a command as this process and ends with its exit code. The first Ctrl-C aborts the signal, so that the command
 * can write what it has; a second one ends the process at once.
 */
export async function runAsProcess(
  command: (words: readonly string[], terminal: Terminal, signal: AbortSignal) => Promise<number>,
): Promise<never> {
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    process.stderr.write('\nstopping; Ctrl-C again ends at once\n');
    interruption.abort(new Error('interrupted'));
  });
  onClosedPipe(process.stdout, () => process.exit(0));
  // Native parts (Dawn, a peer) may keep a process alive that has nothing left to do.
  process.exit(await command(process.argv.slice(2), processTerminal(), interruption.signal));
}
