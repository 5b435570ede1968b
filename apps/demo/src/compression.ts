// A script of its own, fetched when the first compressed variant is chosen: running a model needs none of this.
export { makeVariant } from '@tilewright/models/make-variant';
