#!/usr/bin/env node
import { main } from './main.ts';
import { processTerminal } from './terminal.ts';

// The first Ctrl-C lets the command clean up; a second one ends the process at once.
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));

// Native parts (Dawn, the peer of bench) may keep a process alive that has nothing left to do.
process.exit(await main(process.argv.slice(2), processTerminal(), interruption.signal));
