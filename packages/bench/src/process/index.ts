// What commands of any package need of the process they run in.
export { onClosedPipe } from './closed-pipe.ts';
export { runAsProcess } from './run-as-process.ts';
export { type CommandOutput, processTerminal, type Terminal } from './terminal.ts';
export { checkWritable } from './check-writable.ts';
