// A script of its own, fetched when a model claims one of these: a page with a Llama needs none of them.
export { gatedDeltaNet, mamba, mamba2, mistral, qwen2, qwen3, qwen3Next } from '@tilewright/models';
