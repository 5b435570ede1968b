// System packages are the user's: they are installed when `--system` says so, and never else.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

const installLavapipe = vi.fn<() => void>(() => {
  throw new Error('apt was asked');
});
// The set-up of all tests has loaded the module with its real parts already.
vi.resetModules();
vi.doMock('./system-packages.ts', () => ({ installLavapipe }));
const { selectAdapter } = await import('./select.ts');

const names = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'TILEWRIGHT_ADAPTER', 'XDG_DATA_DIRS', 'XDG_DATA_HOME'];
const bareMachine = { XDG_DATA_DIRS: '/nowhere', XDG_DATA_HOME: '/nowhere', CI: '1', container: 'docker' };
const touched = [...names, ...Object.keys(bareMachine), 'XDG_CACHE_HOME'];
const before = touched.map((name) => [name, process.env[name]] as const);
const { getuid } = process;

beforeEach(() => {
  for (const name of names) delete process.env[name];
  Object.assign(process.env, bareMachine, {
    XDG_CACHE_HOME: mkdtempSync(join(tmpdir(), 'tilewright-test-')),
  });
  process.getuid = () => 0;
});
afterEach(() => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  if (getuid) process.getuid = getuid;
});

// The embedded adapter exists for Linux on x64 only.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('root in a container in CI', () => {
  test('gets the embedded adapter and a hint, and no packages', async () => {
    const lines: string[] = [];
    const adapter = await selectAdapter({ log: (line) => void lines.push(line) });
    expect(adapter.kind).toBe('swiftshader');
    expect(adapter.reason).toContain('no Vulkan driver is installed');
    expect(lines).toEqual([
      "adapter: Mesa's lavapipe is faster than SwiftShader; --system installs it with apt, as root, and nothing does so unasked",
    ]);
    await expect(selectAdapter({ choice: 'lavapipe' })).rejects.toThrow('lavapipe is not installed');
    expect(installLavapipe).not.toHaveBeenCalled();
  });

  test('gets them with --system', async () => {
    await expect(selectAdapter({ system: true })).rejects.toThrow('apt was asked');
    expect(installLavapipe).toHaveBeenCalledOnce();
  });
});
