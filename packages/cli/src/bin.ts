import { runAsProcess } from '@tilewright/bench/process';
import { main } from './main.ts';

await runAsProcess(main);
