// Sequences of any length, one after the other in one batch row: number s has the tokens `starts[s]` up to `starts[s + 1]`.

// `batch` is where its tokens lie, the first of them at `first`; `number` where its state does.
struct Sequence { number: u32, batch: u32, first: u32, count: u32 }

fn sequence_count() -> u32 { return params.sequences; }

fn start_of(number: u32) -> u32 { return min(starts_load(number), params.tokens); }

fn sequence_of(number: u32) -> Sequence {
  let first = start_of(number);
  return Sequence(number, 0u, first, max(start_of(number + 1u), first) - first);
}

// The number of the sequence that has a token of a batch row: the last that begins no later.
fn sequence_holding(batch: u32, token: u32) -> u32 {
  var low = 0u;
  var high = params.sequences;
  for (var turn = 0u; turn < 32u; turn++) {
    if (high - low <= 1u) { break; }
    let middle = (low + high) / 2u;
    if (start_of(middle) <= token) { low = middle; } else { high = middle; }
  }
  return low;
}
