/**
 * Who can do something about it: `unavailable` (this device cannot; a fallback may), `invalid` (the caller asked
 * wrongly), `internal` (our bug).
 */
export type ErrorFamily = 'unavailable' | 'invalid' | 'internal';

export type ErrorCode =
  | 'no-adapter'
  | 'missing-feature'
  | 'limit-exceeded'
  | 'no-variant'
  | 'device-lost'
  | 'out-of-memory'
  | 'missing-dependency'
  | 'bad-argument'
  | 'bad-shape'
  | 'bad-dtype'
  | 'bad-format'
  | 'bad-file'
  | 'bad-model'
  | 'bad-graph'
  | 'not-finite'
  | 'disposed'
  | 'aborted'
  | 'shader-error'
  | 'wrong-result'
  | 'invariant';

/** Of the codes that are not `invalid`. */
const families: Readonly<Partial<Record<ErrorCode, ErrorFamily>>> = {
  'no-adapter': 'unavailable',
  'missing-feature': 'unavailable',
  'limit-exceeded': 'unavailable',
  'no-variant': 'unavailable',
  'device-lost': 'unavailable',
  'out-of-memory': 'unavailable',
  'missing-dependency': 'unavailable',
  'shader-error': 'internal',
  'wrong-result': 'internal',
  invariant: 'internal',
};

/** The four parts of every message: `[subject] problem; requirement. Fix: fix.` */
export interface ErrorParts {
  /** The kernel, file, tensor or function that speaks. */
  readonly subject: string;
  /** What is wrong, with the offending value. */
  readonly problem: string;
  /** What was required, and why. */
  readonly requirement?: string;
  /** What the caller can do about it. */
  readonly fix?: string;
}

const brand = Symbol.for('tilewright.error');

/** The one error class of the library. Recognise it with {@link isTilewrightError}, never by `instanceof`. */
export class TilewrightError extends Error {
  declare readonly code: ErrorCode;
  declare readonly subject: string;

  constructor(code: ErrorCode, parts: ErrorParts, options?: { readonly cause?: unknown }) {
    const { subject, problem, requirement, fix } = parts;
    super(
      `[${subject}] ${problem}${requirement ? `; ${requirement}` : ''}.${fix ? ` Fix: ${fix}.` : ''}`,
      options,
    );
    Object.defineProperty(this, brand, { value: true });
    this.name = 'TilewrightError';
    this.code = code;
    this.subject = subject;
  }
}

/** True for errors of this library, also when two copies of it are loaded. */
export function isTilewrightError(value: unknown): value is TilewrightError {
  return typeof value === 'object' && value !== null && brand in value;
}

/** Of which family a code is. */
export const errorFamily = (code: ErrorCode): ErrorFamily => families[code] ?? 'invalid';
