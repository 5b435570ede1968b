import { declaredShape } from './bindings.ts';
import type { Problem, TensorContract } from './contract.ts';

/** The axes of a contract tensor in a Problem with these options, in the order that its option names. */
export function shapeOf(tensor: TensorContract, options: Problem['options']): readonly string[] {
  const axes = declaredShape(tensor, options);
  const { order, flat, shape, shapeWhen, axesAs } = tensor;
  if (axesAs && options[axesAs[0]] === axesAs[1]) return axes.map((axis) => axesAs[2][axis] ?? axis);
  if (typeof order !== 'object' || flat) return axes;
  const letters = axes === shape ? order.letters : (shapeWhen?.[3] ?? '');
  // Packed batch rows have no axis of their own: an order that names them says nothing of it.
  const places = [...String(options[order.option]).replaceAll(' ', '')]
    .filter((letter) => letter !== 'b' || letters.includes('b'))
    .map((letter) => letters.indexOf(letter));
  // Digits mix axes, so that the shape stays as it is declared.
  const plain = places.length > 0 && !places.includes(-1) && new Set(places).size === places.length;
  return plain ? places.map((place) => axes[place]!) : axes;
}
