fn write_part(part: u32, index: u32, value: f32) { ids_store(part, index); }
