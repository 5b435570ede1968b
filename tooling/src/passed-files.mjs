// Test files that passed while every file of the project was what it is now: they are counted, and not run again.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesBelow } from './files.mjs';

const hashOf = (texts) => {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
};

/** A hash of the names and contents of all files below `folder` but what is installed or built, and of `more` texts. */
export const treeHash = (folder, more = []) =>
  hashOf([...filesBelow(folder).flatMap((file) => [relative(folder, file), readFileSync(file)]), ...more]);

/** What a file's tests came to, as `countTests` takes it, where all of them passed or were skipped. */
const hasPassed = ({ broken, tests }) =>
  !broken && tests.length > 0 && tests.every(({ state }) => state === 'passed' || state === 'skipped');

/**
 * The memory of one state of the project, `tree`, in `folder`. A run is named and has an environment, which decides with the
 * file. What cannot be read back as it was written counts as forgotten.
 */
export function passedFiles(folder, tree) {
  const pathOf = (run, file) => {
    const key = hashOf([tree, JSON.stringify([run.name, run.env]), file]);
    return join(folder, key.slice(0, 2), `${key.slice(2)}.json`);
  };
  return {
    /** What the file came to, every test marked as remembered; undefined where it has to run. */
    recall(run, file) {
      try {
        const outcome = JSON.parse(readFileSync(pathOf(run, file), 'utf8'));
        if (!hasPassed(outcome)) return undefined;
        return { ...outcome, seconds: 0, tests: outcome.tests.map((test) => ({ ...test, remembered: 1 })) };
      } catch {
        return undefined;
      }
    },
    /** Keeps what passed, and nothing else. */
    keep(run, file, outcome) {
      if (!hasPassed(outcome)) return;
      const path = pathOf(run, file);
      const unfinished = `${path}.${process.pid}`;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(unfinished, JSON.stringify(outcome));
      renameSync(unfinished, path);
    },
  };
}

/** Remembers nothing: of CI, and of `npm test -- --all`. */
export const noPassedFiles = { recall: () => undefined, keep: () => undefined };
