fn write_part(part: u32, index: u32, key: u32) { ids_store(part, index); }
