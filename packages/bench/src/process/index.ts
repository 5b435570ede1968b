// What commands of any package need of the process they run in.
export { onClosedPipe } from './closed-pipe.ts';
export { type JsonOutput, jsonOutput, type OutputFile, outputFile } from './output-file.ts';
export { reportFailure } from './report-failure.ts';
export { runAsProcess } from './run-as-process.ts';
export { type CommandOutput, processTerminal, type Terminal } from './terminal.ts';
export { checkWritable, unwritable } from './check-writable.ts';
export { makeFolders } from './make-folders.ts';
