// `npm run demo`: bundles the page and serves it, with the shipped model, to this machine only.
//   --port NUMBER   default 8080; 0 takes any that is free
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { bundleDemo } from './bundle.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
};

/** The file an address names, or undefined: only what lies in these two folders is ever served. */
async function fileOf(pathname, page, models) {
  let path;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (path.includes('\0') || path.includes('\\')) return undefined;
  const isModel = path.startsWith('/models/');
  const top = await realpath(isModel ? models : page);
  const named = isModel ? path.slice('/models'.length) : path === '/' ? '/index.html' : path;
  try {
    const file = await realpath(join(top, named));
    return file.startsWith(top + sep) && (await stat(file)).isFile() ? file : undefined;
  } catch {
    return undefined;
  }
}

/** `{ start, end }` of a single range, `null` for none that is understood, `undefined` for one outside the file. */
function rangeOf(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start < size && start <= end ? { start, end } : undefined;
}

async function answer(request, response, page, models) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const file = await fileOf(request.url.replace(/[?#].*$/, ''), page, models);
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n');
    return;
  }
  const { size } = await stat(file);
  const range = rangeOf(request.headers.range, size);
  if (range === undefined) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.writeHead(range === null ? 200 : 206, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    // So that a page on another port may embed the element.
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'content-range',
    ...(range !== null && { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === 'HEAD' || size === 0) response.end();
  // A visitor who leaves in the middle is no error.
  else await pipeline(createReadStream(file, { start, end }), response).catch(() => response.destroy());
}

function portOf(text) {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`--port is '${text}'; it must be a number from 0 to 65535`);
}

try {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
  const port = portOf(values.port);
  const page = await bundleDemo();
  const models = resolve(import.meta.dirname, '../../models');
  const server = createServer((request, response) => {
    answer(request, response, page, models).catch(() => response.destroy());
  });
  server.on('error', (error) => {
    const taken = error.code === 'EADDRINUSE';
    console.error(
      taken
        ? `error: port ${port} is taken. Choose another: npm run demo -- --port ${port + 1}`
        : `error: ${error.message}`,
    );
    process.exitCode = 1;
  });
  server.listen(port, '127.0.0.1', () =>
    console.log(`The demo is at http://localhost:${server.address().port}/ (Ctrl+C ends it)`),
  );
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
