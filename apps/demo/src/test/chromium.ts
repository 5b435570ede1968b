// Drives a headless Chromium over its DevTools pipe: https://chromedevtools.github.io/devtools-protocol/.
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A page that is open. */
export interface Page {
  /** The value of an expression, awaited; throws what it throws. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Polls until the expression is true; fails with `what` and what the page says by then. */
  until(expression: string, what: string, timeoutMs?: number): Promise<void>;
  command(method: string, params?: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface Chromium {
  /** Opens an address; `before` is a script that runs ahead of the page's own. */
  open(address: string, before?: string): Promise<Page>;
  close(): Promise<void>;
}

/** The browser named by CHROME_PATH, else the first that is installed; undefined where there is none. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env.CHROME_PATH ?? '', ...places].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** WebGPU on SwiftShader: the same on every machine, and it needs no GPU. */
const flags = [
  '--headless=new',
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
];

export async function startChromium(executable: string): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'tilewright-chromium-'));
  const env = { ...process.env };
  // These tests' own choice of a Vulkan driver is not for the browser, which brings its SwiftShader.
  delete env.VK_ICD_FILENAMES;
  delete env.VK_DRIVER_FILES;
  const child = spawn(executable, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const send = connect(child.stdio[3] as Writable, child.stdio[4] as Readable, exited);
  return {
    async open(address, before) {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const page = pageOf(
        (method, params) => send(method, params, String(sessionId)),
        async () => {
          await send('Target.closeTarget', { targetId });
        },
      );
      await page.command('Page.enable');
      if (before !== undefined)
        await page.command('Page.addScriptToEvaluateOnNewDocument', { source: before });
      await page.command('Page.navigate', { url: address });
      await page.until("location.href !== 'about:blank' && document.readyState === 'complete'", 'the page');
      return page;
    },
    async close() {
      await send('Browser.close').catch(() => child.kill('SIGKILL'));
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

type Send = (method: string, params?: object, sessionId?: string) => Promise<Record<string, unknown>>;

interface Answer {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** Commands go out and answers come back as JSON, each ended by a zero byte. */
function connect(output: Writable, input: Readable, exited: Promise<void>): Send {
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  let rest = '';
  input.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop()!;
    for (const message of messages) {
      const answer = JSON.parse(message) as Answer;
      if (answer.id === undefined) continue;
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    }
  });
  output.on('error', () => {});
  let gone = false;
  void exited.then(() => {
    gone = true;
    for (const settle of waiting.values()) settle({ error: { message: 'the browser has ended' } });
  });
  return async (method, params = {}, sessionId) => {
    if (gone) throw new Error(`${method}: the browser has ended`);
    const id = ++count;
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      output.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
    });
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result ?? {};
  };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

function pageOf(command: Page['command'], close: () => Promise<void>): Page {
  const evaluate = async <Value>(expression: string): Promise<Value> => {
    const answer = await command('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails: thrown } = answer as unknown as Evaluated;
    if (thrown) throw new Error(thrown.exception?.description ?? thrown.text);
    return result.value as Value;
  };
  return {
    evaluate,
    command,
    close,
    async until(expression, what, timeoutMs = 100_000) {
      const end = Date.now() + timeoutMs;
      while (!(await evaluate<boolean>(expression).catch(() => false))) {
        if (Date.now() > end) {
          const seen = await evaluate<string>(
            "['.status', '.problem'].map((part) => document.querySelector('tilewright-model').shadowRoot.querySelector(part).textContent).join(' ')",
          ).catch(String);
          throw new Error(`waited ${timeoutMs} ms in vain for ${what}; the page says: ${seen}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
