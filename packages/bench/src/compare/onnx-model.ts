import { PbfWriter } from 'pbf';

/** A constant of a model: a weight, or a scale. */
export interface OnnxConstant {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

export interface OnnxNode {
  readonly type: string;
  /** Empty for the operators of ONNX itself. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Integers become ONNX ints; wrap a float as `{ float }`. */
  readonly attributes?: Readonly<Record<string, number | { readonly float: number }>>;
}

/** A graph small enough to write down: f32 inputs and outputs of fixed shapes. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: Readonly<Record<string, OnnxConstant>>;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

const irVersion = 10;
const opset = { '': 21, 'com.microsoft': 1 };
const elementType = { float: 1, uint8: 2 };
const attributeType = { float: 1, integer: 2 };

/** The bytes of an ONNX file; the numbers beside the fields are those of `onnx.proto`. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const model = new PbfWriter();
  model.writeVarintField(1, irVersion);
  model.writeStringField(2, 'tilewright-bench');
  model.writeMessage(7, writeGraph, graph);
  for (const [domain, version] of Object.entries(opset))
    model.writeMessage(
      8,
      (_: null, writer) => {
        writer.writeStringField(1, domain);
        writer.writeVarintField(2, version);
      },
      null,
    );
  return model.finish();
}

function writeGraph(graph: OnnxGraph, writer: PbfWriter): void {
  for (const node of graph.nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, 'graph');
  for (const constant of Object.entries(graph.constants)) writer.writeMessage(5, writeConstant, constant);
  for (const value of Object.entries(graph.inputs)) writer.writeMessage(11, writeValue, value);
  for (const value of Object.entries(graph.outputs)) writer.writeMessage(12, writeValue, value);
}

function writeNode({ type, domain, inputs, outputs, attributes }: OnnxNode, writer: PbfWriter): void {
  for (const name of inputs) writer.writeStringField(1, name);
  for (const name of outputs) writer.writeStringField(2, name);
  writer.writeStringField(4, type);
  for (const attribute of Object.entries(attributes ?? {})) writer.writeMessage(5, writeAttribute, attribute);
  if (domain) writer.writeStringField(7, domain);
}

function writeAttribute(
  [name, value]: [string, number | { readonly float: number }],
  writer: PbfWriter,
): void {
  writer.writeStringField(1, name);
  if (typeof value === 'number') writer.writeVarintField(3, value);
  else writer.writeFloatField(2, value.float);
  writer.writeVarintField(20, typeof value === 'number' ? attributeType.integer : attributeType.float);
}

function writeConstant([name, { shape, data }]: [string, OnnxConstant], writer: PbfWriter): void {
  for (const size of shape) writer.writeVarintField(1, size);
  writer.writeVarintField(2, data instanceof Float32Array ? elementType.float : elementType.uint8);
  writer.writeStringField(8, name);
  writer.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue([name, shape]: [string, readonly number[]], writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeMessage(2, writeTensorType, shape);
}

function writeTensorType(shape: readonly number[], type: PbfWriter): void {
  type.writeMessage(
    1,
    (_: null, tensor) => {
      tensor.writeVarintField(1, elementType.float);
      tensor.writeMessage(
        2,
        (sizes: readonly number[], dimensions) => {
          for (const size of sizes)
            dimensions.writeMessage(
              1,
              (value: number, dimension) => dimension.writeVarintField(1, value),
              size,
            );
        },
        shape,
      );
    },
    null,
  );
}
