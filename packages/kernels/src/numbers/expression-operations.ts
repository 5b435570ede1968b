// The operations of elementwise formulas in WGSL; expression-reference.ts has them in f64. Every form is finite wherever its result
// is: WGSL lets exp and tanh overflow, so arguments are made negative or clamped first. NaN stays NaN: what WGSL says
// nothing of (`min`, `clamp`, `exp`: SwiftShader's exp of NaN is infinite) is decided by the bits of the operands.

export type ExpressionOperation =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'abs'
  | 'min'
  | 'max'
  | 'clamp'
  | 'square'
  | 'reciprocal'
  | 'pow'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'rsqrt'
  | 'floor'
  | 'tanh'
  | 'sigmoid'
  | 'erf'
  | 'softplus'
  | 'relu'
  | 'relu2'
  | 'silu'
  | 'gelu'
  | 'gelu-tanh'
  | 'less'
  | 'less-equal'
  | 'equal'
  | 'select';

export interface Operation {
  /** Names of the operands, for function bodies. */
  readonly parameters: readonly string[];
  /** WGSL written in place; each operand appears once. Not where `body` is there and compilers might fold it. */
  readonly wgsl?: (...values: string[]) => string;
  /** The body of a function; `T` stands for the type, and `U` for the one of its bits. */
  readonly body?: (type: string, call: (operation: ExpressionOperation) => string) => string;
  /** Functions the body calls. */
  readonly calls?: readonly ExpressionOperation[];
}

/** `isNaN`: when two numbers have no result, told by their bits `i` and `j` and the same without signs, `p` and `q`. */
const infix = (symbol: string, isNaN: string, result = `bitcast<U>(a ${symbol} b)`): Operation => ({
  parameters: ['a', 'b'],
  wgsl: (a, b) => `(${a} ${symbol} ${b})`,
  body: () => `let i = bitcast<U>(a); let j = bitcast<U>(b); let p = i & ${magnitude}; let q = j & ${magnitude};
  return bitcast<T>(select(${result}, U(0x7fc00000u), (max(p, q) > ${infinity}) | (${isNaN})));`,
});
const builtin = (name: string, parameters: readonly string[]): Operation => ({
  parameters,
  wgsl: (...values) => `${name}(${values.join(', ')})`,
});
const written = (
  body: string | Operation['body'],
  calls: readonly ExpressionOperation[] = [],
): Operation => ({
  parameters: ['x'],
  body: typeof body === 'string' ? () => body : body!,
  calls,
});
const compare = (symbol: string): Operation => ({
  parameters: ['a', 'b'],
  body: () => `${mostOf(['a', 'b'])}
  return select(T(0.0), T(1.0), (a ${symbol} b) & (most <= ${infinity}));`,
});

const [magnitude, infinity] = ['U(0x7fffffffu)', 'U(0x7f800000u)'];
/** The result, or `x` where that is NaN: compilers may fold tests for it that are not on bits. */
const kept = (result: string, setup = ''): string =>
  `${setup}let bits = bitcast<U>(x);
  return bitcast<T>(select(bitcast<U>(${result}), bits, (bits & ${magnitude}) > ${infinity}));`;
/** `most`: the largest of the operands' bits without signs, beyond those of infinity where one is NaN. */
const mostOf = (parameters: readonly string[]): string =>
  `let most = ${parameters
    .map((name) => `(bitcast<U>(${name}) & ${magnitude})`)
    .reduce((all, bits) => `max(${all}, ${bits})`)};`;
/** The result of a builtin, or the sum of its operands where one of them is NaN. */
const keptOf = (name: string, parameters: readonly string[]): Operation => ({
  parameters,
  body: () =>
    `${mostOf(parameters)}
  return bitcast<T>(select(bitcast<U>(${name}(${parameters.join(', ')})), bitcast<U>(${parameters.join(' + ')}), most > ${infinity}));`,
});
/** Of the sigmoid by which gelu's tanh approximation is written. */
export const geluTanhSlope: number = 2 * Math.sqrt(2 / Math.PI);

// erfc(z) exp(z²) / t as a polynomial in t = 1 / (1 + z/2), fitted for z in [0, 10]: 5e-8 of the value.
const erfcCoefficients = [
  0.2820866107940674, 0.28237172961235046, 0.2431328445672989, 0.2025594711303711, -0.026295742020010948,
  0.2775476574897766, -0.48671185970306396, 0.28432372212409973, -0.0590144619345665,
];
// The even part of artanh(s) / s, for ln(1 + e) = 2 artanh(e / (2 + e)): WGSL's log is only good to 2^-21 near 1.
const artanhCoefficients = Array.from({ length: 9 }, (_, i) => 1 / (2 * i + 1));

const horner = (coefficients: readonly number[], variable: string): string =>
  coefficients.reduceRight((inner, each) => {
    const constant = `T(${Math.fround(each)})`;
    return inner === '' ? constant : `(${inner} * ${variable} + ${constant})`;
  }, '');

export const expressionOperations: Readonly<Record<ExpressionOperation, Operation>> = {
  add: infix('+', `(p == ${infinity}) & ((i ^ j) == U(0x80000000u))`),
  sub: infix('-', `(p == ${infinity}) & (i == j)`),
  mul: infix('*', `(max(p, q) == ${infinity}) & (min(p, q) == U(0u))`),
  div: infix(
    '/',
    `(p == q) & ((p == U(0u)) | (p == ${infinity}))`,
    `select(bitcast<U>(a / b), ((i ^ j) & U(0x80000000u)) | ${infinity}, q == U(0u))`,
  ),
  neg: { parameters: ['x'], wgsl: (x) => `(-${x})` },
  abs: builtin('abs', ['x']),
  min: keptOf('min', ['a', 'b']),
  max: keptOf('max', ['a', 'b']),
  clamp: keptOf('clamp', ['x', 'low', 'high']),
  square: written('return x * x;'),
  reciprocal: { parameters: ['x'], body: () => 'return T(1.0) / x;' },
  /** Of a base that is not negative; WGSL defines no other. */
  pow: keptOf('pow', ['x', 'exponent']),
  exp: written(kept('exp(x)')),
  /** NaN below 0: the bits of all negative numbers but -0, and those of NaN, are above those of infinity. */
  log: written(
    `let bits = bitcast<U>(x);
  return bitcast<T>(select(bitcast<U>(log(x)), bits | U(0x7fc00000u), (bits > ${infinity}) & (bits != U(0x80000000u))));`,
  ),
  sqrt: builtin('sqrt', ['x']),
  rsqrt: builtin('inverseSqrt', ['x']),
  floor: builtin('floor', ['x']),
  tanh: written(kept('sign(x) * (T(1.0) - e) / (T(1.0) + e)', 'let e = exp(T(-2.0) * abs(x)); ')),
  sigmoid: written(kept('select(e, T(1.0), x >= T(0.0)) / (T(1.0) + e)', 'let e = exp(-abs(x)); ')),
  erf: written(
    kept(
      `sign(x) * (T(1.0) - t * ${horner(erfcCoefficients, 't')} * exp(-z * z))`,
      'let z = min(abs(x), T(10.0)); let t = T(1.0) / (T(1.0) + T(0.5) * z);\n  ',
    ),
  ),
  softplus: written(
    kept(
      `max(x, T(0.0)) + T(2.0) * s * ${horner(artanhCoefficients, 'q')}`,
      'let e = exp(-abs(x)); let s = e / (T(2.0) + e); let q = s * s;\n  ',
    ),
  ),
  relu: written(kept('max(x, T(0.0))')),
  /** relu(x)². */
  relu2: written(kept('y * y', 'let y = max(x, T(0.0)); ')),
  silu: written((_, call) => `return x * ${call('sigmoid')}(x);`, ['sigmoid']),
  /** x · Φ(x), from erfc so that its negative tail keeps its relative accuracy. */
  gelu: written(
    `let z = min(abs(x) * T(${Math.SQRT1_2}), T(10.0)); let t = T(1.0) / (T(1.0) + T(0.5) * z);
  let tail = T(0.5) * t * ${horner(erfcCoefficients, 't')} * exp(-z * z);
  return x * select(tail, T(1.0) - tail, x >= T(0.0));`,
  ),
  /** The tanh approximation of gelu, written with a sigmoid; beyond ±20 the factor is 0 or 1. */
  'gelu-tanh': written(
    (_, call) => `let c = clamp(x, T(-20.0), T(20.0));
  return x * ${call('sigmoid')}(T(${geluTanhSlope}) * c * (T(1.0) + T(0.044715) * c * c));`,
    ['sigmoid'],
  ),
  /** 1 where the comparison holds, else 0. */
  less: compare('<'),
  'less-equal': compare('<='),
  equal: compare('=='),
  /** The second operand where the first is not 0 (NaN is not), else the third. */
  select: {
    parameters: ['condition', 'a', 'b'],
    body: () => `return select(b, a, (bitcast<U>(condition) & ${magnitude}) != U(0u));`,
  },
};
