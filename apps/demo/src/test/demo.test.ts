// The demo as a visitor meets it: its own server, and a real Chromium with WebGPU on SwiftShader.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { openModelFolderAt } from '@tilewright/formats/node';
import type { StateDict } from '@tilewright/kernels';
import { packDense, unpackDense } from '@tilewright/kernels/weights/dense';
import { makeVariant } from '@tilewright/models/make-variant';
import { variantNamed } from '@tilewright/models/variants';
import { generateTokens, loadLanguageModel } from '@tilewright/models';
import { openModel } from '@tilewright/models/all';
import { openDevice } from '@tilewright/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesText } from '../facts.ts';
import { type Chromium, findChromium, type Page, startChromium } from './chromium.ts';

const root = resolve(import.meta.dirname, '../../../..');
const prompt = 'ROMEO:\n';
const maxTokens = 24;

/** The server as `npm run demo` starts it: its address, or what it said when it ended. */
async function startServer(...args: string[]): Promise<{ said: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [resolve(root, 'apps/demo/serve.mjs'), ...args], { stdio: 'pipe' });
  let said = '';
  await new Promise<void>((done) => {
    const hear = (data: Buffer): void => {
      said += data.toString();
      if (said.includes('http://')) done();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('close', () => done());
  });
  return { said, child };
}

let address = '';
let server: ChildProcess;
beforeAll(async () => {
  const { said, child } = await startServer('--port', '0');
  server = child;
  const found = /http:\S+/.exec(said)?.[0];
  if (found === undefined) throw new Error(`the server said: ${said}`);
  address = found;
});
afterAll(() => server.kill());

describe('the server', () => {
  /** `fetch` tidies addresses up; hostile visitors do not. */
  const rawGet = (path: string): Promise<string> =>
    new Promise((done, fail) => {
      let answer = '';
      const socket = connect(Number(new URL(address).port), '127.0.0.1', () =>
        socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`),
      );
      socket
        .on('data', (data) => (answer += data.toString('latin1')))
        .on('end', () => done(answer))
        .on('error', fail);
    });

  test('serves the page, the script and the model, whole or in part', async () => {
    const page = await fetch(address);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('<tilewright-model src="models/shakespeare-1m"');
    const script = await fetch(`${address}tilewright-model.js`);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const config = `${address}models/shakespeare-1m/config.json`;
    const bytes = readFileSync(resolve(root, 'models/shakespeare-1m/config.json'), 'utf8');
    expect(await (await fetch(config)).text()).toBe(bytes);
    const part = await fetch(config, { headers: { range: 'bytes=2-9' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 2-9/${bytes.length}`]);
    expect(await part.text()).toBe(bytes.slice(2, 10));
    expect((await fetch(config, { headers: { range: 'bytes=99999-' } })).status).toBe(416);
    expect((await fetch(config, { method: 'POST' })).status).toBe(405);
  });

  test.each([
    '/../package.json',
    '/models/../package.json',
    '/models/%2e%2e/package.json',
    '/models/..%2fpackage.json',
    '/models/shakespeare-1m/..%5c..%5cpackage.json',
    '/models//etc/passwd',
    '/models',
    '/models/shakespeare-1m',
    '/%00',
    '/%',
    '/serve.mjs',
    'http://elsewhere/',
  ])('has nothing at %s', async (path) => {
    expect(await rawGet(path)).toMatch(/^HTTP\/1\.1 404 /);
  });

  test('says when its port is taken, or is none', async () => {
    const port = new URL(address).port;
    const taken = await startServer('--port', port);
    expect(taken.said).toBe(
      `error: port ${port} is taken. Choose another: npm run demo -- --port ${Number(port) + 1}\n`,
    );
    expect(taken.child.exitCode).toBe(1);
    const none = await startServer('--port', 'http');
    expect(none.said).toBe("error: --port is 'http'; it must be a number from 0 to 65535\n");
  });
});

/** What Node makes of the same: the likeliest tokens, and the bytes of the weights. */
async function writeInNode(
  variant: 'dense-f32' | 'int4-rtn',
  folder = 'shakespeare-1m',
): Promise<{ text: string; weights: string }> {
  const device = await openDevice();
  try {
    const opened = await openModel(await openModelFolderAt(resolve(root, 'models', folder)));
    let weights: StateDict = new Map(
      [...opened.weights].map(([name, each]) => [name, packDense(unpackDense(each), each.shape, 'f32')]),
    );
    if (variant === 'int4-rtn') {
      const named = variantNamed(variant, 'test');
      ({ weights } = await makeVariant(device, opened.model, weights, named));
    }
    const model = await loadLanguageModel(device, { ...opened, weights });
    const tokenizer = await opened.text.tokenizer();
    const tokens: number[] = [];
    for await (const token of generateTokens(model, tokenizer.encode(prompt), { maxTokens }))
      tokens.push(token);
    return { text: tokenizer.decode(tokens), weights: bytesText(model.weightBytes) };
  } finally {
    device.dispose();
  }
}

const executable = findChromium();
if (executable === undefined)
  console.log(
    'skipped: the demo in a browser (no chromium or google-chrome found; CHROME_PATH may name one)',
  );

// The reason is printed above: without a browser there is nothing to drive.
describe.skipIf(executable === undefined)('the element in a page', { timeout: 200_000 }, () => {
  let chromium: Chromium;
  let elsewhere: Server;
  let elsewhereAddress = '';
  beforeAll(async () => {
    chromium = await startChromium(executable!);
    const markup = `<!doctype html><meta name="viewport" content="width=device-width"><title>Elsewhere</title>
      <script type="module" src="${address}tilewright-model.js"></script>
      <tilewright-model src="${address}models/shakespeare-1m" temperature="0" max-tokens="${maxTokens}"></tilewright-model>`;
    elsewhere = createServer((_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(markup);
    });
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
    elsewhereAddress = `http://localhost:${(elsewhere.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    await chromium.close();
    elsewhere.close();
  });

  const inElement = (rest: string): string => `document.querySelector('tilewright-model').shadowRoot${rest}`;
  const shown = (page: Page, selector: string): Promise<string> =>
    page.evaluate(`${inElement(`.querySelector('${selector}').innerText`)}`);
  const press = (page: Page): Promise<unknown> =>
    page.evaluate(inElement(".querySelector('button').click()"));
  const says = (start: string): string =>
    `${inElement(".querySelector('.status').textContent")}.startsWith('${start}')`;
  const height = (page: Page): Promise<number> =>
    page.evaluate("document.querySelector('tilewright-model').getBoundingClientRect().height");
  const resize = (page: Page, width: number): Promise<unknown> =>
    page.command('Emulation.setDeviceMetricsOverride', {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: width < 500,
    });

  test('embedded elsewhere, it writes what Node writes, and changes its variant', async () => {
    const page = await chromium.open(elsewhereAddress);
    const heights = async (): Promise<number[]> => {
      const found: number[] = [];
      for (const width of [1000, 360]) {
        await resize(page, width);
        found.push(await height(page));
      }
      return found;
    };
    const before = await heights();
    for (const variant of ['dense-f32', 'int4-rtn'] as const) {
      await page.evaluate(inElement(`.querySelector('select').value = '${variant}'`));
      await press(page);
      await page.until(says('Writing'), `${variant} to begin`);
      await page.until(says('Done'), `${variant} to end`);
      const want = await writeInNode(variant);
      expect(await page.evaluate(inElement(".querySelector('.written').textContent"))).toBe(want.text);
      expect(await shown(page, '.weights')).toBe(want.weights);
    }
    expect(await shown(page, '.given')).toBe('ROMEO:\n');
    expect(await shown(page, '.bits')).toBe('4.5 bits a weight');
    expect(await shown(page, '.speed')).toMatch(/^\d+(\.\d)? tokens\/s$/);
    expect(await shown(page, '.dispatches')).toMatch(/^[1-9]\d* dispatches$/);
    expect(await shown(page, '.moved')).toMatch(/^\d\.\d\d MB$/);
    expect(await shown(page, '.adapter')).toMatch(/swiftshader.*\(software\)$/i);
    expect(await shown(page, '.fallbacks')).toContain(
      'No f16 here: f32. Weights stored in 16 bits are unpacked first.',
    );
    expect(await heights()).toEqual(before);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.close();
  });

  test('it fetches the architectures of other models when they are chosen', async () => {
    const page = await chromium.open(address);
    const fetched = (): Promise<boolean> =>
      page.evaluate(
        "performance.getEntriesByType('resource').some(({ name }) => name.endsWith('-architectures.js'))",
      );
    const element = "document.querySelector('tilewright-model')";
    await page.evaluate(`${element}.setAttribute('temperature', 0)`);
    await page.evaluate(`${element}.setAttribute('max-tokens', ${maxTokens})`);
    expect(await fetched()).toBe(false);
    for (const [folder, variant] of [
      ['shakespeare-mamba2-1m', 'int4-rtn'],
      ['shakespeare-deltanet-1m', 'dense-f32'],
      ['shakespeare-hybrid-1m', 'dense-f32'],
    ] as const) {
      await page.evaluate(
        `(() => { const choice = document.querySelector('#model'); choice.value = 'models/${folder}';
          choice.dispatchEvent(new Event('change')); })()`,
      );
      await page.evaluate(inElement(`.querySelector('select').value = '${variant}'`));
      await press(page);
      await page.until(says('Writing'), `${folder} to begin`);
      await page.until(says('Done'), `${folder} to end`);
      const want = await writeInNode(variant, folder);
      expect(await page.evaluate(inElement(".querySelector('.written').textContent"))).toBe(want.text);
      expect(await fetched()).toBe(true);
    }
    await resize(page, 360);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.close();
  });

  test('it stops when told, says that the device was lost, and begins anew', async () => {
    const page = await chromium.open(
      address,
      `const request = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...args) { return (window.device = await request.apply(this, args)); };`,
    );
    const text = inElement(".querySelector('.written').textContent.length > 8");
    await press(page);
    await page.until(text, 'some text');
    expect(await shown(page, 'button')).toBe('Stop');
    await press(page);
    await page.until(says('Stopped after'), 'the stop');
    expect(await shown(page, 'button')).toBe('Write');
    await page.evaluate('device.destroy()');
    await page.until(says('It did not work'), 'the complaint');
    expect(await shown(page, '.problem')).toMatch(
      /^The graphics device was lost\. Press Write to open it again\./,
    );
    await press(page);
    await page.until(text, 'text from the new device');
    expect(await shown(page, '.problem')).toBe('');
    await page.close();
  });

  const failures = [
    {
      name: 'a browser without WebGPU',
      before: "Object.defineProperty(Navigator.prototype, 'gpu', { value: undefined });",
      sentence:
        'This browser has no WebGPU here, which the model runs on. Use a current Chrome, Edge, Firefox or Safari, over https.',
      detail: '[openDevice] this page has no WebGPU;',
    },
    {
      name: 'a machine without an adapter',
      before: 'GPU.prototype.requestAdapter = async () => null;',
      sentence:
        'This browser found no graphics adapter to run on. Check that hardware acceleration is switched on.',
      detail: '[openDevice] WebGPU found no adapter;',
    },
    {
      name: 'a device without memory',
      before: "GPUDevice.prototype.createBuffer = () => { throw new RangeError('no room'); };",
      sentence:
        'The graphics device has too little memory left. Close other pages, or choose a smaller variant.',
      detail: 'bytes could not be allocated (no room)',
    },
    {
      name: 'a model that is not there',
      prepare: "document.querySelector('tilewright-model').setAttribute('src', 'models/none')",
      sentence: 'There is no model at {address}models/none: config.json is missing.',
      detail: '[config.json] there is no such file in {address}models/none/;',
    },
    {
      name: 'a variant that does not exist',
      prepare: "document.querySelector('tilewright-model').setAttribute('variant', 'int5')",
      sentence: 'The model cannot write with these settings.',
      detail: "[tilewright-model] there is no variant 'int5'; the variants are dense-f32, ",
    },
    {
      name: 'a prompt that is too long',
      prepare: inElement(".querySelector('textarea').value = 'Thou art '.repeat(200)"),
      sentence: 'The model cannot write with these settings.',
      detail: '[generate] the prompt has ',
    },
  ];
  test.each(failures)('$name is said in a sentence', async ({ before, prepare, sentence, detail }) => {
    const page = await chromium.open(address, before);
    if (prepare !== undefined) await page.evaluate(prepare);
    await press(page);
    await page.until(says('It did not work'), 'the complaint');
    const [first, ...rest] = (
      await page.evaluate<string>(inElement(".querySelector('.problem').textContent"))
    ).split('What the library says');
    expect(first).toBe(sentence.replace('{address}', address));
    expect(rest.join()).toContain(detail.replace('{address}', address));
    expect(await shown(page, 'button')).toBe('Write');
    await page.close();
  });

  test('every control has a name for those who cannot see it', async () => {
    const page = await chromium.open(address);
    const { nodes } = await page.command('Accessibility.getFullAXTree');
    const named = (nodes as { role?: { value: string }; name?: { value: string } }[]).map(
      ({ role, name }) => `${role?.value} ${name?.value}`,
    );
    for (const each of ['combobox Variant', 'spinbutton Temperature', 'spinbutton Seed', 'textbox Beginning'])
      expect(named).toContain(each);
    expect(named).toContain('button Write');
    expect(named).toContain('region Text');
    await page.close();
  });
});
