// The documents on recipes: each function that can be imported is on the page on attention and in this package's README.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTestDevice, testProfile } from '@tilewright/tooling/test-device';
import { expect, test, vi } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('packages/models/package.json')) as { exports: Record<string, unknown> };
const recipes = Object.keys(manifest.exports).flatMap((path) => /^\.\/attention\/(.+)/.exec(path)?.[1] ?? []);

test.each(['docs/attention.md', 'packages/models/README.md'])('%s names every recipe', async (path) => {
  expect(recipes.length).toBeGreaterThan(5);
  const text = read(path);
  for (const recipe of recipes) {
    const functions = Object.keys(
      (await import(join(root, `packages/models/src/attention/${recipe}.ts`))) as object,
    );
    expect(functions.length).toBeGreaterThan(0);
    const missing = functions.filter((name) => !new RegExp(`\`${name}\\b`).test(text));
    expect({ recipe, named: text.includes(`\`${recipe}\``), missing }).toEqual({
      recipe,
      named: true,
      missing: [],
    });
  }
});

const example = 'docs/examples/attention-recipe.mjs';
test('the example is the file that runs', () => {
  expect(read('docs/attention.md')).toContain(`\`\`\`js\n${read(example)}\`\`\``);
});

test.skipIf(testProfile.compileOnly)('the example gives what it says', async () => {
  // Opens the adapter under test the way the example does.
  (await openTestDevice()).dispose();
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(join(root, example));
  const [[y]] = log.mock.calls as [[Float32Array]];
  log.mockRestore();
  const want = [7.5 / 4, 7.5 / 4, 9.5 / 4, 9.5 / 4, 7 / 3];
  expect(y).toHaveLength(want.length);
  want.forEach((value, i) => expect(y[i]).toBeCloseTo(value, 5));
});
