#!/usr/bin/env node
import { benchCommand } from './command/bench-command.ts';
import { runAsProcess } from './process/index.ts';

await runAsProcess(benchCommand);
