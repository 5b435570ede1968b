#!/usr/bin/env node
import { benchCommand } from './command/bench-command.ts';
import { onClosedPipe } from './command/closed-pipe.ts';

// The first Ctrl-C lets the command write what it has; a second one ends the process at once.
const interruption = new AbortController();
process.once('SIGINT', () => {
  process.stderr.write('\nstopping; Ctrl-C again ends at once\n');
  interruption.abort(new Error('interrupted'));
});
onClosedPipe(process.stdout, () => process.exit(0));

// Native parts of the peer may keep a process alive that has nothing left to do.
process.exit(await benchCommand(process.argv.slice(2), undefined, interruption.signal));
