// How an operator is written down: one annotated call whose arguments call nothing, so that bundlers drop what no graph has.
import type { Extent } from '@tilewright/kernels';
import type { Contents } from '../extent/index.ts';
import type {
  Absorption,
  AttributeDefinition,
  GraphContext,
  HostContext,
  InferContext,
  InputRole,
  KernelRequest,
  LoweringContext,
  Node,
  Operator,
  Slot,
  ValueType,
  ViewDefinition,
} from '../ir.ts';

export type AttributeDefinitions = Readonly<Record<string, AttributeDefinition>>;

interface TypeOf {
  readonly number: number;
  readonly integer: number;
  readonly string: string;
  readonly numbers: readonly number[];
  readonly integers: readonly number[];
  readonly strings: readonly string[];
  readonly extent: Extent;
}

/** Complete attributes, typed by their definitions. */
export type AttributesOf<Definitions extends AttributeDefinitions> = {
  readonly [Name in keyof Definitions]:
    | TypeOf[Definitions[Name]['type']]
    | (Definitions[Name] extends { readonly default: null } ? null : never);
};

/** An operator as its author writes it: functions get attributes that are complete and typed. */
export interface OperatorDefinition<Definitions extends AttributeDefinitions> {
  readonly domain: '' | 'tilewright' | (string & {});
  readonly name: string;
  readonly inputs: readonly InputRole[];
  readonly attributes?: Definitions;
  readonly inPlace?: Readonly<Record<string, string>>;
  readonly successors?: Readonly<Record<string, string>>;
  readonly product?: Operator['product'];
  readonly columnScale?: Operator['columnScale'];
  readonly groupwise?: Operator['groupwise'];
  readonly slots?: Readonly<Record<string, Slot>>;
  readonly absorption?: Absorption<AttributesOf<Definitions>>;
  readonly infer: (context: InferContext<AttributesOf<Definitions>>) => Readonly<Record<string, ValueType>>;
  readonly fold?: (
    context: InferContext<AttributesOf<Definitions>>,
  ) => Readonly<Record<string, Contents | undefined>>;
  readonly view?: ViewDefinition<AttributesOf<Definitions>>;
  readonly lower?: (
    node: Node<AttributesOf<Definitions>>,
    context: LoweringContext,
  ) => KernelRequest | undefined;
  readonly host?: (context: HostContext<AttributesOf<Definitions>>) => Readonly<Record<string, Uint32Array>>;
  readonly place?: (
    node: Node<AttributesOf<Definitions>>,
    ...place: Parameters<NonNullable<Operator['place']>> extends [Node, ...infer Rest] ? Rest : never
  ) => ReturnType<NonNullable<Operator['place']>>;
  readonly expand?: (
    node: Node<AttributesOf<Definitions>>,
    context: GraphContext,
  ) => readonly Node[] | undefined;
}

/** Makes an operator from its definition. Call sites carry a pure annotation. */
export function defineOperator<const Definitions extends AttributeDefinitions = Record<never, never>>(
  definition: OperatorDefinition<Definitions>,
): Operator {
  const { domain, name } = definition;
  // Attributes are complete wherever the functions are called from: see `inferNode` and `completeNode`.
  const operator = definition as unknown as Omit<Operator, 'id' | 'attributes'>;
  return Object.freeze({ attributes: {}, ...operator, id: domain === '' ? name : `${domain}.${name}` });
}
