#!/usr/bin/env node
import { benchCommand } from './command/bench-command.ts';

// Native parts of the peer may keep a process alive that has nothing left to do.
process.exit(await benchCommand(process.argv.slice(2)));
