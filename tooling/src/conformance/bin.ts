import { runAsProcess } from '@tilewright/bench/process';
import { conformanceCommand } from './command.ts';

// npm starts scripts in the repository's root, wherever it was called.
await runAsProcess((words, terminal, signal) =>
  conformanceCommand(words, terminal, signal, process.env['INIT_CWD']),
);
