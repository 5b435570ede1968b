import { runAsProcess } from '@tilewright/bench/process';
import { conformanceCommand } from './command.ts';

// As Ctrl-C: what is done is written. A second one ends the process at once.
const termination = new AbortController();
process.once('SIGTERM', () => termination.abort(new Error('terminated')));

// npm starts scripts in the repository's root, wherever it was called.
await runAsProcess((words, terminal, signal) =>
  conformanceCommand(words, terminal, AbortSignal.any([signal, termination.signal]), process.env['INIT_CWD']),
);
