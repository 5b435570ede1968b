// Chunks of CHUNK tokens, those of a sequence side by side.

struct ChunkPlace { number: u32, chunk: u32 }

fn chunks_of(sequence: Sequence) -> u32 { return (sequence.count + CHUNK - 1u) / CHUNK; }

fn chunk_slot(number: u32, chunk: u32) -> u32 { return number * ((params.tokens + CHUNK - 1u) / CHUNK) + chunk; }

fn chunk_place(slot: u32) -> ChunkPlace {
  let count = (params.tokens + CHUNK - 1u) / CHUNK;
  return ChunkPlace(slot / count, slot % count);
}
