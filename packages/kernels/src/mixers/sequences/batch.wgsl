// A sequence for each batch row.

// `batch` is where its tokens lie, the first of them at `first`; `number` where its state does.
struct Sequence { number: u32, batch: u32, first: u32, count: u32 }

fn sequence_count() -> u32 { return params.batch; }

fn sequence_of(number: u32) -> Sequence { return Sequence(number, number, 0u, params.tokens); }

// The number of the sequence that has a token of a batch row.
fn sequence_holding(batch: u32, token: u32) -> u32 { return batch; }
