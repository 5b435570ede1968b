import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkWritable, unwritable } from './check-writable.ts';
import type { CommandOutput } from './terminal.ts';

/** A file that will be written at the end of a command. */
export interface OutputFile {
  /** Writes all of it, or nothing. */
  save(text: string): void;
}

/** Makes sure, before any work is done, that a file can be written where an option says. Throws `bad-argument`. */
export function outputFile(option: string, path: string): OutputFile {
  checkWritable(option, path);
  const target = resolve(path);
  return {
    save(text) {
      const unfinished = `${target}.part`;
      try {
        writeFileSync(unfinished, text);
        renameSync(unfinished, target);
      } catch (error) {
        rmSync(unfinished, { force: true });
        throw unwritable('bad-file', option, path, error);
      }
    },
  };
}

/** Where `--json` writes, and what is left to talk to. */
export interface JsonOutput<Output extends CommandOutput> {
  /** What the command says to people: with `--json -`, which claims standard output, all of it goes to standard error. */
  readonly terminal: Output;
  save(value: unknown): void;
}

/**
 * The option `--json FILE`, which may not be there; `-` is standard output. Throws `bad-argument`, before any work is done,
 * for a file that cannot be written.
 */
export function jsonOutput<Output extends CommandOutput>(
  path: string | undefined,
  terminal: Output,
): JsonOutput<Output> {
  const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  if (path === undefined) return { terminal, save: () => {} };
  if (path === '-')
    return {
      terminal: { ...terminal, out: terminal.error, colour: false },
      save: (value) => terminal.out(text(value)),
    };
  const file = outputFile('--json', path);
  return { terminal, save: (value) => file.save(text(value)) };
}
