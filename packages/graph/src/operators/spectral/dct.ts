import { factorBack, factorFront, type ElementOrder } from '@tilewright/kernels/fillings';
import type { InferContext, LoweringContext, Operator } from '../../ir.ts';
import { defineOperator } from '../operator.ts';
import { badNode, elementType, floats, inferredContext } from '../shapes.ts';
import { axisSize, isEmpty } from './axis-lines.ts';
import { checkLength, fourierRequest } from './fourier-request.ts';

/**
 * Discrete cosine transforms of types 1 to 4 along an axis, as of scipy.fft.dct: `x` of any rank in f32 or f16, `y` likewise. `norm` `backward`
 * (default) is that of the sums, with `ortho` the matrices are orthogonal; `inverse` 1 is the inverse of the same type and norm. By a Fourier
 * transform of as many points (Makhoul 1980), of twice as many for type 4 and of 2(n − 1) for type 1, which takes n ≥ 2.
 */
export const dct: Operator = /* @__PURE__ */ defineOperator({
  domain: 'tilewright',
  name: 'Dct',
  inputs: [{ name: 'x', kind: 'required' }],
  attributes: {
    type: { type: 'integer', default: 2, choices: [1, 2, 3, 4] },
    axis: { type: 'integer', default: -1 },
    norm: { type: 'string', default: 'backward', choices: ['backward', 'ortho'] },
    inverse: { type: 'integer', default: 0, choices: [0, 1] },
  },
  infer: (context) => {
    elementType(context.subject, 'x', context.inputs.x!, floats);
    sizesOf(context);
    return { y: context.inputs.x! };
  },
  lower: (node, context) => {
    const { norm, inverse } = node.attributes;
    if (isEmpty(context, node.outputs.y!)) return undefined;
    const { axis, count, points, kind } = sizesOf(inferredContext(node, context));
    const ortho = norm === 'ortho';
    // Of the sums: type 1 has 2(n − 1) times an orthogonal matrix squared, the others 2n.
    const square = 2 * (kind === 1 ? count - 1 : count);
    const form = forms[kind]!(count, ortho);
    const factors = (side: 'front' | 'back', of: (n: number) => readonly [number, number]): string =>
      context.arranged(`factors of dct ${kind}, ${side} of ${count}, ${norm}`, [count, 2], () =>
        Float32Array.from({ length: 2 * count }, (_, i) => of(i >> 1)[i % 2]!),
      );
    return fourierRequest(
      {
        x: node.inputs.x!,
        y: node.outputs.y!,
        axis,
        size: points,
        from: 'real',
        to: 'real',
        hasParts: false,
        inverse: kind === 3,
        isRound: false,
        scale: ortho ? 1 / Math.sqrt(square) : inverse === 1 ? 1 / square : 1,
        slots: { front: factorFront(form.taken), back: factorBack(form.stored) },
        bindings: {
          'front.factors': factors('front', form.front),
          'back.factors': factors('back', form.back),
        },
      },
      context,
    );
  },
});

/** A cosine transform as a Fourier transform: orders of elements, and factors in front and behind, of which real parts are kept. */
interface CosineForm {
  readonly taken: ElementOrder;
  readonly stored: ElementOrder;
  readonly front: (n: number) => readonly [re: number, im: number];
  readonly back: (k: number) => readonly [re: number, im: number];
}

const turn = (size: number, angle: number): readonly [number, number] => [
  size * Math.cos(angle),
  size * Math.sin(angle),
];

/** By type; `ortho` moves √2 to the ends. */
const forms: Readonly<Record<number, (count: number, ortho: boolean) => CosineForm>> = {
  1: (count, ortho) => {
    const end = (n: number): boolean => ortho && (n === 0 || n === count - 1);
    return {
      taken: 'folded',
      stored: 'own',
      front: (n) => [end(n) ? Math.SQRT2 : 1, 0],
      back: (k) => [end(k) ? Math.SQRT1_2 : 1, 0],
    };
  },
  2: (count, ortho) => ({
    taken: 'interleaved',
    stored: 'own',
    front: () => [1, 0],
    back: (k) => turn(ortho && k === 0 ? Math.SQRT2 : 2, (-Math.PI * k) / (2 * count)),
  }),
  3: (count, ortho) => ({
    taken: 'own',
    stored: 'interleaved',
    front: (n) => turn(n > 0 ? 2 : ortho ? Math.SQRT2 : 1, (Math.PI * n) / (2 * count)),
    back: () => [1, 0],
  }),
  4: (count) => ({
    taken: 'own',
    stored: 'own',
    front: (n) => turn(1, (-Math.PI * n) / (2 * count)),
    back: (k) => turn(2, (-Math.PI * (2 * k + 1)) / (4 * count)),
  }),
};

interface Attributes {
  readonly type: number;
  readonly axis: number;
  readonly inverse: number;
}

/** The axis, its size, the points of the Fourier transform, and the type that is computed: an inverse is one of another type. */
function sizesOf(context: InferContext<Attributes> | (LoweringContext & InferContext<Attributes>)): {
  readonly axis: number;
  readonly count: number;
  readonly points: number;
  readonly kind: number;
} {
  const { subject, attributes } = context;
  const { type, inverse } = attributes;
  const [axis, count] = axisSize(context, 'x', attributes.axis);
  if (type === 1 && count === 1) throw badNode(subject, 'an axis has 1 element', 'type 1 needs two or more');
  const kind = inverse === 1 ? [1, 3, 2, 4][type - 1]! : type;
  const points = kind === 1 ? 2 * (count - 1) : kind === 4 ? 2 * count : count;
  if (count > 0) checkLength(subject, points);
  return { axis, count, points, kind };
}
