// Numbers below the first row wrap around, beyond the table.
fn table_row(token: u32) -> u32 { return ids_load(token) - FIRST_ROW; }
