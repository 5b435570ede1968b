// The six lines of the README that write text, in a real browser: bundled as a page's bundler would, served with the model.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { openModelFolderAt } from '@tilewright/formats/node';
import { loadLanguageModel, openModel, writeText } from '@tilewright/models/all';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { findChromium, startChromium } from '../../apps/demo/src/test/chromium.ts';
import { root } from './files.mjs';
import { openTestDevice, testProfile } from './test-device.ts';

const example = readFileSync(join(root, 'docs/examples/write-text-page.mjs'), 'utf8');

test('the program of a page is in the README, and has six lines', () => {
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`\`\`\`js\n${example}\`\`\``);
  expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(6);
});

/** What the same model writes here. */
async function writtenHere(): Promise<string> {
  const { device, dispose } = await openTestDevice();
  const opened = await openModel(await openModelFolderAt(join(root, 'models/shakespeare-1m')));
  const model = await loadLanguageModel(device, opened);
  let text = '';
  for await (const piece of writeText(model, 'ROMEO:\n', { maxTokens: 60 })) text += piece;
  model.dispose();
  dispose();
  return text;
}

const chromium = findChromium();
// A page needs a browser; CI brings one.
test.skipIf(chromium === undefined || testProfile.compileOnly)(
  'the program of a page writes there what it writes here',
  async () => {
    const { outputFiles } = await build({
      stdin: { contents: `${example}\ndocument.title = 'done';\n`, resolveDir: join(root, 'tooling') },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: ['tilewright-source'],
      loader: { '.wgsl': 'text' },
      logLevel: 'silent',
    });
    const page = `<!doctype html><title>Page</title><body><script type="module">${outputFiles[0]!.text.replaceAll('</script', '<\\/script')}</script>`;
    const server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
      const file = join(root, path);
      if (path === '/') response.setHeader('content-type', 'text/html').end(page);
      else if (path.startsWith('/models/') && existsSync(file))
        response.setHeader('content-type', 'application/octet-stream').end(readFileSync(file));
      else response.writeHead(404).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const browser = await startChromium(chromium!);
    try {
      const opened = await browser.open(`http://localhost:${(server.address() as AddressInfo).port}/`);
      await opened.until("document.title === 'done'", 'the end of the text', 200_000);
      const text = await opened.evaluate<string>(
        "[...document.body.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join('')",
      );
      expect(text.length).toBeGreaterThan(60);
      expect(text).toBe(await writtenHere());
    } finally {
      await browser.close();
      server.close();
    }
  },
  240_000,
);
