// Runs vitest once, with every run of the plan as a project of it, and gives what each came to.
import { relative } from 'node:path';
import { BaseSequencer, startVitest } from 'vitest/node';
import { root } from './files.mjs';
import { countTests, slowestFirst } from './test-plan.mjs';

/** Counts by the name of each run, as `countTests` gives them; what failed outside of all files is in `errors`. */
export async function runTests(runs) {
  const files = new Map(runs.map(({ name }) => [name, []]));
  let errors = [];
  const collector = {
    onTestModuleEnd(module) {
      const { collectDuration, duration, setupDuration } = module.diagnostic();
      files.get(module.project.name).push({
        seconds: (collectDuration + duration + setupDuration) / 1000,
        broken:
          module.errors().length > 0 ||
          [...module.children.allSuites()].some((suite) => suite.errors().length > 0),
        tests: [...module.children.allTests()].map((test) => ({
          name: test.fullName,
          state: test.result().state,
          note: test.result().note,
          remembered: test.meta().remembered ?? 0,
        })),
      });
    },
    onTestRunEnd(_, unhandled) {
      errors = unhandled;
    },
  };
  const vitest = await startVitest('test', [], {
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
  await vitest.close();
  return { counts: runs.map(({ name }) => ({ name, ...countTests(files.get(name)) })), errors };
}

class SlowestFirst extends BaseSequencer {
  async sort(files) {
    const pathOf = ({ moduleId }) => relative(root, moduleId);
    const secondsOf = (file) =>
      this.ctx.cache.getFileTestResults(`${file.project.name}:${pathOf(file)}`)?.duration;
    return slowestFirst(files, pathOf, secondsOf);
  }
}
