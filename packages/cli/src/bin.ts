import { runAsProcess } from '@tilewright/bench/process';
import { main } from './main.ts';

await runAsProcess((words, terminal, signal) => main(words, terminal, signal));
