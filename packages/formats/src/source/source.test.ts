import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, rm, writeFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTilewrightError } from '@tilewright/kernels';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fileSource } from './file.ts';
import { blobSource, bytesSource, readText, type ByteSource } from './source.ts';
import { openUrl, urlSource } from './url.ts';

const content = Uint8Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);

async function failure(promise: Promise<unknown>): Promise<readonly [code: string, message: string]> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  return isTilewrightError(error) ? [error.code, error.message] : ['none', String(error)];
}

async function readsLikeTheContent(source: ByteSource): Promise<void> {
  expect(source.sizeBytes).toBe(content.length);
  for (const [start, end] of [
    [0, 8],
    [8, 65_536],
    [65_530, 65_540],
    [199_999, 200_000],
    [0, 200_000],
  ] as const) {
    expect(Buffer.compare(await source.read(start, end), content.subarray(start, end))).toBe(0);
  }
  await source.close();
}

describe('sources', () => {
  it('read memory', () => readsLikeTheContent(bytesSource(content)));
  it('read an ArrayBuffer', () => readsLikeTheContent(bytesSource(content.buffer)));
  it('read a Blob', () => readsLikeTheContent(blobSource(new Blob([content]))));

  it('call a File by its name', () => {
    expect(blobSource(new File([content], 'w.safetensors')).name).toBe('w.safetensors');
    expect(blobSource(new Blob([content])).name).toBe('blob');
  });

  it('refuse text above the limit before reading it', async () => {
    const source: ByteSource = {
      name: 'config.json',
      sizeBytes: 11,
      read: () => Promise.reject(new Error('read')),
      close: async () => {},
    };
    expect(await failure(readText(source, 10))).toEqual([
      'bad-file',
      '[config.json] the file has 11 bytes; a file of this kind has at most 10. Fix: check that it is the file it claims to be.',
    ]);
  });

  it('say when fewer bytes come than were asked for', async () => {
    expect(await failure(bytesSource(content, 'w').read(199_999, 200_010))).toEqual([
      'bad-file',
      '[w] 1 bytes came where 11 were asked for; the file must not change while it is open. Fix: open the file again.',
    ]);
  });
});

describe('files on disk', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tilewright-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read in pieces', async () => {
    const path = join(folder, 'content');
    await writeFile(path, content);
    await readsLikeTheContent(await fileSource(path));
  });

  it('must exist', async () => {
    const path = join(folder, 'nothing');
    expect(await failure(fileSource(path))).toEqual([
      'bad-file',
      `[${path}] there is no such file; the path must name a file. Fix: check the path.`,
    ]);
  });

  it('must be files', async () => {
    expect(await failure(fileSource(folder))).toEqual([
      'bad-file',
      `[${folder}] this is not a regular file; a file with a fixed length is required. Fix: check the path.`,
    ]);
  });

  it('must not lie below a file', async () => {
    const path = join(folder, 'plain');
    await writeFile(path, '');
    expect(await failure(fileSource(join(path, 'x')))).toEqual([
      'bad-file',
      `[${join(path, 'x')}] the file cannot be opened (ENOTDIR: it is said to lie in a file); it must lie in a folder. Fix: name the folder.`,
    ]);
  });

  it('must keep their length while they are open', async () => {
    const path = join(folder, 'shrinking');
    await writeFile(path, content);
    const source = await fileSource(path);
    await truncate(path, 10);
    expect(await failure(source.read(0, 100))).toEqual([
      'bad-file',
      `[${path}] 10 bytes came where 100 were asked for; the file must not change while it is open. Fix: open the file again.`,
    ]);
    await source.close();
  });
});

describe('addresses', () => {
  let server: Server;
  let url = '';
  let requests: (string | undefined)[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void = ranges;

  /** A server of byte ranges, as RFC 9110 has them; `change` bends one answer. */
  function ranges(request: IncomingMessage, response: ServerResponse): void {
    const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (match === null) return void response.writeHead(200).end(content);
    const [start, last] = [Number(match[1]), Math.min(Number(match[2]), content.length - 1)];
    response.writeHead(206, { 'content-range': `bytes ${start}-${last}/${content.length}` });
    response.end(content.subarray(start, last + 1));
  }

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(request.headers.range);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('no port');
    url = `http://127.0.0.1:${address.port}/w.safetensors`;
  });
  afterEach(() => {
    requests = [];
    answer = ranges;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('are read by ranges, and the head but once', async () => {
    await readsLikeTheContent(await urlSource(url));
    expect(requests).toEqual(['bytes=0-65535', 'bytes=65530-65539', 'bytes=199999-199999', 'bytes=0-199999']);
  });

  it('are read whole where the server knows no ranges', async () => {
    answer = (_, response) => void response.writeHead(200).end(content);
    await readsLikeTheContent(await urlSource(url));
    expect(requests).toHaveLength(1);
  });

  it('are read whole where the server hides the range', async () => {
    answer = (request, response) => {
      const ranged = request.headers.range !== undefined;
      response.writeHead(ranged ? 206 : 200).end(ranged ? content.subarray(0, 65_536) : content);
    };
    await readsLikeTheContent(await urlSource(url));
    expect(requests).toEqual(['bytes=0-65535', undefined]);
  });

  it('are read whole where the server claims a size beyond counting', async () => {
    answer = (request, response) => {
      if (request.headers.range === undefined) return void response.writeHead(200).end(content);
      response.writeHead(206, { 'content-range': `bytes 0-65535/${'9'.repeat(400)}` });
      response.end(content.subarray(0, 65_536));
    };
    await readsLikeTheContent(await urlSource(url));
  });

  it('give nothing where nothing is asked for', async () => {
    expect((await (await urlSource(url)).read(100_000, 100_000)).length).toBe(0);
    expect(requests).toHaveLength(1);
  });

  it('may be empty', async () => {
    answer = (_, response) => void response.writeHead(416, { 'content-range': 'bytes */0' }).end();
    expect((await urlSource(url)).sizeBytes).toBe(0);
  });

  it.each([
    ['404', (response: ServerResponse) => response.writeHead(404).end('no')],
    ['410', (response: ServerResponse) => response.writeHead(410).end('no')],
    [
      'a page',
      (response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'),
    ],
  ])('may have nothing: %s', async (_, respond) => {
    answer = (_request, response) => void respond(response);
    expect(await openUrl(url, {})).toBe(null);
    expect(await failure(urlSource(url))).toEqual([
      'bad-file',
      `[${url}] there is no such file; the address must name a file, not a page. Fix: check the address.`,
    ]);
  });

  it('send the headers they are given', async () => {
    let seen: string | undefined;
    answer = (request, response) => {
      seen = request.headers.authorization;
      ranges(request, response);
    };
    await urlSource(url, { headers: { authorization: 'Bearer x' } });
    expect(seen).toBe('Bearer x');
  });

  it('pass on a refusal', async () => {
    answer = (_, response) => void response.writeHead(403).end();
    expect(await failure(urlSource(url))).toEqual([
      'bad-file',
      `[${url}] the server answered HTTP 403; the file, or the part asked for, was required. Fix: check the address and the permission to read it.`,
    ]);
  });

  it('notice a file that changes', async () => {
    const source = await urlSource(url);
    answer = (_, response) =>
      void response
        .writeHead(206, { 'content-range': 'bytes 100000-100009/200001' })
        .end(content.subarray(0, 10));
    expect(await failure(source.read(100_000, 100_010))).toEqual([
      'bad-file',
      `[${url}] the server sent byte 100000 of 200001 first, not 100000 of 200000; the file must not change while it is open. Fix: open the file again.`,
    ]);
  });

  it('notice a server that forgets ranges, and do not take its whole file for the part', async () => {
    const source = await urlSource(url);
    answer = (_, response) => void response.writeHead(200).end(content);
    expect(await failure(source.read(100_000, 100_010))).toEqual([
      'bad-file',
      `[${url}] the server answered HTTP 200; the file, or the part asked for, was required. Fix: check the address and the permission to read it.`,
    ]);
  });

  it('stop a server that sends more than was asked for', async () => {
    const source = await urlSource(url);
    answer = (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 100000-100009/200000' });
      let left = 100;
      const pour = (): void => {
        if (left-- === 0) response.end();
        else if (!response.destroyed) response.write(content, () => setImmediate(pour));
      };
      pour();
    };
    const [code, message] = await failure(source.read(100_000, 100_010));
    expect(code).toBe('bad-file');
    const came =
      / (\d+) bytes came where 10 were asked for; the file must not change while it is open\. Fix: open the file again\.$/;
    expect(message).toMatch(came);
    // One network chunk at most beyond what was asked for, of 20 MB that the server would have sent.
    expect(Number(came.exec(message)?.[1])).toBeLessThan(1_000_000);
  });

  it('notice a connection that breaks', async () => {
    const source = await urlSource(url);
    answer = (_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 100000-199999/200000', 'content-length': 100_000 });
      response.write(content.subarray(0, 10), () => response.destroy());
    };
    expect(await failure(source.read(100_000, 200_000))).toEqual([
      'bad-file',
      `[${url}] the download failed; the server must answer, and across origins it must allow this page (CORS). Fix: check the address and the connection, then try again.`,
    ]);
  });

  it('fail clearly where no server is', async () => {
    const [code, message] = await failure(urlSource('http://127.0.0.1:9/x'));
    expect([code, message]).toEqual([
      'bad-file',
      '[http://127.0.0.1:9/x] the download failed; the server must answer, and across origins it must allow this page (CORS). Fix: check the address and the connection, then try again.',
    ]);
  });

  it('can be aborted', async () => {
    const controller = new AbortController();
    const source = await urlSource(url, { signal: controller.signal });
    answer = () => controller.abort();
    expect(await failure(source.read(100_000, 200_000))).toEqual([
      'aborted',
      `[${url}] the download was aborted by its signal.`,
    ]);
    expect(await failure(urlSource(url, { signal: controller.signal }))).toEqual([
      'aborted',
      `[${url}] the download was aborted by its signal.`,
    ]);
  });
});
