import { main } from './main.ts';
import { processTerminal } from './terminal.ts';

// The first Ctrl-C lets the command clean up; a second one ends the process at once.
const interruption = new AbortController();
process.once('SIGINT', () => {
  process.stderr.write('\nstopping; Ctrl-C again ends at once\n');
  interruption.abort(new Error('interrupted'));
});
// Whoever reads the output may have seen enough (`| head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Native parts (Dawn, the peer of bench) may keep a process alive that has nothing left to do.
process.exit(await main(process.argv.slice(2), processTerminal(), interruption.signal));
