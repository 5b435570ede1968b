import { type Expression, type Extent, expressionId, expressionWgsl } from '@tilewright/kernels';
import type { LoweringContext, Node, RegionStep } from '../../ir.ts';
import { printShape } from '../../extent/index.ts';
import { badNode } from '../shapes.ts';

/**
 * A formula of input roles as a step of an epilogue: the roles that read `argument` are what comes in, the others are rows of
 * `width` numbers or one number for each column. Throws `bad-graph` for other operands.
 */
export function pointwiseStep(
  node: Pick<Node, 'name' | 'inputs'>,
  expression: Expression,
  { argument, width }: { readonly argument: string; readonly width: number },
  { values }: Pick<LoweringContext, 'values'>,
): RegionStep {
  const { shape } = values[argument]!;
  const operands = Object.entries(node.inputs).filter(([, value]) => value !== argument);
  const kinds = operands.map(([role, value]) => ({
    role,
    value,
    kind: operandKind(node.name, role, values[value]!.shape, shape, width),
  }));
  const lanes = width % 4 === 0 ? 4 : 1;
  const incoming = Object.entries(node.inputs).flatMap(([role, value]) => (value === argument ? [role] : []));
  return {
    id: [expressionId(expression), width, incoming, ...kinds.map(({ role, kind }) => role + kind)].join(' '),
    kind: 'map',
    bindings: Object.fromEntries(
      kinds.map(({ role, value, kind }) => [
        role,
        {
          value,
          shape: kind === 'full' ? ['batch', 'm', width] : [width],
          dtype: 'float' as const,
          width: lanes,
        },
      ]),
    ),
    wgsl: (name, at) => {
      const { value, functions } = expressionWgsl(
        expression,
        (role) => (incoming.includes(role) ? 'v' : `o_${role}`),
        { prefix: `${name}_` },
      );
      const loads = kinds.map(
        ({ role, kind }) => `  let o_${role} = ${loadQuad(`${at(role)}_load`, kind, width)};`,
      );
      return `${functions}
fn ${name}(row: u32, column: u32, v: vec4<f32>) -> vec4<f32> {
${loads.join('\n')}
  return ${value};
}`;
    },
  };
}

function operandKind(
  subject: string,
  role: string,
  operand: readonly Extent[],
  shape: readonly Extent[],
  width: number,
): 'full' | 'column' {
  if (JSON.stringify(operand) === JSON.stringify(shape)) return 'full';
  const leading = operand.slice(0, -1);
  if (operand.at(-1) === width && shape.at(-1) === width && leading.every((size) => size === 1))
    return 'column';
  throw badNode(
    subject,
    `'${role}' has shape ${printShape(operand)}`,
    `it must be ${printShape(shape)}, or a number for each column`,
  );
}

function loadQuad(load: string, kind: 'full' | 'column', width: number): string {
  const start = kind === 'full' ? `row * ${width}u` : '0u';
  if (width % 4 === 0) return `${load}((${start} + column) / 4u)`;
  // The last quad reaches beyond the row: what is read there is not stored, and stays inside the tensor.
  const lanes = [0, 1, 2, 3].map((i) => `${load}(${start} + min(column + ${i}u, ${width - 1}u))`);
  return `vec4<f32>(${lanes.join(', ')})`;
}
