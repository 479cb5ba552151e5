"""Plans: laying out, lanes, release; versioned templates lie beside."""
