// What the tests of this process may remember, as TILEWRIGHT_TEST_MEMORY says: `off` is nothing.
import { passedFolder } from './passed-folder.mjs';
import { noMemory, type PassedMemory, passedMemory } from './passed-memory.ts';

export const testMemory: PassedMemory =
  process.env.TILEWRIGHT_TEST_MEMORY === 'off' ? noMemory : passedMemory(passedFolder);

declare module 'vitest' {
  interface TaskMeta {
    /** How much of this test passed before and was not run again. */
    remembered?: number;
  }
}
