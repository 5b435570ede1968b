// Recurrent cells of ONNX: what all tokens say is one product of any weight, and what a state says to the next token one kernel.
import { type Expression, times } from '@tilewright/kernels';
import type { RecurrentCell } from '@tilewright/kernels/fillings';
import { recurrentCell } from '@tilewright/kernels/recurrent-cell';
import type { Attribute, AttributeDefinition, InputRole, Node, Operator } from '../../ir.ts';
import { isRead } from '../../graph-index.ts';
import { cast } from '../elements/cast.ts';
import { defineOperator } from '../operator.ts';
import { matMul } from '../products/mat-mul.ts';
import { dtypesOf } from '../requests.ts';
import { elementType, floats, inferredContext } from '../shapes.ts';
import { flatten } from '../shape/flatten.ts';
import { transpose } from '../shape/transpose.ts';
import { cellFormulas, type CellFunctions } from './cell-activations.ts';
import {
  matrices,
  type RecurrentAttributes,
  recurrentAttributes,
  recurrentSizes,
  recurrentTypes,
} from './recurrent-sizes.ts';
import { stateBindings, statesOf } from './states.ts';

/** A kind of cell, as an operator of ONNX has it. */
export interface RecurrentKind {
  readonly name: string;
  readonly gates: number;
  /** It has a second state, and peepholes. */
  readonly remembers: boolean;
  readonly functions: CellFunctions;
  /** Attributes beside those that all kinds have. */
  readonly attributes: Readonly<Record<string, AttributeDefinition>>;
  readonly cell: (
    attributes: Readonly<Record<string, Attribute>>,
    parts: {
      readonly activations: readonly Expression[];
      readonly bias: boolean;
      readonly peepholes: boolean;
    },
  ) => RecurrentCell;
}

const optional = (names: readonly string[]): readonly InputRole[] =>
  names.map((name) => ({ name, kind: 'optional' }));

const rolesOf = ({ remembers }: RecurrentKind): readonly InputRole[] =>
  optional(['B', 'sequence_lens', 'initial_h', ...(remembers ? ['initial_c', 'P'] : [])]);

const successorsOf = ({ remembers }: RecurrentKind): Readonly<Record<string, string>> => ({
  Y_h: 'initial_h',
  ...(remembers && { Y_c: 'initial_c' }),
});

const hiddenRoles = { initial: 'initial_h', final: 'Y_h' };
const memoryRoles = { initial: 'initial_c', final: 'Y_c' };

/** ONNX's FLOAT. */
const float = 1;

/** The recurrence alone: what tokens say to the gates comes in as `G`, of any kind of product. `result` is how Y is stored. */
export const defineRecurrence = (kind: RecurrentKind): Operator =>
  defineOperator({
    domain: 'tilewright',
    name: `${kind.name}Recurrence`,
    inputs: [{ name: 'G', kind: 'required' }, { name: 'R', kind: 'required' }, ...rolesOf(kind)],
    attributes: {
      ...recurrentAttributes,
      ...kind.attributes,
      result: { type: 'string', default: 'f32', choices: ['f32', 'f16'] },
    },
    successors: successorsOf(kind),
    infer: (context) => {
      const known = {
        ...context,
        attributes: context.attributes as unknown as RecurrentAttributes,
      };
      const sizes = recurrentSizes(known, kind.gates, 'G');
      const dtype = context.attributes.result as 'f32' | 'f16';
      return recurrentTypes(known, sizes, dtype, kind.remembers);
    },
    lower: (node, context) => {
      const attributes = node.attributes as unknown as RecurrentAttributes;
      const { G, R, B, P, sequence_lens: lengths } = node.inputs;
      const { batch, tokens, directions, hidden } = recurrentSizes(
        { ...inferredContext(node, context), attributes },
        kind.gates,
        'G',
      );
      const states = statesOf(node, context, hiddenRoles);
      const memory = kind.remembers ? statesOf(node, context, memoryRoles) : 'off';
      const sequence = isRead(context, node.outputs.Y);
      const bindings = {
        g: G!,
        r: R!,
        ...(lengths && { lengths }),
        ...(B && { 'cell.bias': B }),
        ...(P && { 'cell.peepholes': P }),
        ...(sequence && { y: node.outputs.Y! }),
        ...stateBindings(node, states, hiddenRoles, {
          initial: 'initial',
          final: 'final',
        }),
        ...(memory !== 'off' &&
          stateBindings(node, memory, memoryRoles, {
            initial: 'initial_memory',
            final: 'final_memory',
          })),
      };
      const activations = cellFormulas(node.name, attributes, kind.functions, directions);
      return {
        kernels: [recurrentCell],
        problem: {
          axes: {
            batch: context.planned(batch),
            tokens: context.planned(tokens),
            directions,
            gates: kind.gates,
            hidden,
          },
          dtypes: dtypesOf(context, bindings),
          options: {
            layout: attributes.layout === 1 ? 'batch first' : 'time first',
            lengths: lengths !== undefined,
            reverse: attributes.direction === 'reverse',
            sequence,
            states,
            memory,
          },
          slots: {
            cell: kind.cell(node.attributes, {
              activations,
              bias: B !== undefined,
              peepholes: P !== undefined,
            }),
          },
        },
        bindings,
        sizes: { batch, tokens },
        flops: times(times(batch, tokens), 2 * directions * kind.gates * hidden * hidden),
      };
    },
  });

/** The operator of ONNX: the product, then the recurrence. */
export const defineRecurrent = (kind: RecurrentKind, recurrence: Operator): Operator =>
  defineOperator({
    domain: '',
    name: kind.name,
    inputs: [
      { name: 'X', kind: 'required' },
      { name: 'W', kind: 'required' },
      { name: 'R', kind: 'required' },
      ...rolesOf(kind),
    ],
    attributes: { ...recurrentAttributes, ...kind.attributes },
    successors: successorsOf(kind),
    infer: (context) => {
      const attributes = context.attributes as unknown as RecurrentAttributes;
      const known = { ...context, attributes };
      const { subject, inputs } = context;
      const { X, W } = inputs;
      const sizes = recurrentSizes(known, kind.gates, 'X');
      elementType(subject, 'W', W!, floats);
      matrices(known, 'W', [sizes.directions, kind.gates * sizes.hidden, X!.shape[2]!]);
      cellFormulas(subject, attributes, kind.functions, sizes.directions);
      return recurrentTypes(known, sizes, X!.dtype, kind.remembers);
    },
    expand: (node, { values }) => {
      const { X, W, ...others } = node.inputs as Record<string, string> & {
        X: string;
        W: string;
      };
      const nodes: Node[] = [];
      const put = (
        part: string,
        operator: Operator,
        [role, value]: readonly [string, string],
        output: string,
        attributes: Readonly<Record<string, Attribute>>,
      ): string => {
        const name = `${node.name}.${part}`;
        nodes.push({
          name,
          operator,
          inputs: { [role]: value },
          outputs: { [output]: name },
          attributes,
        });
        return name;
      };
      // What f16 sums of gates lose, states would keep.
      const asFloat = (value: string, part: string): string =>
        values[value]!.dtype === 'f32' ? value : put(part, cast, ['input', value], 'output', { to: float });
      const x = asFloat(X, 'x');
      let w = asFloat(W, 'w');
      if (values[W]!.shape.length === 3) w = put('rows', flatten, ['input', w], 'output', { axis: 2 });
      const turned = put('turned', transpose, ['data', w], 'transposed', {});
      const G = `${node.name}.gates`;
      return [
        ...nodes,
        {
          name: G,
          operator: matMul,
          inputs: { A: x, B: turned },
          outputs: { Y: G },
          attributes: {},
        },
        {
          name: node.name,
          operator: recurrence,
          inputs: { G, ...others },
          outputs: node.outputs,
          attributes: { ...node.attributes, result: values[X]!.dtype },
        },
      ];
    },
  });
