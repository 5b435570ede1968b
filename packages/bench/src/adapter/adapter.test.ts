import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTilewrightError } from '@tilewright/kernels';
import { create } from 'webgpu';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findLavapipe } from './drivers.ts';
import { readTar, unpackSwiftShader } from './embedded.ts';
import { selectAdapter } from './select.ts';

const linuxX64 = process.platform === 'linux' && process.arch === 'x64';
const names = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'TILEWRIGHT_ADAPTER', 'XDG_CACHE_HOME'];
const before = names.map((name) => [name, process.env[name]] as const);

beforeEach(() => {
  for (const name of names) delete process.env[name];
});
afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

// The software adapters exist for Linux on x64 only.
describe.runIf(linuxX64)('on Linux', () => {
  test('swiftshader runs a shader', async () => {
    const adapter = await selectAdapter({ choice: 'swiftshader' });
    expect(adapter.kind).toBe('swiftshader');
    expect(adapter.line).toMatch(
      /^adapter: SwiftShader .* \(swiftshader, software on the CPU: asked for; (embedded|installed with Chromium)\)$/,
    );
    expect(await addOne(41)).toBe(42);
  });

  test('lavapipe runs a shader where it is installed and says what to install where not', async () => {
    if (findLavapipe() === undefined) {
      await expect(selectAdapter({ choice: 'lavapipe', system: false })).rejects.toThrow(
        '[adapter] lavapipe is not installed; it comes with Mesa 23 or later and needs libvulkan1. Fix: install ' +
          'mesa-vulkan-drivers (on Debian 12 from backports), or in a clone run `npm test -- --system` as root.',
      );
      return;
    }
    const adapter = await selectAdapter({ choice: 'lavapipe' });
    expect(adapter.kind).toBe('lavapipe');
    expect(adapter.line).toMatch(
      /^adapter: llvmpipe.* \(lavapipe, software on the CPU: asked for; installed with Mesa\)$/,
    );
    expect(await addOne(41)).toBe(42);
  });

  test('auto falls back to SwiftShader when the forced driver does not exist', async () => {
    process.env['VK_DRIVER_FILES'] = process.env['VK_ICD_FILENAMES'] = '/nowhere.json';
    const adapter = await selectAdapter();
    expect(adapter.kind).toBe('swiftshader');
    expect(adapter.reason).toContain('the Vulkan driver named by the environment gives no adapter');
    expect(await addOne(1)).toBe(2);
  });

  test('auto finds an adapter, and the environment variable chooses one', async () => {
    expect((await selectAdapter({ system: false })).line).toMatch(/^adapter: \S/);
    process.env['TILEWRIGHT_ADAPTER'] = 'swiftshader';
    expect((await selectAdapter()).kind).toBe('swiftshader');
  });

  test('an empty choice is none', async () => {
    process.env['TILEWRIGHT_ADAPTER'] = '';
    expect((await selectAdapter({ system: false })).line).toMatch(/^adapter: \S/);
    process.env['TILEWRIGHT_ADAPTER'] = 'swiftshader';
    expect((await selectAdapter({ choice: '' })).kind).toBe('swiftshader');
  });

  test('the embedded SwiftShader is unpacked once, and again when asked', async () => {
    process.env['XDG_CACHE_HOME'] = mkdtempSync(join(tmpdir(), 'tilewright-test-'));
    const { manifest } = unpackSwiftShader();
    expect(manifest.startsWith(process.env['XDG_CACHE_HOME'])).toBe(true);
    expect(readFileSync(manifest, 'utf8')).toContain('libvk_swiftshader.so');
    writeFileSync(manifest, 'broken');
    expect(readFileSync(unpackSwiftShader().manifest, 'utf8')).toBe('broken');
    expect(readFileSync(unpackSwiftShader({ refresh: true }).manifest, 'utf8')).toContain(
      'libvk_swiftshader.so',
    );
    process.env['VK_DRIVER_FILES'] = process.env['VK_ICD_FILENAMES'] = manifest;
    expect((await selectAdapter()).kind).toBe('swiftshader');
    expect(await addOne(2)).toBe(3);
  });
});

test('an unknown choice is refused', async () => {
  await expect(selectAdapter({ choice: 'metal' })).rejects.toThrow(
    "[adapter] unknown adapter 'metal'; known are auto, lavapipe and swiftshader. Fix: correct --adapter or TILEWRIGHT_ADAPTER.",
  );
});

test('a damaged archive is refused, and only wanted names are taken from a tar', () => {
  const entry = (name: string, bytes: Uint8Array): Uint8Array => {
    const block = Buffer.alloc(512 + Math.ceil(bytes.length / 512) * 512);
    block.write(name, 0);
    block.write(bytes.length.toString(8).padStart(11, '0'), 124);
    block.set(bytes, 512);
    return block;
  };
  const text = new TextEncoder().encode('x'.repeat(700));
  const names = ['../libvulkan.so.1', 'libvulkan.so.1', 'vk_swiftshader_icd.json', 'libvk_swiftshader.so'];
  const tar = Buffer.concat([...names.map((name) => entry(name, text)), Buffer.alloc(1024)]);
  const files = readTar(tar, 'a.tar');
  expect([...files.keys()]).toEqual(names.slice(1));
  expect([...files.values()].every((bytes) => Buffer.from(bytes).equals(Buffer.from(text)))).toBe(true);
  let caught: unknown;
  try {
    readTar(tar.subarray(0, 5000), 'a.tar');
  } catch (error) {
    caught = error;
  }
  expect(isTilewrightError(caught)).toBe(true);
  expect(String(caught)).toBe(
    'TilewrightError: [adapter] a.tar lacks libvk_swiftshader.so; a SwiftShader archive holds the driver, its loader ' +
      'and its manifest. Fix: reinstall @sparticuz/chromium.',
  );
});

const instances: GPU[] = [];

async function addOne(value: number): Promise<number> {
  const gpu = create([]);
  instances.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('no adapter');
  const device = await adapter.requestDevice();
  const code =
    '@group(0) @binding(0) var<storage, read_write> x: array<u32>; @compute @workgroup_size(1) fn main() { x[0] += 1; }';
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const buffer = device.createBuffer({ size: 4, usage: 0x80 | 0x8 | 0x4 });
  const read = device.createBuffer({ size: 4, usage: 0x1 | 0x8 });
  device.queue.writeBuffer(buffer, 0, new Uint32Array([value]));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer } }],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, read, 0, 4);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(1);
  const result = new Uint32Array(read.getMappedRange())[0] ?? Number.NaN;
  device.destroy();
  return result;
}
