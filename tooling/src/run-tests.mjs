// Runs vitest once, with every run of the plan as a project of it, and gives what each came to.
import { relative } from 'node:path';
import { BaseSequencer, createVitest } from 'vitest/node';
import { root } from './files.mjs';
import { countTests, slowestFirst, stateOf } from './test-plan.mjs';

const pathOf = ({ moduleId }) => relative(root, moduleId);

/**
 * Counts by the name of each run, as `countTests` gives them; what failed outside of all files is in `errors`. Files that
 * `memory` recalls are not run.
 */
export async function runTests(runs, memory) {
  const files = new Map(runs.map(({ name }) => [name, new Map()]));
  const runOf = ({ name }) => runs.find((run) => run.name === name);
  let errors = [];
  const collector = {
    onTestModuleEnd(module) {
      const { collectDuration, duration, setupDuration } = module.diagnostic();
      files.get(module.project.name).set(pathOf(module), {
        seconds: (collectDuration + duration + setupDuration) / 1000,
        broken:
          module.errors().length > 0 ||
          [...module.children.allSuites()].some((suite) => suite.errors().length > 0),
        tests: [...module.children.allTests()].map((test) => ({
          name: test.fullName,
          state: stateOf(test),
          note: test.result().note,
          remembered: test.meta().remembered ?? 0,
        })),
      });
    },
    onTestRunEnd(_, unhandled) {
      errors = unhandled;
    },
  };
  const vitest = await createVitest('test', {
    root,
    config: false,
    watch: false,
    maxWorkers: '100%',
    reporters: ['default', collector],
    sequence: { sequencer: SlowestFirst },
    projects: runs.map(({ name, files, env }) => ({
      extends: 'tooling/src/vitest-base.ts',
      test: { name, env, ...files },
    })),
  });
  // What starts the reporters.
  await vitest.standalone();
  const wanted = (await vitest.globTestSpecifications()).filter((file) => {
    const recalled = memory.recall(runOf(file.project), pathOf(file));
    if (recalled) files.get(file.project.name).set(pathOf(file), recalled);
    return !recalled;
  });
  if (wanted.length > 0) await vitest.runTestSpecifications(wanted, true);
  await vitest.close();
  // An error outside of all files belongs to one of them, and nobody knows to which.
  if (errors.length === 0)
    for (const file of wanted) {
      const outcome = files.get(file.project.name).get(pathOf(file));
      if (outcome) memory.keep(runOf(file.project), pathOf(file), outcome);
    }
  return {
    counts: runs.map(({ name }) => ({ name, ...countTests([...files.get(name).values()]) })),
    errors,
  };
}

class SlowestFirst extends BaseSequencer {
  async sort(files) {
    const secondsOf = (file) =>
      this.ctx.cache.getFileTestResults(`${file.project.name}:${pathOf(file)}`)?.duration;
    return slowestFirst(files, pathOf, secondsOf);
  }
}
