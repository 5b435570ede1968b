fn compare(lane: Lane, row: u32, model: Row) {}
