// Chunks of CHUNK tokens from where each sequence begins. As many slots as there may be chunks: some are empty.

struct ChunkPlace { number: u32, chunk: u32 }

fn chunks_of(sequence: Sequence) -> u32 { return (sequence.count + CHUNK - 1u) / CHUNK; }

// A sequence before takes no more than its tokens over CHUNK and one more.
fn chunk_slot(number: u32, chunk: u32) -> u32 { return start_of(number) / CHUNK + number + chunk; }

// Of an empty slot the number is that of no sequence.
fn chunk_place(slot: u32) -> ChunkPlace {
  var low = 0u;
  var high = params.sequences;
  for (var turn = 0u; turn < 32u; turn++) {
    if (high - low <= 1u) { break; }
    let middle = (low + high) / 2u;
    if (chunk_slot(middle, 0u) <= slot) { low = middle; } else { high = middle; }
  }
  let chunk = slot - chunk_slot(low, 0u);
  return ChunkPlace(select(low, params.sequences, chunk >= chunks_of(sequence_of(low))), chunk);
}
