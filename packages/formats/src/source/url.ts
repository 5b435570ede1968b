import {
  checkOptions,
  having,
  optional,
  type OptionKind,
  textsByName,
  TilewrightError,
} from '@tilewright/kernels';
import { badFile } from '../bad-file.ts';
import { bytesSource, exactly, type ByteSource } from './source.ts';

export interface UrlOptions {
  /** Sent with every request, for instance `{ authorization: 'Bearer …' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends requests under way, and later ones, with code `aborted`. */
  readonly signal?: AbortSignal;
}

export const urlKinds = (): Readonly<Record<keyof UrlOptions, OptionKind>> => ({
  headers: optional(textsByName),
  signal: optional(having('an AbortSignal', 'aborted')),
});

export const address: OptionKind = {
  what: 'an address',
  accepts: (value) => (typeof value === 'string' && value !== '') || value instanceof URL,
};

/**
 * The first request asks for this much: enough for most safetensors headers, so opening is one round trip.
 */
const headBytes = 65_536;

/**
 * A source over HTTP byte ranges. A server that ignores ranges is read whole, into memory, once.
 * Throws `bad-file` where there is no such file or no answer, `aborted` by the signal.
 */
export async function urlSource(url: string | URL, options: UrlOptions = {}): Promise<ByteSource> {
  checkOptions('urlSource', { url }, { url: address });
  checkOptions('urlSource', options, urlKinds());
  const source = await openUrl(url, options);
  if (source === null) {
    throw badFile(
      String(url),
      'there is no such file',
      'the address must name a file, not a page',
      'check the address',
    );
  }
  return source;
}

/**
 * {@link urlSource}, but null for an address that has nothing: HTTP 404 and 410, and an HTML page, which is
 * what hosts of single-page apps answer with (status 200) for files they do not have.
 */
export async function openUrl(url: string | URL, options: UrlOptions): Promise<ByteSource | null> {
  const name = String(url);
  const response = await request(name, options, `bytes=0-${headBytes - 1}`);
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (response.status === 404 || response.status === 410 || (response.ok && isPage)) {
    await response.body?.cancel();
    return null;
  }
  if (response.status === 416) {
    // The answer to any range of an empty file.
    await response.body?.cancel();
    return bytesSource(new Uint8Array(0), name);
  }
  if (response.status === 200) return bytesSource(await body(response, Infinity, name, options), name);
  if (response.status !== 206) throw badStatus(name, response);
  const range = contentRange(response);
  if (range === null || range.start !== 0) {
    // Across origins the header is hidden unless the server exposes it; the whole file can still be had.
    await response.body?.cancel();
    const whole = await request(name, options, null);
    if (whole.status !== 200) throw badStatus(name, whole);
    return bytesSource(await body(whole, Infinity, name, options), name);
  }
  const sizeBytes = range.size;
  const head = exactly(await body(response, headBytes, name, options), Math.min(headBytes, sizeBytes), name);
  return {
    name,
    sizeBytes,
    read: async (start, end) => {
      // An empty range cannot be asked for, so it is answered here as well.
      if (end <= head.byteLength || start === end) return head.subarray(start, end);
      const part = await request(name, options, `bytes=${start}-${end - 1}`);
      if (part.status !== 206) throw badStatus(name, part);
      const got = contentRange(part);
      if (got !== null && (got.start !== start || got.size !== sizeBytes)) {
        await part.body?.cancel();
        throw badFile(
          name,
          `the server sent byte ${got.start} of ${got.size} first, not ${start} of ${sizeBytes}`,
          'the file must not change while it is open',
          'open the file again',
        );
      }
      return exactly(await body(part, end - start, name, options), end - start, name);
    },
    close: () => Promise.resolve(),
  };
}

async function request(
  url: string,
  { headers, signal }: UrlOptions,
  range: string | null,
): Promise<Response> {
  try {
    return await fetch(url, {
      headers: range === null ? { ...headers } : { ...headers, range },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    throw lost(url, signal, cause);
  }
}

/**
 * The bytes of an answer; gathered as they come, so a server cannot make us allocate what it does not send.
 */
async function body(
  response: Response,
  maxBytes: number,
  url: string,
  { signal }: UrlOptions,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const step = await reader?.read();
      if (step === undefined || step.done) break;
      chunks.push(step.value);
      total += step.value.byteLength;
      if (total > maxBytes) break;
    }
  } catch (cause) {
    throw lost(url, signal, cause);
  }
  if (total > maxBytes) await reader?.cancel();
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function contentRange(response: Response): { readonly start: number; readonly size: number } | null {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const range = { start: Number(match?.[1]), size: Number(match?.[2]) };
  return Number.isSafeInteger(range.start) && Number.isSafeInteger(range.size) ? range : null;
}

function lost(url: string, signal: AbortSignal | undefined, cause: unknown): TilewrightError {
  const aborted = signal?.aborted ?? (cause instanceof Error && cause.name === 'AbortError');
  if (aborted) {
    return new TilewrightError(
      'aborted',
      { subject: url, problem: 'the download was aborted by its signal' },
      { cause },
    );
  }
  return badFile(
    url,
    'the download failed',
    'the server must answer, and across origins it must allow this page (CORS)',
    'check the address and the connection, then try again',
    cause,
  );
}

function badStatus(url: string, response: Response): TilewrightError {
  return badFile(
    url,
    `the server answered HTTP ${response.status}`,
    'the file, or the part asked for, was required',
    'check the address and the permission to read it',
  );
}
